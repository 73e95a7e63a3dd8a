"""The sarif format, 2.1.0 (OASIS): for code scanning at GitHub and elsewhere, and for editors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lblint import UncheckedError, __version__
from lblint.finding import Finding, Position, Severity
from lblint.lint import Result
from lblint.report.escape import plain, unchecked, uri, whole
from lblint.report.finding_ids import fingerprints
from lblint.report.finding_limit import Further, further, kept
from lblint.rules import RULES, Rule

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def render_sarif(result: Result) -> str:
    """One run, with the rules that found something. Columns count characters; files are relative URIs; of two runs,
    results with the same `lblint/v1` fingerprint are the same. A file that could not be checked is a notification of
    an invocation that failed. Pure ASCII.

    Section numbers below are those of the SARIF 2.1.0 specification.
    """
    import json

    more = further(result)
    result = result._replace(findings=kept(result))
    findings = [*result.findings, *(silenced.finding for silenced in result.silenced)]
    index = {name: at for at, name in enumerate(dict.fromkeys(finding.rule for finding in findings))}
    marks = fingerprints(result)
    results = [_result(finding, index[finding.rule], mark) for finding, mark in zip(findings, marks, strict=True)]
    if any(finding.fixes for finding in result.findings):
        _offer(result, results)
    if result.silenced:
        from lblint.report.suppressed_findings import as_sarif

        for shown, silenced in zip(results[len(result.findings) :], result.silenced, strict=True):
            shown["suppressions"] = [as_sarif(silenced)]
    links = project_links()
    driver = {"name": "lblint", "version": __version__, "semanticVersion": __version__}
    home = next((links[name] for name in ("homepage", "source", "repository", "documentation") if name in links), "")
    run = {
        "tool": {
            "driver": {
                **driver,
                **({"informationUri": home} if home else {}),
                "rules": [_rule(name, links.get("documentation", "")) for name in index],
            }
        },
        "columnKind": "unicodeCodePoints",  # 3.14.27
        "invocations": [_invocation(result, more)],
        "results": results,
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"


def _location(file: str, position: Position) -> dict[str, Any]:
    line, column, end_line, end_column = position
    region = {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}
    return {"physicalLocation": {"artifactLocation": {"uri": uri(file)}, "region": region}}


def _result(finding: Finding, index: int, mark: str) -> dict[str, Any]:
    related = [_location(file, position) for file, position, _ in finding.related]
    return {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": _LEVELS[finding.severity],
        "message": {"text": plain(whole(finding))},
        "locations": [_location(finding.file, finding.position)],
        **({"relatedLocations": related} if related else {}),
        "partialFingerprints": {"lblint/v1": mark},
        "properties": {"breaks": str(finding.breaks), "service": finding.service, "stack": finding.stack},
    }


def _offer(result: Result, results: list[dict[str, Any]]) -> None:
    """Add the fixes (3.27.30)."""
    from lblint.report.fixes import Writer, as_sarif

    writer = Writer(result)
    for finding, shown in zip(result.findings, results, strict=False):
        fixes = as_sarif(writer.drafts(finding))
        if fixes:
            shown["fixes"] = fixes


def _invocation(result: Result, more: Sequence[Further]) -> dict[str, Any]:
    notifications = [
        {
            "level": "error",
            "message": {"text": plain(unchecked(reason))},
            "locations": [{"physicalLocation": {"artifactLocation": {"uri": uri(file)}}}],
        }
        for file, reason in result.unchecked
    ]
    failed = bool(notifications)
    notifications += [
        {
            "level": "note",
            "message": {"text": plain(f"{rest.number} more findings of {rest.first.rule} in this file are not listed")},
            "locations": [{"physicalLocation": {"artifactLocation": {"uri": uri(rest.first.file)}}}],
            "associatedRule": {"id": rest.first.rule},
        }
        for rest in more
    ]
    return {"executionSuccessful": not failed, "toolExecutionNotifications": notifications}


def project_links() -> dict[str, str]:
    """Return the URLs in the metadata of the installed package by their labels, in lower case; none where it has none
    (https://packaging.python.org/en/latest/specifications/core-metadata/#project-url-multiple-use)."""
    from importlib.metadata import PackageNotFoundError, metadata

    try:
        lines = metadata("lblint").get_all("Project-URL") or []
    except PackageNotFoundError:  # run from a checkout
        return {}
    pairs = (line.partition(",") for line in lines)
    return {label.strip().lower(): url.strip() for label, _, url in pairs}


def _rule(name: str, documentation: str) -> dict[str, Any]:
    """Return what is known of a rule; its examples are left out where they are not installed. `documentation` is the
    URL of docs/ as a site, "" where it is not known."""
    rule = RULES.get(name)
    if rule is None:
        return {"id": name}
    from lblint.report.rule_page import prose

    text, markdown = _help(rule)
    return {
        "id": name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": prose(rule) or rule.summary},
        "help": {"text": text, "markdown": markdown},
        **({"helpUri": f"{documentation.rstrip('/')}/rules/{name}.html"} if documentation else {}),
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"tags": [f"breaks-{rule.breaks}"]},
    }


def _help(rule: Rule) -> tuple[str, str]:
    """The rule's page, for readers with and without Markdown."""
    from lblint.report.rule_page import as_markdown, as_text, page, prose

    try:
        shown = page(rule)
    except (OSError, UncheckedError):
        return prose(rule) or rule.summary, prose(rule) or rule.summary
    return as_text(shown), as_markdown(shown)
