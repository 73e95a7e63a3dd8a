"""The user's words in a message, and the word or the name that was meant."""

from __future__ import annotations

import re
from collections.abc import Iterable

from lblint.finding import Path
from lblint.spelling import distance

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


def name_words(kind: str, key: str, full: str, refusal: str) -> tuple[str, str]:
    """Return message and help.

    `kind` is "service" or "network", `key` the name as it was written, `full` the one with the stack's name, or ""
    where that is unknown; `refusal` are the manager's words (`lblint.swarm.name_grammar.name_fault`).
    """
    from lblint.swarm.name_grammar import LONGEST_NAME

    if str(LONGEST_NAME) in refusal:
        if not full:
            help = f"shorten it: with the name of the stack before it, it may have {LONGEST_NAME} characters"
            return f'"{key}" is too long for a {kind} name', help
        length = len(full.encode("utf-8", "surrogatepass"))
        message = f'the {kind} name "{full}" has {length} characters, and managers accept {LONGEST_NAME}'
        return message, f"shorten it by at least {length - LONGEST_NAME} characters"
    plain = plain_name(key)
    if plain and plain != key:
        return f'"{key}" is not a valid {kind} name', f"rename the {kind} to {plain}"
    return f'"{key}" is not a valid {kind} name', "rename it: use letters, digits and inner dashes"


def plain_name(name: str) -> str:
    """Return the name with a dash for all that managers refuse in the name of a service or network."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-_")


def dotted(path: Path) -> str:
    """Return a path as a user would write it: `services.web.ports[0]`."""
    steps = [f"[{step}]" if isinstance(step, int) else str(step) for step in path]
    return ".".join(steps).replace(".[", "[") or "the file"
