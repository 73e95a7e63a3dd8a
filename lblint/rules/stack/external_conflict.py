"""An external object is given what only an object of the stack may have.

An external volume takes no driver, driver_opts or labels; `external.name` and `name` do not go together; a secret or
config has a driver or a file, not both. The client refuses the file.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.stack import Stack

_HELP = {
    "external.conflict": "one of them: the setting, or `external: true`",
    "external.two-names": "write `external: true` and `name`",
    "external.driver-and-file": "one of them",
}


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.CLIENT_BEFORE, needs=_HELP)
def check(stack: Stack) -> Iterator[Hit]:
    for fault in stack.faults:
        if fault.kind in _HELP:
            yield Hit(fault.place, fault.told, _HELP[fault.kind])
