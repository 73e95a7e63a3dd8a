"""What was found and does not count: by a comment in the file, or by the baseline."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lblint.finding import Breaks, Severity
from lblint.lint import Result, Silenced
from lblint.report.escape import file_name, printable, said
from lblint.report.json import as_dict


def as_text(result: Result) -> Iterator[str]:
    """Each of them in two lines: what is wrong, and why it does not count."""
    for one in result.silenced:
        finding = one.finding
        where = f"{file_name(finding.file)}:{finding.position.line}:{finding.position.column}"
        kind = "known" if one.by == "baseline" else "suppressed"
        yield f"{where}: {kind} {finding.severity}: {said(finding.message)} [{finding.rule}]\n  {_why(one)}\n"


def _why(one: Silenced) -> str:
    if one.by == "baseline":
        return f"known in {printable(one.reason)}"
    return f"reason: {said(one.reason)} (line {one.line})"


def summary(result: Result) -> str:
    """How many there are, and how many of them would break the proxy: as the end of a line."""
    known = sum(one.by == "baseline" for one in result.silenced)
    number = len(result.silenced)
    counted = [f"{number - known} suppressed"] * (number > known) + [f"{known} in the baseline"] * (known > 0)
    proxy = sum(s.finding.breaks is Breaks.PROXY and s.finding.severity is Severity.ERROR for s in result.silenced)
    which = ", which breaks the proxy" if number == 1 else f", of which {proxy} would break the proxy"
    return f"; {', '.join(counted)}{which if proxy else ''}"


def as_dicts(result: Result) -> list[dict[str, Any]]:
    """Their keys in json: those of a finding, and `suppression`."""
    return [
        {**as_dict(one.finding), "suppression": {"kind": one.by, "reason": one.reason, "line": one.line or None}}
        for one in result.silenced
    ]


def as_sarif(one: Silenced) -> dict[str, str]:
    """Its suppression object (SARIF 2.1.0, 3.35)."""
    if one.by == "baseline":
        return {"kind": "external", "justification": "it was there when the baseline was written"}
    return {"kind": "inSource", "justification": said(one.reason)}
