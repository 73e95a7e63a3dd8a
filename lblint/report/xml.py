"""XML that every parser reads to the end, whatever stands in a file: elements as text, without a library."""

from __future__ import annotations

from collections.abc import Iterable

from lblint.report.escape import printable

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_NAMED = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;"}


def escaped(text: str) -> str:
    """Text for an attribute or an element, in ASCII. XML 1.0 has no way to write most control characters and no
    surrogate, not even as a reference: `printable` shows them as U+FFFD. A line break is kept in attributes, too."""
    shown = "\n".join(printable(line) for line in text.split("\n"))
    return "".join(_NAMED.get(char) or (char if char.isascii() else f"&#{ord(char)};") for char in shown)


def element(name: str, attributes: Iterable[tuple[str, object]], *inside: str) -> str:
    """An element in lines of its own; what is `inside` is XML already."""
    start = "".join((name, *(f' {key}="{escaped(str(value))}"' for key, value in attributes)))
    return f"<{start}>\n{''.join(inside)}</{name}>\n" if inside else f"<{start}/>\n"


def leaf(name: str, attributes: Iterable[tuple[str, object]], text: str) -> str:
    """An element that holds a text and nothing else."""
    start = "".join((name, *(f' {key}="{escaped(str(value))}"' for key, value in attributes)))
    return f"<{start}>{escaped(text)}</{name}>\n"
