"""A top-level `x-` key of a later file is dropped.

Only those of the first file are kept. Anchors still work, since each file is read by itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Hit, Severity
from lblint.rules import rule
from lblint.stack import Stack


@rule(
    on=Stack,
    severity=Severity.INFO,
    consequence="nothing breaks: docker has no use for the key either",
    needs=("merge.extension-lost",),
)
def check(stack: Stack) -> Iterator[Hit]:
    for fault in stack.faults:
        if fault.kind == "merge.extension-lost":
            yield Hit(fault.place, f"{fault.facts['key']} of a later file is dropped in the merge")
