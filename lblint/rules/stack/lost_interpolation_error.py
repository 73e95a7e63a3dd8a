"""An error of interpolation is forgotten, since a later variable in the same text succeeds.

Docker keeps one error per text and forgets it at the next variable that has a value: a required variable is not asked
for, a lone `$` disappears.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Hit, Severity
from lblint.rules import rule
from lblint.stack import Stack


@rule(
    on=Stack,
    severity=Severity.WARNING,
    consequence="the file passes, with a part of the value missing",
    needs=("interpolation.lost-error",),
)
def check(stack: Stack) -> Iterator[Hit]:
    for fault in stack.faults:
        if fault.kind == "interpolation.lost-error":
            if fault.facts["reason"] == "required":
                told = f"{fault.facts['error']}: docker forgets this, since a later variable in the text has a value"
                yield Hit(fault.place, told, "the required variable last in the text")
            else:
                told = "this dollar sign is invalid and lost: docker forgets the error at the next variable in the text"
                yield Hit(fault.place, told, "$$ for a dollar sign")
