"""Regular expressions that surely compile under PCRE, decided without it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lblint.finding import Fault, Place
from lblint.lazy_re import pattern

_SUBSET = pattern(r"(?:[A-Za-z0-9_.,:/~%&=@!^$|()*+\[\]-]|(?<!\()\?|\\[.dwsDWS/-])*")
_DEEPEST = 20
_LONGEST = 2000


def compiles(pattern: str) -> bool:
    """Whether the pattern is in a subset that PCRE (1 and 2) and Python read alike, and Python compiles it.

    False means that it does not compile or that this is not decided here: `(?…)`, most escapes, counts, non-ASCII.
    """
    if len(pattern) > _LONGEST or pattern.count("(") > _DEEPEST or not _SUBSET.fullmatch(pattern):
        return False
    if "[:" in pattern or "[." in pattern or "[=" in pattern:
        return False
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        return False
    return True


def faults(pattern: str, place: Place) -> Iterator[Fault]:
    """A pattern that nginx cannot compile, or of which that is not known."""
    if compiles(pattern):
        return
    if _SUBSET.fullmatch(pattern) and len(pattern) <= _LONGEST and pattern.count("(") <= _DEEPEST:
        try:
            re.compile(pattern)
        except re.error as error:
            yield Fault("proxy.limit.regex", place, facts={"pattern": pattern, "error": error.msg})
            return
        except (OverflowError, RecursionError):
            pass
    yield Fault("proxy.undecided.regex", place, facts={"pattern": pattern})
