"""A comment speaks to lblint, but not in a form that it knows.

It silences nothing, and the next reader believes that it does. There is one form, so that all of them can be found with
one search: `# lblint: ignore[rule] reason`, with several rules between commas. `# lblint: ignore-file[rule] reason` is
for the whole file, and stands above all else in it. Only the first thousand of a file count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lblint.finding import Hit, Severity
from lblint.pattern import pattern
from lblint.rules import rule
from lblint.rules._words import shown
from lblint.source.suppression import MOST, Suppression, Suppressions

_NAME = pattern(r"(?<![a-z0-9])[a-z0-9]++(?:[-_][a-z0-9]++)+", re.IGNORECASE)
_SAID = {
    "form": "lblint does not understand {words}: it silences nothing",
    "top": "{words} stands below the top of the file: it silences nothing",
    "many": f"this file has more than {MOST} comments like {{words}}: from here on they silence nothing",
}


@rule(on=Suppressions, severity=Severity.WARNING)
def check(asked: Suppressions) -> Iterator[Hit]:
    for one in asked.comments:
        if one.problem:
            said = _SAID[one.problem].format(words=shown(one.written))
            yield Hit(one.place, said, _instead(one, asked.known))


def _instead(one: Suppression, known: object) -> str:
    """The comment in its form, with the rules that it seems to name."""
    if one.problem == "top":
        return "it above all else in the file, or ignore[…] where the finding is"
    if one.problem == "many":
        return "`ignore-file[…]` at the top of the file"
    words = (word.lower().replace("_", "-") for word in _NAME.findall(one.written))
    names = [word for word in dict.fromkeys(words) if isinstance(known, dict) and word in known]
    return f"# lblint: ignore[{', '.join(names) or 'rule'}] reason"
