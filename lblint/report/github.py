"""The github format: workflow commands, which GitHub Actions shows as annotations of the changed lines."""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Finding, Severity
from lblint.lint import Result
from lblint.report.escape import printable, relative, unchecked, whole
from lblint.report.finding_limit import listed
from lblint.report.text import summary

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def render_github(result: Result) -> str:
    """A command for each finding, then the summary, which the log alone shows.

    Source: the page on workflow commands of GitHub's documentation, and the runner's ActionCommand for what is escaped.
    """
    lines = [_command(_COMMANDS[finding.severity], _where(finding), whole(finding)) for finding in listed(result)]
    lines += [
        _command("error", [("file", printable(relative(file))), ("title", "unchecked")], unchecked(reason))
        for file, reason in result.unchecked
    ]
    return "".join(f"{line}\n" for line in (*lines, summary(result)))


def _where(finding: Finding) -> Iterator[tuple[str, str]]:
    """The runner drops columns where a range has several lines, and complains of them."""
    line, column, end_line, end_column = finding.position
    yield "file", printable(relative(finding.file))
    yield "line", str(line)
    yield "endLine", str(end_line)
    if line == end_line:
        yield "col", str(column)
        yield "endColumn", str(end_column)
    yield "title", finding.rule


def _command(name: str, properties: Iterator[tuple[str, str]] | list[tuple[str, str]], text: str) -> str:
    parameters = ",".join(
        f"{key}={_escaped(value).replace(':', '%3A').replace(',', '%2C')}" for key, value in properties
    )
    return f"::{name} {parameters}::{_escaped(text)}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
