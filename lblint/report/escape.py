"""Text from files and managers, made safe for terminals, Markdown and URIs: strangers write it."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator

from lblint.finding import Finding
from lblint.lazy_re import pattern

TAB = "    "
"""What a tab is shown as: its width then does not depend on where the snippet starts."""


_LONGEST = 1000
"""Longest message that is shown whole, in characters: it quotes a label, and a label may be as long as the file."""


def printable(text: str) -> str:
    """Text without anything that a terminal would act on: a tab as spaces, control characters, bidirectional marks
    and lone surrogates (of file names that are not UTF-8) as U+FFFD."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(TAB if char == "\t" else char if _harmless(char) else "\ufffd" for char in text)


def file_name(file: str) -> str:
    """The name of a file as a line of text may begin with it: printable, and with `./` before a name that a runner of
    GitHub Actions would take for a workflow command (it looks for `::` after any spaces)."""
    name = printable(file)
    return f"./{name}" if name.lstrip().startswith("::") else name


def said(text: str) -> str:
    """A message as it is shown: printable, and not longer than a page."""
    return printable(text if len(text) <= _LONGEST else text[:_LONGEST] + "…")


def _harmless(char: str) -> bool:
    return char.isprintable() or unicodedata.category(char) == "Zs"


def columns(text: str) -> int:
    """How many terminal columns the text takes, as `printable` shows it."""
    if text.isascii():
        return len(text) + text.count("\t") * (len(TAB) - 1)
    return sum(map(_width, text))


def _width(char: str) -> int:
    if char == "\t":
        return len(TAB)
    if unicodedata.category(char) in ("Mn", "Me"):  # drawn over the character before it
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


_CODE_OR_MARKUP = pattern(r"^ {4}.*$|`+[^`]*`+|[<*]", re.MULTILINE)


def prose_text(text: str) -> str:
    """Prose in which `code` and indented lines stay code, and <names> and * are letters."""
    return _CODE_OR_MARKUP.sub(lambda match: "\\" + match[0] if match[0] in "<*" else match[0], text)


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


def relative(file: str) -> str:
    """The name of a file as a pipeline knows it: without `./`, relative where it lies below the current folder. Names
    outside of it, and `-` for stdin, stay as they are. Bytes that are not UTF-8 are lone surrogates still."""
    if os.path.isabs(file):
        below = os.path.relpath(file, os.path.realpath("."))
        name = file if below == os.pardir or below.startswith(os.pardir + os.sep) else below
    else:
        name = os.path.normpath(file)
    return name if os.sep == "/" else name.replace(os.sep, "/")


def uri(file: str) -> str:
    """The name as a URI (RFC 3986): relative, or `file://` for an absolute one. Its bytes are percent-encoded but for
    letters, digits, `-._~` and the slash, so that it can be nothing else: no scheme, no query, no line break."""
    from urllib.parse import quote_from_bytes

    name = relative(file)
    try:
        encoded = quote_from_bytes(os.fsencode(name), safe="/")
    except UnicodeEncodeError:  # no name of a file: surrogates that stand for no byte
        encoded = quote_from_bytes(text(file).encode(), safe="/")
    return f"file://{'' if encoded.startswith('/') else '/'}{encoded}" if os.path.isabs(name) else encoded


def text(file: str) -> str:
    """The relative name as Unicode that every reader of JSON takes: bytes that are not UTF-8 become U+FFFD."""
    return relative(file).encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def plain(text: str) -> str:
    """Text in which nothing is a link: `[text](target)` would be one (SARIF 3.11.6), and a label may hold it."""
    return text.replace("[", "\\[") if "](" in text else text


def lines(finding: Finding) -> Iterator[str]:
    """What is wrong, what breaks and what to write instead, line by line; every line is printable."""
    yield said(finding.message)
    for label, text in (*remarks(finding), ("help", finding.help)):
        if text:
            yield from (f"{f'{label}: ' if not at else ''}{said(line)}" for at, line in enumerate(text.split("\n")))


def remarks(finding: Finding) -> Iterator[tuple[str, str]]:
    """Yield the labels and texts that come between a message and its help: the words of programs, the consequence."""
    also = _places(finding)
    for label, text in (("also", also), ("docker", finding.docker), ("nginx", finding.nginx),
                        ("note", finding.consequence)):  # fmt: skip
        if text:
            yield label, text


MOST_PLACES = 10
"""Further places of a finding that are listed; the others are counted."""


def _places(finding: Finding) -> str:
    """The further places of a finding: line and column, and the file where it is another one."""
    places = [
        ("" if file == finding.file else f"{printable(file)}:") + f"{position.line}:{position.column}"
        for file, position, _ in finding.related
    ]
    more = len(places) - MOST_PLACES
    return ", ".join(places[:MOST_PLACES]) + (f" and {more} more" if more > 0 else "")


def whole(finding: Finding) -> str:
    """The lines as one text."""
    return "\n".join(lines(finding))


def unchecked(reason: str) -> str:
    """What is said of a file that could not be checked: never nothing, for that would read as clean."""
    return f"could not check: {said(reason)}"
