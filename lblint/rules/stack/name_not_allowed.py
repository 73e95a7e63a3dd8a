"""A service, volume, secret or config has a name with characters that docker does not allow.

Names are letters, digits, dots, underscores and dashes. Docker refuses the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.rules import rule
from lblint.rules._words import shown
from lblint.stack import Stack


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, needs=("schema.name",))
def check(stack: Stack) -> Iterator[Hit]:
    for fault in stack.faults:
        if fault.kind != "schema.name":
            continue
        key = str(fault.facts["key"])
        said = f"{shown(key)} is no name that is allowed here" if key else "an empty name"
        plain = re.sub(r"[^a-zA-Z0-9._-]+", "-", key).strip("-")
        advice = plain if plain and plain != key else "letters, digits, `.`, `_` and `-`"
        if "labels" in fault.place.path or "environment" in fault.place.path:
            advice = "a name in front of the colon"
        yield Hit(fault.place, f"{said}; docker: {fault.told}", advice)
