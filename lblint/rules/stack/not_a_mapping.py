"""The file is no mapping at its top, or holds nothing.

A stack file has `services:` and the like at its top. A list, a text or an empty file is refused.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.rules import rule
from lblint.stack import Stack


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, needs=("schema.top-level",))
def check(stack: Stack) -> Iterator[Hit]:
    for fault in stack.faults:
        if fault.kind == "schema.top-level":
            said = "the file holds nothing" if fault.facts.get("empty") else "this is no stack: its top is no mapping"
            yield Hit(fault.place, f"{said}; docker: {fault.told}", "`services:`, and the services below it")
