"""A word or a number that is not among those allowed.

Docker refuses the file: `order` is start-first or stop-first, a size is not negative.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.rules import rule
from lblint.rules._variables import sound
from lblint.rules._words import near, shown
from lblint.stack import Stack


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, needs=("schema.enum", "schema.minimum"))
def check(stack: Stack) -> Iterator[Hit]:
    for fault in sound(stack):
        value = fault.facts.get("value")
        if fault.kind == "schema.enum":
            listed = fault.facts["allowed"]
            allowed = [str(word) for word in listed] if isinstance(listed, list | tuple) else []
            meant = near(str(value), allowed)
            advice = meant or " or ".join(allowed)
            from lblint.rules._mend import corrected

            fixes = corrected(fault.place, str(value).lower(), allowed)
            yield Hit(
                fault.place, f"{shown(value)} is not allowed here; docker: {_once(fault.told)}", advice, fixes=fixes
            )
        elif fault.kind == "schema.minimum":
            minimum = fault.facts["minimum"]
            yield Hit(fault.place, f"{shown(value)} is too small; docker: {fault.told}", f"{minimum} or more")


def _once(told: str) -> str:
    """Docker's words without the path that stands in them twice."""
    first, _, rest = told.partition(" ")
    return rest if rest.startswith(first) else told
