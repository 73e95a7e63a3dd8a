"""A mount has a target that is no absolute path.

Managers accept it, and every task is rejected: `invalid mount target, must be an absolute path`.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.pattern import pattern
from lblint.rules import rule
from lblint.rules._setting import entries
from lblint.stack import Stack

_ABSOLUTE = pattern(r"/|\{\{|[A-Za-z]:[\\/].|\\\\")


@rule(on=Stack, severity=Severity.WARNING, breaks=Breaks.DEPLOY, stage=Stage.TASKS, needs=("volumes",))
def check(stack: Stack) -> Iterator[Hit]:
    letters = {fault.place for fault in stack.faults if fault.kind == "volume.drive-letter"}
    for service in stack.services:
        for index, mount in entries(service.config, "volumes"):
            target = str(mount.get("target") or "")
            place = stack.place("services", service.key, "volumes", index)
            if _ABSOLUTE.match(target) is None and place not in letters:
                yield Hit(
                    place,
                    f'the mount target "{target}" is no absolute path: every task is rejected',
                    f"/{target.removeprefix('./')}" if target else "a `target` that begins with /",
                )
