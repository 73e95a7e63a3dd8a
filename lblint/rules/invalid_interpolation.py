"""A `$` that begins no variable.

Docker replaces `$NAME`, `${NAME}` and `${NAME:-default}` in every value of the file, and refuses one with a `$` that is
none of these: the end of a regular expression, `$1`, `$(…)`, `${a.b}`. A `$` that is meant is written `$$`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.rules import rule
from lblint.rules._words import shown
from lblint.stack import Stack


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY)
def check(stack: Stack) -> Iterator[Hit]:
    for fault in stack.faults:
        if fault.kind == "interpolation.invalid":
            text = str(fault.facts["template"])
            start = fault.place.chars[0] if fault.place.chars else 0
            said = f"the `$` of {shown(text[start : start + 20])} begins no variable; docker: {fault.told}"
            yield Hit(fault.place, said, f"{_escaped(text)}  (a `$` that is meant stands twice)")


def _escaped(text: str) -> str:
    """The text with each `$` that begins no variable doubled."""
    out = re.sub(r"\$\$|\$(?:[_a-zA-Z]|\{[_a-zA-Z][_a-zA-Z0-9]*(?::?[-?][^}]*)?\})|\$",
                 lambda found: found[0] if len(found[0]) > 1 else "$$", text)  # fmt: skip
    return out if len(out) < 100 else "$$"
