"""The checkstyle format: XML that Jenkins and most review bots read."""

from __future__ import annotations

from lblint.finding import Finding
from lblint.lint import Result
from lblint.report.escape import relative, unchecked, whole
from lblint.report.finding_limit import listed
from lblint.report.xml import HEAD, element


def render_checkstyle(result: Result) -> str:
    """A `file` for every file that was checked, with an `error` for each finding; `source` is the rule. Pure ASCII."""
    files: dict[str, list[str]] = {file: [] for file in result.checked.sources}
    for finding in listed(result):
        files.setdefault(finding.file, []).append(_error(finding))
    for file, reason in result.unchecked:
        attributes = (
            ("line", 1),
            ("severity", "error"),
            ("message", unchecked(reason)),
            ("source", "lblint.unchecked"),
        )
        files.setdefault(file, []).append(element("error", attributes))
    inside = [element("file", [("name", relative(file))], *errors) for file, errors in files.items()]
    return HEAD + element("checkstyle", [("version", "4.3")], *inside)


def _error(finding: Finding) -> str:
    attributes = (
        ("line", finding.position.line),
        ("column", finding.position.column),
        ("severity", finding.severity),
        ("message", whole(finding)),
        ("source", f"lblint.{finding.rule}"),
    )
    return element("error", attributes)
