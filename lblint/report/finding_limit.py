"""Which findings a report lists one by one: so many of each rule in a file, and how many more there are.

A file that is no stack at all, or one with a mistake that a program has copied, has as many findings as lines; nobody
reads them, and no service that shows reports takes them.
"""

from __future__ import annotations

from lblint.finding import Finding
from lblint.lint import Result
from lblint.records import NamedTuple


class Further(NamedTuple):
    """So many more findings of one rule in one file; `first` is the first of them, with the severity of the worst."""

    first: Finding
    number: int


def kept(result: Result) -> tuple[Finding, ...]:
    """The findings that a report lists: all, or the first `result.most` of each rule in a file."""
    if not result.most or len(result.findings) <= result.most:
        return result.findings
    return _cut(result)[0]


def further(result: Result) -> tuple[Further, ...]:
    """What `kept` leaves out, by file and rule."""
    if not result.most or len(result.findings) <= result.most:
        return ()
    return _cut(result)[1]


def listed(result: Result) -> tuple[Finding, ...]:
    """The findings of `kept`, each rule's followed by one that says how many more there are."""
    more = further(result)
    if not more:
        return kept(result)
    by_rule: dict[tuple[str, str], Further] = {(rest.first.file, rest.first.rule): rest for rest in more}
    left = dict.fromkeys(by_rule, result.most)
    shown: list[Finding] = []
    for finding in kept(result):
        shown.append(finding)
        key = finding.file, finding.rule
        if key in left:
            left[key] -= 1
            if not left[key]:
                shown.append(_counting(by_rule[key]))
    return tuple(shown)


def _counting(rest: Further) -> Finding:
    first = rest.first
    many = f"{rest.number} more findings" if rest.number > 1 else "1 more finding"
    return first._replace(
        message=f"{many} of {first.rule} in this file", consequence="", docker="", nginx="", related=(), fixes=(),
        help="list them all with --max-findings 0",
    )  # fmt: skip


def _cut(result: Result) -> tuple[tuple[Finding, ...], tuple[Further, ...]]:
    counts: dict[tuple[str, str], int] = {}
    first: dict[tuple[str, str], Finding] = {}
    shown: list[Finding] = []
    for finding in result.findings:
        key = finding.file, finding.rule
        counts[key] = count = counts.get(key, 0) + 1
        if count <= result.most:
            shown.append(finding)
        elif key not in first:
            first[key] = finding
        elif finding.severity > first[key].severity:
            first[key] = first[key]._replace(severity=finding.severity)
    return tuple(shown), tuple(Further(finding, counts[key] - result.most) for key, finding in first.items())
