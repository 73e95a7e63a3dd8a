"""The json format, schema 1: stable keys, 1-based positions, sorted like the text."""

from __future__ import annotations

from typing import Any

from lblint.finding import Finding, Severity
from lblint.lint import Result
from lblint.report.finding_limit import further, kept


def render_json(result: Result) -> str:
    """One object with `schema`, `findings`, `further`, `suppressed`, `unchecked`, `skipped` and `summary`.

    docs/json.md and schemas/findings.schema.json describe it. Pure ASCII: no terminal, pipe or log acts on it or fails
    on it, whatever a label or file name holds.
    """
    import json

    severities = [finding.severity for finding in result.findings]
    document = {
        "schema": 1,
        "findings": as_dicts(result),
        "further": further_as_dicts(result),
        "suppressed": _suppressed(result),
        "unchecked": [{"file": file, "reason": reason} for file, reason in result.unchecked],
        "skipped": [{"file": file, "reason": reason} for file, reason in result.skipped],
        "summary": {
            "files": len(result.checked.sources.keys() - {file for file, _ in result.unchecked}),
            "errors": severities.count(Severity.ERROR),
            "warnings": severities.count(Severity.WARNING),
            "infos": severities.count(Severity.INFO),
            "suppressed": len(result.silenced),
        },
    }
    return json.dumps(document, indent=2) + "\n"


def as_dicts(result: Result) -> list[dict[str, Any]]:
    """The findings that count and are listed, with their fixes."""
    findings = kept(result)
    if not any(finding.fixes for finding in findings):
        return [as_dict(finding) for finding in findings]
    from lblint.report.fixes import Writer, as_json

    writer = Writer(result)
    return [{**as_dict(finding), "fixes": as_json(writer.drafts(finding))} for finding in findings]


def further_as_dicts(result: Result) -> list[dict[str, Any]]:
    """How many more findings there are than are listed, by file and rule."""
    return [
        {"file": rest.first.file, "rule": rest.first.rule, "severity": str(rest.first.severity), "further": rest.number}
        for rest in further(result)
    ]


def _suppressed(result: Result) -> list[dict[str, Any]]:
    if not result.silenced:
        return []
    from lblint.report.suppressed_findings import as_dicts

    return as_dicts(result)


def as_dict(finding: Finding) -> dict[str, Any]:
    """A finding with the keys of schema 1, its fixes left out."""
    position = finding.position
    return {
        "rule": finding.rule,
        "severity": str(finding.severity),
        "breaks": str(finding.breaks),
        "message": finding.message,
        "consequence": finding.consequence,
        "help": finding.help,
        "docker": finding.docker,
        "nginx": finding.nginx,
        "related": [
            {
                "file": file,
                "line": at.line,
                "column": at.column,
                "end_line": at.end_line,
                "end_column": at.end_column,
            }
            for file, at, _ in finding.related
        ],
        "file": finding.file,
        "line": position.line,
        "column": position.column,
        "end_line": position.end_line,
        "end_column": position.end_column,
        "path": list(finding.path),
        "stack": finding.stack,
        "service": finding.service,
        "fixes": [],
    }
