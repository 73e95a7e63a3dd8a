"""A default holds another variable, which is not substituted.

`${A:-${B}}` gives the text `${B` and a `}` behind it: docker knows no nesting, and ends the
variable at the first brace.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Hit, Severity
from lblint.rules import rule
from lblint.stack import Stack


@rule(
    on=Stack,
    severity=Severity.WARNING,
    consequence="the variable's name ends up in the value",
    needs=("interpolation.nested",),
)
def check(stack: Stack) -> Iterator[Hit]:
    for fault in stack.faults:
        if fault.kind == "interpolation.nested":
            text, default = str(fault.facts["expression"]), str(fault.facts["default"])
            yield Hit(
                fault.place,
                f'"{text}" has the default "{default}" as it stands: docker does not substitute within it',
                "the variable alone, and set it where the deploy is started",
            )
