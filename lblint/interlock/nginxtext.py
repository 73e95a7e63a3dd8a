"""Pieces of nginx.conf that an administrator writes whole: log formats and options. Read as nginx reads words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from lblint.finding import Breaks, Severity
from lblint.interlock.problems import Problem, shown
from lblint.lazy_re import pattern
from lblint.records import NamedTuple

_TOKEN = pattern(
    r"[ \t\r\n]+|(?P<comment>#[^\n]*)|(?P<quoted>'(?:[^'\\]++|\\[\s\S])*'|\"(?:[^\"\\]++|\\[\s\S])*\")"
    r"|(?P<end>;)|(?P<brace>[{}])|(?P<word>(?:\$\{|\\[\s\S]|[^\s;{}'\"\\#])(?:\$\{|\\[\s\S]|[^\s;{\\])*)"
)


class Token(NamedTuple):
    """A word, a quoted word, a `;`, a brace, or a comment, with its place in the text."""

    kind: str
    text: str
    start: int
    end: int


def tokens(text: str) -> tuple[list[Token], int | None]:
    """The tokens of a text, and the offset of a quote that is never closed or that something sticks to."""
    found: list[Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            return found, at
        at = match.end()
        if match.lastgroup:
            found.append(Token(match.lastgroup, match[0], match.start(), at))
            if match.lastgroup == "quoted" and text[at : at + 1] not in ("", " ", "\t", "\r", "\n", ";", "{", ")"):
                return found, at
    return found, None


def check_log_format(text: str) -> Iterator[Problem]:
    """A log format, which the template writes behind `log_format <name>`, with nothing behind it.

    It brings its quotes and its semicolon. Without the semicolon the next directive becomes a part of the format, and
    nginx says nothing; an open quote swallows the rest of the config.
    """
    found, broken = tokens(text)
    meant = [token for token in found if token.kind != "comment"]
    ends = [token for token in meant if token.kind == "end"]
    brace = next((token for token in meant if token.kind == "brace"), None)
    if broken is not None:
        stuck = bool(found) and found[-1].kind == "quoted" and found[-1].end == broken
        says = "text sticks to a quote" if stuck else "a quote is never closed"
        yield Problem("quote", broken, broken + 1, f"{says} in the log format: nginx does not start")
    elif brace is not None:
        says = f"a {brace.text} outside of quotes in the log format: nginx does not start"
        yield Problem("brace", brace.start, brace.end, says, hint="quotes around the format")
    elif not meant:
        says = "an empty log format: the next directive becomes its text, and is lost"
        yield Problem("empty", 0, len(text), says, "", Severity.WARNING, Breaks.NOTHING, "no such key, for the default")
    elif meant[-1].kind != "end":
        last = meant[-1]
        yield Problem("semicolon", last.end - 1, last.end, "the log format has no semicolon of its own, and the "
                      "template adds none: the next directive becomes a part of it, and is lost", "", Severity.WARNING,
                      Breaks.NOTHING, f"it ending in {last.text[-8:]};")  # fmt: skip
    elif found[-1].kind == "comment":
        return
    else:
        yield from _unquoted([token for token in meant if token.end <= ends[0].start])


def _unquoted(words: Sequence[Token]) -> Iterator[Problem]:
    """Words without quotes are joined without the spaces between them."""
    for before, word in pairwise(words):
        if before.kind == word.kind == "word" and not before.text.startswith("escape="):
            yield Problem("spaces", before.end, word.start, "no quotes around the log format: nginx joins its words "
                          "without the spaces between them", severity=Severity.WARNING, breaks=Breaks.NOTHING,
                          hint="'$remote_addr - $request';")  # fmt: skip
            return


def check_option(line: str) -> Iterator[Problem]:
    """A line that is put into nginx.conf as it is: its quotes and braces must be closed."""
    found, broken = tokens(line)
    depth = 0
    for token in found:
        depth += {"{": 1, "}": -1}.get(token.text, 0) if token.kind == "brace" else 0
        if depth < 0:
            break
    if broken is not None or depth:
        what = "a quote" if broken is not None else "a brace"
        says = f"{what} is not closed, or not opened, in {shown(line)}: nginx does not start"
        yield Problem("open", 0, len(line), says)


def directives(lines: Sequence[str]) -> Iterator[str]:
    """The names of the directives that these lines hold at their own level."""
    for line in lines:
        depth, first = 0, True
        for kind, text, *_ in tokens(line)[0]:
            if kind == "word" and first and not depth:
                yield text
            depth += {"{": 1, "}": -1}.get(text, 0) if kind == "brace" else 0
            if kind != "comment":
                first = kind in ("end", "brace")
