"""An item stands in a list twice.

Docker refuses a list of ports, labels, networks, constraints and the like in which two items are the same.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.rules import rule
from lblint.rules._words import shown
from lblint.stack import Stack


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, needs=("schema.unique",))
def check(stack: Stack) -> Iterator[Hit]:
    for fault in stack.faults:
        if fault.kind == "schema.unique":
            said = f"{shown(fault.facts.get('value'))} stands in this list twice; docker: {fault.told}"
            from lblint.rules._mend import remove

            yield Hit(fault.place, said, "it once", fixes=remove(fault.place, "the second one"))
