"""A variable's value is no number or boolean where docker needs one.

Docker makes a number or a boolean of the text that a variable leaves in `replicas`, `published`, `external` and the
like, and refuses the file where it cannot; an empty value is none either. `1` is no boolean here, `0440` is decimal.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.rules import rule
from lblint.rules._variables import unset
from lblint.rules._words import shown
from lblint.stack import Stack


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, needs=("cast",))
def check(stack: Stack) -> Iterator[Hit]:
    for fault in stack.faults:
        if fault.kind == "cast":
            value, wanted = str(fault.facts["value"]), fault.facts["wanted"]
            became = shown(value) if value else "an empty text"
            why = unset(stack, fault.place.file, fault.place.path)
            said = f"{fault.facts['expression']} becomes {became}{why}; docker wants {wanted}: {fault.told}"
            default = "true" if wanted == "a boolean" else "1"
            yield Hit(fault.place, said, f"a default: ${{NAME:-{default}}}, or {wanted} in the variable")
