"""A comment silences nothing.

What it was written for is mended, or has moved: a comment speaks of its own line and the block that this opens, or of
the block that follows it. Left there, it would hide the next mistake of its kind. A rule that did not run this time
(`--select`, `--ignore`, or without `--live`) is not counted. What lblint finds in comments themselves is not silenced
by another comment, but with `--ignore`.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Hit, Severity
from lblint.rules import rule
from lblint.source.suppression import Suppressions


@rule(on=Suppressions, severity=Severity.WARNING)
def check(asked: Suppressions) -> Iterator[Hit]:
    for number, one in enumerate(asked.comments):
        of_comments = [name for name in one.rules if one.counts and asked.known.get(name) == "suppression"]
        idle = [name for name in one.rules if (number, name) in asked.idle and name not in of_comments]
        for name in of_comments:
            yield Hit(one.place, f"{name} is about comments, and not silenced by one", f"lblint check --ignore {name}")
        if idle:
            whose = "in this file" if one.whole else "here"
            said = f"{' and '.join(idle)} {'finds' if len(idle) == 1 else 'find'} nothing {whose}"
            rest = [name for name in one.rules if name in asked.known and name not in (*idle, *of_comments)]
            yield Hit(one.place, said, f"only [{', '.join(rest)}]" if rest else "nothing: take the comment away")
