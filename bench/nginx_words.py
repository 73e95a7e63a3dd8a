"""nginx's reader of its config (ngx_conf_read_token), so that the trial's own parser is not the only judge of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lblint.proxy.directive import Directive, value

_TOKEN = re.compile(
    r"""[ \t\r\n]+ | \#[^\n]* | (?P<end>[;{}])
    | "(?P<double>(?:\\.|[^"\\])*)" | '(?P<single>(?:\\.|[^'\\])*)'
    | (?P<word>(?:\\.|\$\{|[^ \t\r\n;{\\])+)""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\([\"'\\trn])")
_MEANS = {"t": "\t", "r": "\r", "n": "\n"}


def read(text: str) -> list[tuple[str, ...]] | None:
    """The directives of a config in the order of the text: their words, and `;`, `{` or `}` as the last. None where
    nginx's reader would stop."""
    found: list[tuple[str, ...]] = []
    words: list[str] = []
    at = 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        if token is None:
            return None
        if token.lastgroup == "end":
            found.append((*words, token["end"]))
            words = []
        elif token.lastgroup:
            words.append(_ESCAPE.sub(lambda m: _MEANS.get(m[1], m[1]), token[token.lastgroup]))
            if token.lastgroup != "word" and text[token.end() : token.end() + 1] not in " \t\r\n;{)":
                return None
        at = token.end()
    return None if words else found


def meant(tree: Sequence[Directive]) -> Iterator[tuple[str, ...]]:
    """The tree in the same form."""
    for directive in tree:
        words = (value(directive.name), *map(value, directive.args))
        yield (*words, ";" if directive.block is None else "{")
        if directive.block is not None:
            yield from meant(directive.block)
            yield ("}",)


def as_meant(text: str, tree: Sequence[Directive]) -> bool:
    """Whether nginx reads from the text just what was meant."""
    plain = [tuple(word.encode(errors="replace").decode() for word in words) for words in meant(tree)]
    return read(text.encode(errors="replace").decode()) == plain
