"""Two files cannot be merged.

Docker appends lists to lists only. Where the earlier file has something else under an `x-` key of a service, it
refuses the stack.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.stack import Stack


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.CLIENT_BEFORE, needs=("merge.refused",))
def check(stack: Stack) -> Iterator[Hit]:
    for fault in stack.faults:
        if fault.kind == "merge.refused":
            yield Hit(fault.place, fault.told, "the same form as in the earlier file")
