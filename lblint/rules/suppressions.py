"""Rules on comments that suppress findings, and on the baseline."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from lblint.finding import Hit, Place, Severity
from lblint.lazy_re import pattern
from lblint.rules import rule
from lblint.rules._wording import near, shown
from lblint.source.baseline import Outdated
from lblint.source.suppressions import MOST, Suppression, Suppressions

_NAME = pattern(r"(?<![a-z0-9])[a-z0-9]++(?:[-_][a-z0-9]++)+", re.IGNORECASE)
_MESSAGES = {
    "form": "{comment} is not a valid suppression, so it suppresses nothing",
    "top": "{comment} is not at the top of the file, so it suppresses nothing",
    "many": f"the file has more than {MOST} suppression comments; those from here on suppress nothing",
}


@rule(on=Suppressions, severity=Severity.WARNING)
def suppression_malformed(suppressions: Suppressions) -> Iterator[Hit]:
    """A comment addresses lblint, but is not a valid suppression.

    It suppresses nothing, although readers believe that it does. The form is `# lblint: ignore[rule] reason`, with
    commas between several rules. `# lblint: ignore-file[rule] reason` is for the whole file and must come before
    everything else in it. Only the first thousand comments of a file count.
    """
    for comment in suppressions.comments:
        if comment.problem:
            message = _MESSAGES[comment.problem].format(comment=shown(comment.written))
            yield Hit(comment.place, message, _correction(comment, suppressions.known))


def _correction(comment: Suppression, known: Collection[str]) -> str:
    """Return what to do about a comment that is not valid, with the rules that it seems to name."""
    if comment.problem == "top":
        return f"move it to the top of the file, or write ignore[{', '.join(comment.rules)}] where the finding is"
    if comment.problem == "many":
        return "write one ignore-file comment at the top of the file"
    words = (word.lower().replace("_", "-") for word in _NAME.findall(comment.written))
    names = [word for word in dict.fromkeys(words) if word in known]
    reason = comment.written.partition("]")[2].strip() or "reason"
    return f"write # lblint: ignore[{', '.join(names) or 'rule'}] {reason if len(reason) < _LONGEST else 'reason'}"


_LONGEST = 60
"""Longer reasons are not repeated in the help."""

_GUESSES = 50
"""How many unknown names of a run are compared with those of all rules."""


@rule(on=Suppressions, severity=Severity.WARNING)
def suppression_of_unknown_rule(suppressions: Suppressions) -> Iterator[Hit]:
    """A comment names a rule that does not exist.

    It suppresses nothing. Each finding ends with the name of its rule in brackets, and `lblint rules` lists all names.
    No name covers all rules: a comment names each rule that it suppresses.
    """
    known = {name.replace("-", "_"): name for name in suppressions.known}
    guesses = iter(range(_GUESSES))
    for comment in suppressions.comments:
        for name in comment.rules:
            if name not in suppressions.known:
                meant = near(name, known) if next(guesses, None) is not None else None
                help = (
                    f"write {known[meant]}" if meant else "name the rules to suppress; each finding ends with its own"
                )
                yield Hit(comment.place, f"rule {shown(name)} does not exist", help)


@rule(on=Suppressions, severity=Severity.WARNING)
def suppression_without_reason(suppressions: Suppressions) -> Iterator[Hit]:
    """A suppression comment gives no reason.

    It suppresses nothing until it gives one. The reason tells later readers whether the comment is still needed, and
    reports show it with the suppressed finding.
    """
    for comment in suppressions.comments:
        if not comment.problem and not comment.reason:
            message = f"{shown(comment.written)} gives no reason, so it suppresses nothing"
            yield Hit(comment.place, message, "write the reason after the closing bracket")


@rule(on=Suppressions, severity=Severity.WARNING)
def suppression_unused(suppressions: Suppressions) -> Iterator[Hit]:
    """A comment suppresses no finding.

    The finding was fixed, or it is elsewhere: a comment covers its own line and the block that this line opens, or the
    block below it. An unused comment would hide the next mistake of that kind. Rules that did not run (`--select`,
    `--ignore`, or without `--live`) do not count. Findings about comments cannot be suppressed by a comment; use
    `--ignore`.
    """
    for number, comment in enumerate(suppressions.comments):
        of_comments = [name for name in comment.rules if comment.counts and name in suppressions.on_comments]
        idle = [name for name in comment.rules if (number, name) in suppressions.idle and name not in of_comments]
        for name in of_comments:
            message = f"{name} is a rule about comments, which a comment cannot suppress"
            yield Hit(comment.place, message, f"run lblint check --ignore {name}")
        if idle:
            scope = "in this file" if comment.whole else "here"
            message = f"{' and '.join(idle)} {'finds' if len(idle) == 1 else 'find'} nothing {scope}"
            rest = [n for n in comment.rules if n in suppressions.known and n not in (*idle, *of_comments)]
            yield Hit(comment.place, message, f"remove {' and '.join(idle)} from it" if rest else "remove the comment")


@rule(on=Outdated, severity=Severity.INFO)
def baseline_outdated(outdated: Outdated) -> Iterator[Hit]:
    """The baseline has a finding that no longer occurs.

    As long as it is in the baseline, the same mistake can come back without being reported. `lblint check
    --write-baseline FILE` with the same files removes it. Findings that this run could not see (files that were not
    checked, rules that did not run) stay in the baseline.
    """
    for entry, count, position in outdated.gone:
        where = ".".join(entry.path) or "the top"
        many = f", {count} times" if count > 1 else ""
        message = f"{entry.rule} no longer finds {shown(entry.text or where)} in {entry.file}{many}"
        help = f"run lblint check --write-baseline {outdated.name} with the same files"
        yield Hit(Place(outdated.name, at=position), message, help)
