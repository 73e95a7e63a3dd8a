"""A `$` that begins no variable.

Docker replaces `$NAME`, `${NAME}` and `${NAME:-default}` in every value of the file, and refuses one with a `$` that is
none of these: the end of a regular expression, `$1`, `$(…)`, `${a.b}`. A `$` that is meant is written `$$`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lblint.finding import Breaks, Edit, Fix, Hit, Place, Severity
from lblint.pattern import pattern
from lblint.rules import rule
from lblint.rules._words import shown
from lblint.stack import Stack

_WRITTEN = pattern(r"\$(?:\{[^}\s]{0,50}\}?|\S{0,20})")


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, needs=("interpolation.invalid",))
def check(stack: Stack) -> Iterator[Hit]:
    for fault in stack.faults:
        if fault.kind == "interpolation.invalid":
            text = str(fault.facts["template"])
            start = fault.place.chars[0] if fault.place.chars else 0
            written = _WRITTEN.match(text, start)
            piece = written[0] if written else "$"
            said = f"the `$` of {shown(piece)} begins no variable; docker: {fault.told}"
            advice = f"{_escaped(text)}  (a `$` that is meant stands twice)"
            if piece.startswith("${"):
                advice = f"a name of letters, digits and `_` in the braces, or {advice}"
            yield Hit(fault.place, said, advice, fixes=_fix(fault.place, piece))


def _fix(place: Place, piece: str) -> tuple[Fix, ...]:
    """The dollar sign twice, unless a variable was meant."""
    if place.chars is None or piece.startswith("${"):
        return ()
    dollar = place._replace(chars=(place.chars[0], place.chars[0] + 1))
    return (Fix("write $$", (Edit("write", dollar, "$$"),)),)


def _escaped(text: str) -> str:
    """The text with each `$` that begins no variable doubled; of a long one what to write for each."""
    if len(text) >= 100:  # before the search, which takes ever longer behind braces that nothing closes
        return "$$"
    out = re.sub(r"\$\$|\$(?:[_a-zA-Z]|\{[_a-zA-Z][_a-zA-Z0-9]*(?::?[-?][^}]*)?\})|\$",
                 lambda found: found[0] if len(found[0]) > 1 else "$$", text)  # fmt: skip
    return out if len(out) < 100 else "$$"
