"""A variable that the file requires has no value.

`${NAME:?message}` makes docker stop when NAME is not set, or is empty; `${NAME?message}` when it is not set. Whoever
deploys has to set it. Where the file is checked without the deployer's environment, give the variable a value there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.rules import rule
from lblint.stack import Stack


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, needs=("interpolation.required",))
def check(stack: Stack) -> Iterator[Hit]:
    for fault in stack.faults:
        if fault.kind == "interpolation.required":
            found = re.match(r"required variable (\S*) ", str(fault.facts["template"]))
            name = found[1] if found else str(fault.facts.get("variable", ""))
            said = f"{name} has no value in this environment; docker: {fault.told}"
            yield Hit(fault.place, said, f"export {name}=… where the file is checked, and where it is deployed")
