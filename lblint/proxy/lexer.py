"""crossplane's parser with a faster lexer in front: by words instead of by characters.

crossplane's own lexer decides at each character, in Python. Text without anything that its decisions turn on (a
backslash, `${`, a carriage return, a block of Lua, a quote that is not closed, characters beyond ASCII) is cut by one
regular expression into the very same tokens, which a test with random text holds; all else is left to its lexer.
The parser, with its checks of directives, arguments and braces, is crossplane's in both cases. LBLINT_SLOW=1 in the
environment switches the shortcut off.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

from lblint.pattern import pattern
from lblint.proxy.borrowed import lexer_and_parser

Token = tuple[str, int, bool]
"""The word, its line (1-based), and whether it stood in quotes."""

_ODD = ("\\", "${", "\r", "_by_lua_block")
"""The last stands in all directives with a grammar of their own: crossplane's lexer for Lua."""


_TOKEN = pattern(r"""\n|#[^\n]*\n|[;{}]|[^\s;{}"'#][^\s;{}]*|"[^"]*"|'[^']*'|["']""")
"""A line break, a comment with its line break, a brace or semicolon, a word, a quoted word with its quotes, or a quote
that nothing closes."""


def tokens(text: str) -> list[Token] | None:
    """The tokens that crossplane's lexer yields for the text, braces not yet balanced; None where it has to be asked.

    Source: crossplane lexer.py `_lex_file_object`, which ends a word at any space, `;` or brace, takes a quote or `#`
    for one only at the start of a word, and drops what no line break follows.
    """
    if not text.isascii() or not text.endswith("\n") or any(odd in text for odd in _ODD):
        return None
    found: list[Token] = []
    add = found.append
    line = 1
    for token in _TOKEN.findall(text):
        first = token[0]
        if first == "\n":
            line += 1
        elif first == '"' or first == "'":
            if len(token) == 1:
                return None
            add((token[1:-1], line, True))
            line += token.count("\n")
        elif first == "#":
            add((token[:-1], line, False))
            line += 1
        else:
            add((token, line, False))
    return found


def quick_parse(text: str) -> Callable[..., dict[str, Any]] | None:
    """`crossplane.parse` for this text alone, whatever file it is given, with these tokens in place of its lexer's;
    None where it has to read by itself."""
    if os.environ.get("LBLINT_SLOW"):
        return None
    found = tokens(text)
    if found is None:
        return None
    from types import FunctionType

    lexer, parser = lexer_and_parser()

    def lex(name: str) -> Iterator[Token]:
        balanced: Iterator[Token] = lexer._balance_braces(iter(found), name)
        return balanced

    own = parser.parse
    parse = FunctionType(own.__code__, {**own.__globals__, "lex": lex}, own.__name__, own.__defaults__)

    def parse_once(*given: Any, **how: Any) -> dict[str, Any]:
        payload: dict[str, Any] = parse(*given, **how)
        found.clear()  # the parser's functions refer to each other, and would keep it until garbage is collected
        return payload

    return parse_once
