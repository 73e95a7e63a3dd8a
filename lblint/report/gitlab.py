"""The gitlab format: a code quality report, which GitLab shows in merge requests."""

from __future__ import annotations

from typing import Any

from lblint.finding import Breaks, Finding, Severity
from lblint.lint import Result
from lblint.report.escape import text, unchecked, whole
from lblint.report.finding_ids import fingerprints
from lblint.report.finding_limit import listed

_SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "minor", Severity.INFO: "info"}


def render_gitlab(result: Result) -> str:
    """A list of issues, with the keys that GitLab's page on code quality demands. An error that hits everybody's routes
    is a `blocker`. GitLab matches issues of two runs by their fingerprint. Pure ASCII."""
    import json
    from hashlib import sha256

    result = result._replace(findings=listed(result))
    marks = fingerprints(result)  # those of findings that are silenced come last, and are left out
    issues = [_issue(finding, mark) for finding, mark in zip(result.findings, marks, strict=False)]
    for file, reason in result.unchecked:
        mark = sha256(f"unchecked {text(file)}".encode()).hexdigest()[:32]
        issues.append(_entry("unchecked", unchecked(reason), mark, "blocker", file, 1, 1))
    return json.dumps(issues, indent=2) + "\n"


def _issue(finding: Finding, mark: str) -> dict[str, Any]:
    worst = finding.severity is Severity.ERROR and finding.breaks is Breaks.PROXY
    severity = "blocker" if worst else _SEVERITIES[finding.severity]
    line, _, end_line, _ = finding.position
    return _entry(finding.rule, whole(finding), mark, severity, finding.file, line, end_line)


def _entry(
    name: str, description: str, mark: str, severity: str, file: str, line: int, end_line: int
) -> dict[str, Any]:
    return {
        "description": description,
        "check_name": name,
        "fingerprint": mark,
        "severity": severity,
        "location": {"path": text(file), "lines": {"begin": line, "end": end_line}},
    }
