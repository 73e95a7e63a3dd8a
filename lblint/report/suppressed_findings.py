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
    for silenced in result.silenced:
        finding = silenced.finding
        where = f"{file_name(finding.file)}:{finding.position.line}:{finding.position.column}"
        kind = "known" if silenced.by == "baseline" else "suppressed"
        yield f"{where}: {kind} {finding.severity}: {said(finding.message)} [{finding.rule}]\n  {_why(silenced)}\n"


def _why(silenced: Silenced) -> str:
    if silenced.by == "baseline":
        return f"known in {printable(silenced.reason)}"
    return f"reason: {said(silenced.reason)} (line {silenced.line})"


def summary(result: Result) -> str:
    """How many there are, and how many of them would break the proxy: as the end of a line."""
    known = sum(silenced.by == "baseline" for silenced in result.silenced)
    number = len(result.silenced)
    counted = [f"{number - known} suppressed"] * (number > known) + [f"{known} in the baseline"] * (known > 0)
    proxy = sum(s.finding.breaks is Breaks.PROXY and s.finding.severity is Severity.ERROR for s in result.silenced)
    which = ", which breaks the proxy" if number == 1 else f", of which {proxy} would break the proxy"
    return f"; {', '.join(counted)}{which if proxy else ''}"


def as_dicts(result: Result) -> list[dict[str, Any]]:
    """Their keys in json: those of a finding, and `suppression`."""
    return [
        {
            **as_dict(silenced.finding),
            "suppression": {"kind": silenced.by, "reason": silenced.reason, "line": silenced.line or None},
        }
        for silenced in result.silenced
    ]


def as_sarif(silenced: Silenced) -> dict[str, str]:
    """Its suppression object (SARIF 2.1.0, 3.35)."""
    if silenced.by == "baseline":
        return {"kind": "external", "justification": "it was there when the baseline was written"}
    return {"kind": "inSource", "justification": said(silenced.reason)}
