"""A command line as docker splits it into words. Not a shell's rules: no variables, no operators.

Source: google/shlex Split, called by docker/cli cli/compose/loader/loader.go transformShellCommand.
"""

from __future__ import annotations

from lblint.stack.grammar import GrammarError

_SPACES = " \t\r\n"


def split(text: str) -> list[str] | GrammarError:
    """Split at spaces; quotes, backslashes and `#` comments work as in google/shlex."""
    words: list[str] = []
    word: list[str] | None = None
    at, size = 0, len(text)
    while at < size:
        char = text[at]
        at += 1
        if char in _SPACES:
            if word is not None:
                words.append("".join(word))
                word = None
        elif char == "#" and word is None:
            end = text.find("\n", at)
            at = size if end < 0 else end + 1
        elif char == "\\":
            if at == size:
                return GrammarError("EOF found after escape character")
            word = _put(word or [], text[at])
            at += 1
        elif char == "'":
            end = text.find("'", at)
            if end < 0:
                return GrammarError("EOF found when expecting closing quote")
            word = _put(word or [], text[at:end])
            at = end + 1
        elif char == '"':
            word = word or []
            while True:
                if at == size:
                    return GrammarError("EOF found when expecting closing quote")
                if text[at] == '"':
                    at += 1
                    break
                if text[at] == "\\":
                    at += 1
                    if at == size:
                        return GrammarError("EOF found after escape character")
                word.append(text[at])
                at += 1
        else:
            word = _put(word or [], char)
    if word is not None:
        words.append("".join(word))
    return words


def _put(word: list[str], text: str) -> list[str]:
    word.append(text)
    return word
