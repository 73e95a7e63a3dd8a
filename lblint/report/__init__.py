"""Findings -> what people and pipelines read. A format is a function from a result to text."""

from __future__ import annotations

from collections.abc import Callable

from lblint.lint import Result
from lblint.report.json import render_json
from lblint.report.text import render_text

FORMATS: dict[str, Callable[[Result, bool], str]] = {"text": render_text, "json": render_json}
"""The formats by name; the second argument of a format is whether to use colour."""

__all__ = ["FORMATS", "render_json", "render_text"]
