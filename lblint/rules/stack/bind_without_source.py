"""A bind mount has no source.

The client refuses the file. In the long syntax a bind needs a `source`, a path of the node.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.stack import Stack


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.CLIENT_BEFORE, needs=("volume.no-source",))
def check(stack: Stack) -> Iterator[Hit]:
    for fault in stack.faults:
        if fault.kind == "volume.no-source":
            yield Hit(fault.place, fault.told, "the path of the node as `source`")
