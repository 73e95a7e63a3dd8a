"""Two mounts of a service have one target.

Managers compare the targets as texts, and refuse a service that has one twice; anonymous volumes count, too.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.rules._setting import entries
from lblint.stack import Stack


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE, needs=("volumes",))
def check(stack: Stack) -> Iterator[Hit]:
    for service in stack.services:
        targets: set[str] = set()
        for index, mount in entries(service.config, "volumes"):
            target = str(mount.get("target") or "")
            if target in targets:
                place = stack.place("services", service.key, "volumes", index)
                yield Hit(place, f"duplicate mount point: {target}", "a target of its own for each mount")
            targets.add(target)
