"""A required variable has a dash in its message and is not required.

Docker looks for `:-` and `-` first: `${DOMAIN:?must-set}` is a variable `DOMAIN:?must` with the default `set`. It has
the value `set`, whatever DOMAIN is.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Hit, Severity
from lblint.rules import rule
from lblint.stack import Stack


@rule(
    on=Stack,
    severity=Severity.WARNING,
    consequence="the variable is never asked for",
    needs=("interpolation.required-with-dash",),
)
def check(stack: Stack) -> Iterator[Hit]:
    for fault in stack.faults:
        if fault.kind == "interpolation.required-with-dash":
            text, default = str(fault.facts["expression"]), str(fault.facts["default"])
            yield Hit(
                fault.place,
                f'"{text}" is always "{default}": the dash makes a default of what stands behind it',
                "the message without a dash",
            )
