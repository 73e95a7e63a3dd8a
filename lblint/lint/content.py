"""What stays of a finding when lines move: the text that it is about."""

from __future__ import annotations

from lblint.finding import Finding
from lblint.source import Source

_LINES = 50
"""So many lines of a range are its text; the rest of a longer one makes no difference."""


def quoted(finding: Finding, source: Source | None) -> str:
    """The text of a finding's range; the whole line where the range is a point."""
    if source is None:
        return ""
    start, end = finding.position[:2], finding.position[2:]
    if start == end:
        return source.lines.line(start[0]).strip()
    numbers = range(start[0], min(end[0], start[0] + _LINES) + 1)
    lines = [source.lines.line(number) for number in numbers]
    if numbers[-1] == end[0]:
        lines[-1] = lines[-1][: end[1] - 1]
    lines[0] = lines[0][start[1] - 1 :]
    return "\n".join(lines)


def keys(finding: Finding) -> tuple[str, ...]:
    """The keys that lead to a finding, without the indices of lists."""
    return tuple(step for step in finding.path if isinstance(step, str))
