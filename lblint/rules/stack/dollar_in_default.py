"""A default holds `$$`, which stays as it is.

Elsewhere in a text `$$` stands for one dollar sign. Within the default of a variable docker leaves both.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Hit, Severity
from lblint.rules import rule
from lblint.stack import Stack


@rule(
    on=Stack,
    severity=Severity.WARNING,
    consequence="the value has a dollar sign too many",
    needs=("interpolation.default-dollar",),
)
def check(stack: Stack) -> Iterator[Hit]:
    for fault in stack.faults:
        if fault.kind == "interpolation.default-dollar":
            default = str(fault.facts["default"])
            yield Hit(
                fault.place,
                f'the default "{default}" keeps both dollar signs',
                "the variable alone, and set it where the deploy is started",
            )
