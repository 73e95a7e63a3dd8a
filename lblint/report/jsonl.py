"""The jsonl format: one line for each finding, for programs that read a stream."""

from __future__ import annotations

from lblint.lint import Result
from lblint.report.json import as_dicts, further_as_dicts


def render_jsonl(result: Result) -> str:
    """A line for each finding, with the keys that it has in json; then one with `further` for each rule of which a
    file has more than are listed, and one for each file that could not be checked, with `file` and `reason` alone. Pure
    ASCII."""
    import json

    rows = as_dicts(result) + further_as_dicts(result)
    rows += [{"file": file, "reason": reason} for file, reason in result.unchecked]
    return "".join(json.dumps(row) + "\n" for row in rows)
