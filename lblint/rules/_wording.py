"""The user's words in a message, and the word that was meant."""

from __future__ import annotations

from collections.abc import Iterable

from lblint.interlock.label_spelling import distance

_LONGEST = 60
FEW = 300
"""More words than any list of docker's has, or a stack that people read: so many are compared with one, at most."""


def shown(value: object) -> str:
    """A value as it stands in a file: text in quotes, the rest as YAML writes it; cut where it is long."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        keys = ", ".join(f"{key}: …" for key in list(value)[:3])
        return f"{{{keys}}}"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    text = str(value) if len(str(value)) <= _LONGEST else f"{str(value)[:_LONGEST]}…"
    return f"'{text}'" if isinstance(value, str) else text


def near(word: str, known: Iterable[str], most: int = 2) -> str | None:
    """The known word that is at most one slip away, or two if it is not short: a letter too many, too few, wrong, or
    two swapped."""
    if len(word) > 40:
        return None
    best: tuple[int, str] | None = None
    plain = word.lower().replace("-", "_")
    for other in known:
        allowed = 1 if min(len(word), len(other)) < 5 else most
        if abs(len(word) - len(other)) <= allowed:
            slips = distance(plain, other.lower(), allowed)
            if slips <= allowed and (best is None or slips < best[0]):
                best = slips, other
    return best[1] if best else None


def owner(stack: str) -> str:
    """Return who owns an object, by the name of its stack ("" for none)."""
    return f"owned by stack {stack}" if stack else "created outside any stack"


def alternatives(words: Iterable[str]) -> str:
    """Return words as a choice: `a`, `a or b`, `a, b or c`."""
    *first, last = words
    return f"{', '.join(first)} or {last}" if first else last


def size(count: int) -> str:
    """Bytes for a message, in the units that a stack file is written with."""
    for unit, shift in (("G", 30), ("M", 20), ("K", 10)):
        if count >= 1 << shift:
            return f"{count / (1 << shift):.4g}{unit}"
    return f"{count} bytes"
