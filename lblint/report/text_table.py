"""Rows as a table for people, or as JSON for programs."""

from __future__ import annotations

from collections.abc import Sequence

from lblint.report.escape import columns, printable


def table(head: Sequence[str], rows: Sequence[Sequence[str]], format_: str = "text") -> str:
    """The rows under their head; `format_` is text (aligned), json (a list of objects) or markdown."""
    if format_ == "json":
        import json

        return json.dumps([dict(zip(head, row, strict=True)) for row in rows], indent=2) + "\n"
    if format_ == "markdown":
        from lblint.report.escape import cell

        lines = [list(head), ["---"] * len(head), *([cell(text) for text in row] for row in rows)]
        return "".join("| " + " | ".join(line) + " |\n" for line in lines)
    shown = [[printable(text) for text in row] for row in ([name.upper() for name in head], *rows)]
    widths = [max(columns(row[at]) for row in shown) for at in range(len(head))]
    return "".join(
        "  ".join(text + " " * (width - columns(text)) for text, width in zip(row, widths, strict=True)).rstrip() + "\n"
        for row in shown
    )
