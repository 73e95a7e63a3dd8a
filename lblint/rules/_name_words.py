"""Message and help on the name of a service or network that managers refuse."""

from __future__ import annotations

import re

from lblint.swarm.name_grammar import LONGEST_NAME


def name_words(kind: str, key: str, full: str, refusal: str) -> tuple[str, str]:
    """Return message and help.

    `kind` is "service" or "network", `key` the name as it was written, `full` the one with the stack's name, or ""
    where that is unknown; `refusal` are the manager's words (`lblint.swarm.name_grammar.name_fault`).
    """
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
