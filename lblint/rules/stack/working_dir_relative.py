"""The working directory of a service is no absolute path.

Managers accept it; no container can be created then: `the working directory is invalid, it needs to be an absolute
path`.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.pattern import pattern
from lblint.rules import rule
from lblint.stack import Stack

_ABSOLUTE = pattern(r"/|[A-Za-z]:[\\/]|\\\\")


@rule(on=Stack, severity=Severity.WARNING, breaks=Breaks.DEPLOY, stage=Stage.TASKS, needs=("working_dir",))
def check(stack: Stack) -> Iterator[Hit]:
    for service in stack.services:
        folder = str(service.config.get("working_dir") or "")
        if folder and _ABSOLUTE.match(folder) is None:
            from lblint.rules._mend import write

            place = stack.place("services", service.key, "working_dir")
            yield Hit(
                place,
                f'working_dir "{folder}" is no absolute path: every task is rejected',
                f"/{folder}",
                fixes=write(place, f"/{folder.removeprefix('./')}", safe=False),
            )
