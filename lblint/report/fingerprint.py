"""What stays of a finding when lines move: for whoever compares two runs."""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Finding
from lblint.lint import Result
from lblint.report.names import relative
from lblint.source import Source

_LINES = 50
"""So many lines of a range are its text; the rest of a longer one makes no difference."""


def fingerprints(result: Result) -> Iterator[str]:
    """For each finding, and then each that is silenced, a name of 32 hexadecimal digits, no two alike in a run: a hash
    of the rule, the file, the keys
    that lead to the place and the text that stands there. Neither a line number nor an index of a list is in it, nor
    the message, which a new version may word better. Of several that are alike, the first keeps its name when another
    one follows."""
    from hashlib import sha256

    seen: dict[tuple[str, ...], int] = {}
    for finding in (*result.findings, *(one.finding for one in result.silenced)):
        keys = tuple(step for step in finding.path if isinstance(step, str))
        key = (finding.rule, relative(finding.file), quoted(finding, result.sources.get(finding.file)), *keys)
        count = seen[key] = seen.get(key, 0) + 1
        told = "\0".join(f"{len(part)}:{part}" for part in (*key, str(count)))
        yield sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:32]


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
