"""How many findings each rule has, for `lblint check --statistics`."""

from __future__ import annotations

from lblint.finding import Severity
from lblint.lint import Result
from lblint.report.text import painted, summary, unchecked_lines
from lblint.rules import RULES


def render_statistics(result: Result, least: Severity | None = None, color: bool = False) -> str:
    """Return a line for each rule that found something, the most findings first: how many there are, the worst
    severity of them, the rule and its summary; then what could not be checked, and the last line of a text.

    With `least`, only findings of that severity and above are counted, and there is no last line.
    """
    counts: dict[str, int] = {}
    worst: dict[str, Severity] = {}
    for finding in result.findings:
        if least is None or finding.severity >= least:
            counts[finding.rule] = counts.get(finding.rule, 0) + 1
            worst[finding.rule] = max(worst.get(finding.rule, finding.severity), finding.severity)
    order = sorted(counts, key=lambda rule: (-counts[rule], -worst[rule], rule))
    digits = len(str(max(counts.values(), default=0)))
    widest = max(map(len, counts), default=0)
    lines = [
        f"{counts[rule]:>{digits}}  {painted(worst[rule], color)}{' ' * (7 - len(str(worst[rule])))}  "
        f"{rule:<{widest}}  {RULES[rule].summary if rule in RULES else ''}".rstrip()
        for rule in order
    ]
    blank = [""] if lines and (least is None or result.unchecked) else []
    last = [] if least is not None else [summary(result)]
    return "".join(f"{line}\n" for line in (*lines, *blank, *map(str.rstrip, unchecked_lines(result)), *last))
