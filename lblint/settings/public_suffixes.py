"""Which domains belong to many: names below them are registered by anybody (`co.uk`, `github.io`)."""

from __future__ import annotations

import os
from functools import cache

from lblint.installation import package


def is_public_suffix(domain: str) -> bool:
    """Whether names below a domain may belong to different people, by the Public Suffix List.

    `domain` is in lower case and ASCII. A domain that some public suffix lies below (`kawasaki.jp`, `amazonaws.com`)
    counts as one, too, as does every top-level domain.
    """
    rules = _rules()
    parent = domain.partition(".")[2]
    if not parent or domain in rules or domain in _shared():
        return True
    return f"*.{parent}" in rules and f"!{domain}" not in rules


@cache
def _rules() -> frozenset[str]:
    """Return the rules, as the list has them: `co.uk`, `*.ck`, `!www.ck`."""
    with open(os.path.join(package(), "settings", "public_suffixes.txt"), encoding="ascii") as file:
        return frozenset(line.strip() for line in file if not line.startswith("#"))


@cache
def _shared() -> frozenset[str]:
    """Return the domains that a rule lies below."""
    return frozenset(rule.partition(".")[2] for rule in _rules() if not rule.startswith("!"))
