"""Rules on comments that suppress findings, and on the baseline."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from lblint.finding import Hit, Place, Severity
from lblint.lazy_re import pattern
from lblint.rules import rule
from lblint.rules._spelling import near, shown
from lblint.source.baseline import Outdated
from lblint.source.suppressions import MOST, Suppression, Suppressions

_NAME = pattern(r"(?<![a-z0-9])[a-z0-9]++(?:[-_][a-z0-9]++)+", re.IGNORECASE)
_SAID = {
    "form": "lblint does not understand {words}: it silences nothing",
    "top": "{words} stands below the top of the file: it silences nothing",
    "many": f"this file has more than {MOST} comments like {{words}}: from here on they silence nothing",
}


@rule(on=Suppressions, severity=Severity.WARNING)
def suppression_malformed(asked: Suppressions) -> Iterator[Hit]:
    """A comment speaks to lblint, but not in a form that it knows.

    It silences nothing, and the next reader believes that it does. There is one form, so that all of them can be found
    with one search: `# lblint: ignore[rule] reason`, with several rules between commas. `# lblint: ignore-file[rule]
    reason` is for the whole file, and stands above all else in it. Only the first thousand of a file count.
    """
    for one in asked.comments:
        if one.problem:
            said = _SAID[one.problem].format(words=shown(one.written))
            yield Hit(one.place, said, _instead(one, asked.known))


def _instead(one: Suppression, known: Collection[str]) -> str:
    """The comment in its form, with the rules that it seems to name."""
    if one.problem == "top":
        return "it above all else in the file, or ignore[…] where the finding is"
    if one.problem == "many":
        return "`ignore-file[…]` at the top of the file"
    words = (word.lower().replace("_", "-") for word in _NAME.findall(one.written))
    names = [word for word in dict.fromkeys(words) if word in known]
    return f"# lblint: ignore[{', '.join(names) or 'rule'}] reason"


_GUESSES = 50
"""So many names of a run are compared with all there are."""


@rule(on=Suppressions, severity=Severity.WARNING)
def suppression_of_unknown_rule(asked: Suppressions) -> Iterator[Hit]:
    """A comment names a rule that does not exist.

    It silences nothing, and may have been meant for another one. `lblint rules` lists them all; the name of the rule
    stands in brackets behind each finding. There is no name for all rules together: what a file is not checked for
    should be said.
    """
    known = {name.replace("-", "_"): name for name in asked.known}
    guesses = iter(range(_GUESSES))
    for one in asked.comments:
        for name in one.rules:
            if name not in asked.known:
                meant = near(name, known) if next(guesses, None) is not None else None
                said = f"there is no rule {shown(name)}" + (f": did you mean {known[meant]}?" if meant else "")
                yield Hit(one.place, said, known[meant] if meant else "the name in brackets behind the finding")


@rule(on=Suppressions, severity=Severity.WARNING)
def suppression_without_reason(asked: Suppressions) -> Iterator[Hit]:
    """A comment asks lblint to be quiet and does not say why.

    It silences nothing until it does. Whoever finds it in a year has to know whether the reason still holds; the reason
    is also what reports show of a finding that is silenced.
    """
    for one in asked.comments:
        if not one.problem and not one.reason:
            names = ", ".join(one.rules)
            said = f"{shown(one.written)} gives no reason: it silences nothing"
            yield Hit(one.place, said, f"# lblint: ignore{'-file' * one.whole}[{names}] and here why this is right")


@rule(on=Suppressions, severity=Severity.WARNING)
def suppression_unused(asked: Suppressions) -> Iterator[Hit]:
    """A comment silences nothing.

    What it was written for is mended, or has moved: a comment speaks of its own line and the block that this opens, or
    of the block that follows it. Left there, it would hide the next mistake of its kind. A rule that did not run this
    time (`--select`, `--ignore`, or without `--live`) is not counted. What lblint finds in comments themselves is not
    silenced by another comment, but with `--ignore`.
    """
    for number, one in enumerate(asked.comments):
        of_comments = [name for name in one.rules if one.counts and name in asked.on_comments]
        idle = [name for name in one.rules if (number, name) in asked.idle and name not in of_comments]
        for name in of_comments:
            yield Hit(one.place, f"{name} is about comments, and not silenced by one", f"lblint check --ignore {name}")
        if idle:
            whose = "in this file" if one.whole else "here"
            said = f"{' and '.join(idle)} {'finds' if len(idle) == 1 else 'find'} nothing {whose}"
            rest = [name for name in one.rules if name in asked.known and name not in (*idle, *of_comments)]
            yield Hit(one.place, said, f"only [{', '.join(rest)}]" if rest else "nothing: take the comment away")


@rule(on=Outdated, severity=Severity.INFO)
def baseline_outdated(outdated: Outdated) -> Iterator[Hit]:
    """The baseline holds a finding that is not there any more.

    What was mended is safe from coming back only once the baseline has forgotten it. `lblint check --write-baseline
    FILE`, given the same files, writes it anew; what could not be seen this time (files that were not checked, rules
    that did not run) stays in it.
    """
    for entry, count, position in outdated.gone:
        where = ".".join(entry.path) or "the top"
        many = f", {count} times" if count > 1 else ""
        said = f"{entry.file}: {entry.rule} is gone from {shown(entry.text or where)}{many}"
        yield Hit(Place(outdated.name, at=position), said, f"lblint check --write-baseline {outdated.name} ...")
