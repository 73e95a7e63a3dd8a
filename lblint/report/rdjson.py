"""The rdjson format of reviewdog, which comments on changes at most code hosts."""

from __future__ import annotations

from typing import Any

from lblint.finding import Finding
from lblint.lint import Result
from lblint.report.escape import text, unchecked, whole
from lblint.report.finding_limit import listed
from lblint.source import Source


def render_rdjson(result: Result) -> str:
    """One DiagnosticResult (reviewdog, proto/rdf/reviewdog.proto). Columns count from 1 in bytes of UTF-8, ends are
    exclusive. Pure ASCII."""
    import json

    result = result._replace(findings=listed(result))
    diagnostics = [_diagnostic(finding, result.checked.sources.get(finding.file)) for finding in result.findings]
    if any(finding.fixes for finding in result.findings):
        _suggest(result, diagnostics)
    for file, reason in result.unchecked:
        entry = {"message": unchecked(reason), "location": {"path": text(file)}, "severity": "ERROR"}
        diagnostics.append({**entry, "code": {"value": "unchecked"}})
    return json.dumps({"source": {"name": "lblint"}, "diagnostics": diagnostics}, indent=2) + "\n"


def _diagnostic(finding: Finding, source: Source | None) -> dict[str, Any]:
    line, column, end_line, end_column = finding.position
    range_ = {"start": _position(source, line, column), "end": _position(source, end_line, end_column)}
    return {
        "message": whole(finding),
        "location": {"path": text(finding.file), "range": range_},
        "severity": str(finding.severity).upper(),
        "code": {"value": finding.rule},
    }


def _suggest(result: Result, diagnostics: list[dict[str, Any]]) -> None:
    """Add what could be written instead: for each fix one range of the file."""
    from lblint.report.fixes import Writer

    writer = Writer(result)
    for finding, shown in zip(result.findings, diagnostics, strict=False):
        source = result.checked.sources.get(finding.file)
        suggestions = [
            {
                "range": {
                    "start": _position(source, suggestion.position.line, suggestion.position.column),
                    "end": _position(source, suggestion.position.end_line, suggestion.position.end_column),
                },
                "text": suggestion.new,
            }
            for suggestion in writer.one_range(finding)
        ]
        if suggestions:
            shown["suggestions"] = suggestions


def _position(source: Source | None, line: int, column: int) -> dict[str, int]:
    before = source.lines.line(line)[: column - 1] if source is not None else ""
    return {"line": line, "column": column - len(before) + len(before.encode("utf-8", "surrogatepass"))}
