"""What the grammars of short values share: how they say no, and how Go quotes a text in its messages."""

from __future__ import annotations

from lblint.records import NamedTuple


class GrammarError(NamedTuple):
    """The answer of a grammar that does not know the text. `told` holds docker's own words.

    Every function of these modules returns either a value or a GrammarError, and raises nothing.
    """

    told: str


def quote(text: str) -> str:
    """Write a text in double quotes as Go's %q does (strconv.Quote): printable characters stay, others are escaped."""
    return '"' + "".join(_escaped(char) for char in text) + '"'


_SHORT = {
    '"': '\\"',
    "\\": "\\\\",
    "\a": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\v": "\\v",
}


def _escaped(char: str) -> str:
    short = _SHORT.get(char)
    if short is not None:
        return short
    code = ord(char)
    if code == 0x7F or code < 0x20:
        return f"\\x{code:02x}"
    if char == " " or (char.isprintable() and not char.isspace()):
        return char
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
