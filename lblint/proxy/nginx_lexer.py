"""The text of a config as nginx's own reader takes it (ngx_conf_read_token), word by word."""

from __future__ import annotations

import re

from lblint.lazy_re import pattern

_TOKEN = pattern(
    r"""[ \t\r\n]+ | \#[^\n]* | (?P<end>[;{}])
    | "(?P<double>(?:\\.|[^"\\])*)" | '(?P<single>(?:\\.|[^'\\])*)'
    | (?P<word>(?:\\.|\$\{|[^ \t\r\n;{\\])+)""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = pattern(r"\\([\"'\\trn])")
_MEANS = {"t": "\t", "r": "\r", "n": "\n"}


def read(text: str) -> list[tuple[str, ...]] | None:
    """The directives in the order of the text: the words of each, and `;`, `{` or `}` as the last. None where nginx's
    reader would stop, or the text ends within a directive."""
    result: list[tuple[str, ...]] = []
    words: list[str] = []
    at = 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None:
            return None
        if token.lastgroup == "end":
            result.append((*words, token["end"]))
            words = []
        elif token.lastgroup:
            words.append(_ESCAPE.sub(lambda m: _MEANS.get(m[1], m[1]), token[token.lastgroup]))
            if token.lastgroup != "word" and text[token.end() : token.end() + 1] not in (*" \t\r\n;{)", ""):
                return None
        at = token.end()
    return None if words else result
