"""Text that is safe on a terminal, and how wide it is there: label text is written by strangers."""

from __future__ import annotations

import unicodedata

TAB = "    "
"""What a tab is shown as: its width then does not depend on where the snippet starts."""


_LONGEST = 1000
"""Longest message that is shown whole, in characters: it quotes a label, and a label may be as long as the file."""


def printable(text: str) -> str:
    """Text without anything that a terminal would act on: a tab as spaces, control characters, bidirectional marks
    and lone surrogates (of file names that are not UTF-8) as U+FFFD."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(TAB if char == "\t" else char if _harmless(char) else "\ufffd" for char in text)


def said(text: str) -> str:
    """A message as it is shown: printable, and not longer than a page."""
    return printable(text if len(text) <= _LONGEST else text[:_LONGEST] + "…")


def _harmless(char: str) -> bool:
    return char.isprintable() or unicodedata.category(char) == "Zs"


def columns(text: str) -> int:
    """How many terminal columns the text takes, as `printable` shows it."""
    if text.isascii():
        return len(text) + text.count("\t") * (len(TAB) - 1)
    return sum(map(_width, text))


def _width(char: str) -> int:
    if char == "\t":
        return len(TAB)
    if unicodedata.category(char) in ("Mn", "Me"):  # drawn over the character before it
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
