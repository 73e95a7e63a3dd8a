"""The text format: `file:line:col: error: message [rule]`, the source line with the range underlined, then a line each
for docker's or nginx's own words, what breaks, what to do and what --fix does."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from lblint.finding import Finding, Severity
from lblint.lint import Result
from lblint.report.escape import file_name, printable, remarks, said
from lblint.report.finding_limit import listed
from lblint.source import Source

_COLORS = {Severity.ERROR: "31", Severity.WARNING: "33", Severity.INFO: "36"}


def render_text(result: Result, color: bool = False, width: int = 0, silenced: bool = False) -> str:
    """All findings, then one line that sums up what would break; the text of the file is shown without its control
    characters, for a terminal would act on them. `silenced`: with those that do not count."""
    parts = list(_grouped(result, color, width))
    if silenced and result.silenced:
        from lblint.report.suppressed_findings import as_text

        parts += as_text(result)
    parts += unchecked_lines(result)
    parts.append(summary(result) + "\n")
    return "\n".join(parts) if len(parts) > 1 else parts[0]


def _grouped(result: Result, color: bool, width: int) -> Iterator[str]:
    """The findings, where they are in several files each file's under a line that says what deploying it would do."""
    of_file: dict[str, list[Finding]] = {}
    for finding in result.findings:
        of_file.setdefault(finding.file, []).append(finding)
    for file, of_one_file in of_file.items():
        if len(of_file) > 1:
            from lblint.report import impact

            head = f"{file_name(file)}: {_counted(of_one_file)}"
            yield _paint(_with(head, impact.of_file(of_one_file)), "1;4", color) + "\n"
        yield from findings(result._replace(findings=tuple(of_one_file)), color, width)


def render_brief(result: Result, least: Severity, color: bool = False, width: int = 0) -> str:
    """Only what decides on the exit code: findings from a severity on, and what could not be checked; "" if nothing."""
    grave = tuple(finding for finding in result.findings if finding.severity >= least)
    return "\n".join((*_grouped(result._replace(findings=grave), color, width), *unchecked_lines(result)))


def unchecked_lines(result: Result) -> list[str]:
    """Return a line for each file that could not be checked."""
    return [f"{file_name(file)}: could not check: {printable(reason)}\n" for file, reason in result.unchecked]


def findings(result: Result, color: bool = False, width: int = 0) -> Iterator[str]:
    """Each finding in its lines."""
    for finding in listed(result):
        yield _finding(finding, result.checked.sources.get(finding.file), color, width)


def painted(severity: Severity, color: bool) -> str:
    """Return the name of a severity, in its colour with `color`."""
    return _paint(str(severity), "1;" + _COLORS[severity], color)


def _paint(text: str, code: str, color: bool) -> str:
    return f"\033[{code}m{text}\033[0m" if color else text


def _finding(finding: Finding, source: Source | None, color: bool, width: int) -> str:
    position = finding.position
    severity = painted(finding.severity, color)
    where = _paint(f"{file_name(finding.file)}:{position.line}:{position.column}:", "1", color)
    lines = [f"{where} {severity}: {said(finding.message)} [{finding.rule}]"]
    if source is not None:
        lines += _snippet(finding, source, color, width)
    for label, text in blocks(finding):
        first, *rest = text.split("\n")
        lines.append(f"  {_paint(f'{label}:'.ljust(8), '1', color)}{said(first)}")
        lines += [f"          {said(line)}" for line in rest]
    return "\n".join(lines) + "\n"


def blocks(finding: Finding) -> Iterator[tuple[str, str]]:
    """Yield what is said below a finding: a label and its text, which may have several lines.

    A fix that does what the help says is not told twice.
    """
    yield from remarks(finding)
    fix = finding.fixes[0] if finding.fixes else None
    option = "" if fix is None else "--fix" if fix.safe else "--fix --unsafe-fixes"
    if fix is not None and fix.title == finding.help:
        yield "help", f"{finding.help} (fixable with {option})"
        return
    if finding.help:
        yield "help", finding.help
    if fix is not None:
        yield "fix", f"{fix.title}, with {option}"


def _snippet(finding: Finding, source: Source, color: bool, width: int) -> list[str]:
    """The line and an underline of the range's first line; a long line is cut around the range."""
    raw = source.lines.line(finding.position.line)
    if not raw.strip():
        return []
    from lblint.report.snippet import snippet

    line, underline = snippet(raw, finding.position, width)
    at = underline.index("^")
    return [line, underline[:at] + _paint(underline[at:], _COLORS[finding.severity], color)]


def summary(result: Result) -> str:
    """One line: how many files and findings, and what deploying them would break."""
    checked = result.checked.sources.keys() - {file for file, _ in result.unchecked}
    line = f"{_counted(result.findings)} in {_count(len(checked), 'file')}"
    if any(finding.severity is Severity.ERROR for finding in result.findings):
        from lblint.report import impact

        line = _with(line, impact.of_run(result))
    if result.silenced:
        from lblint.report import suppressed_findings

        line += suppressed_findings.summary(result)
    if result.unchecked:
        line += f"; {_count(len(result.unchecked), 'file')} could not be checked"
    if result.skipped:
        line += f"; {_count(len(result.skipped), 'file')} skipped"
    return line


def _counted(findings: Collection[Finding]) -> str:
    counts = [sum(f.severity is severity for f in findings) for severity in reversed(Severity)]
    names = ("error", "warning", "info")
    return ", ".join(_count(n, name) for n, name in zip(counts, names, strict=True) if n) or "no findings"


def _with(text: str, consequence: str) -> str:
    return f"{text}: {consequence}" if consequence else text


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
