"""A key is missing that docker does not do without.

A volume in the long form needs a `type`, a generic resource its `kind`. Docker refuses the file.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.rules import rule
from lblint.stack import Stack


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, needs=("schema.required",))
def check(stack: Stack) -> Iterator[Hit]:
    for fault in stack.faults:
        key = fault.facts.get("key")
        if fault.kind == "schema.required" and key != "version":  # a file without version: version-unsupported
            yield Hit(fault.place, f"'{key}' is missing; docker: {fault.told}", f"`{key}:`")
