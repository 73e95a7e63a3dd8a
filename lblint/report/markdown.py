"""Plain text in Markdown: nothing is markup by accident, and no text ends its own code block."""

from __future__ import annotations

import re

from lblint.lazy_re import pattern
from lblint.report.printable import printable

_CODE_OR_MARKUP = pattern(r"^ {4}.*$|`+[^`]*`+|[<*]", re.MULTILINE)


def prose_text(text: str) -> str:
    """Prose in which `code` and indented lines stay code, and <names> and * are letters."""
    return _CODE_OR_MARKUP.sub(lambda found: "\\" + found[0] if found[0] in "<*" else found[0], text)


def cell(text: str) -> str:
    """Prose as one cell of a table."""
    return prose_text(printable(text)).replace("|", "\\|")


def fence(text: str, language: str) -> str:
    """A code block that the text cannot end; control characters are shown as they are in a report."""
    shown = "\n".join(printable(line).rstrip() for line in text.rstrip("\n").splitlines())
    ticks = "```"
    while ticks in shown:
        ticks += "`"
    return f"{ticks}{language}\n{shown}\n{ticks}"
