"""Findings -> what people and pipelines read. A format is a function from a result to text, in a module of its name."""

from __future__ import annotations

from lblint.lint import Result
from lblint.report.json import render_json
from lblint.report.text import render_brief, render_text

FORMATS = ("text", "json", "jsonl", "sarif", "github", "gitlab", "junit", "checkstyle", "rdjson")
"""The formats of a check. What each is, and who reads it: docs/formats.md."""
PICTURES = ("mermaid", "svg", "html")
"""The formats of a picture of the routes. What each is, and who reads it: docs/routes.md."""


def render(name: str, result: Result, color: bool = False, width: int = 0, silenced: bool = False) -> str:
    """The result in a format; imports no other one. `color`, the `width` of a terminal, and whether findings that are
    silenced are shown, too, are for text alone: other formats leave them out, or always have them."""
    if name == "text":
        return render_text(result, color, width, silenced)
    from importlib import import_module

    text: str = getattr(import_module(f"{__name__}.{name}"), f"render_{name}")(result)
    return text


__all__ = ["FORMATS", "PICTURES", "render", "render_brief", "render_json", "render_text"]
