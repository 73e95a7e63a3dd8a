"""Values that nginx would not read back as the one word that was meant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lblint.finding import Fault
from lblint.lazy_re import pattern
from lblint.proxy.directive import Arg, Directive, size
from lblint.proxy.faults import BrokenWord, LongWord

_CONTROL = "\x00-\x1f\x7f-\x9f"
_WORD = pattern(rf"(?:[^\s;{{}}\\{_CONTROL}\"'#]|\\[^\s;{{}}\\{_CONTROL}\"'trn])"
                   rf"(?:[^\s;{{}}\\{_CONTROL}]|\\[^\s;{{}}\\{_CONTROL}\"'trn])*")  # fmt: skip
_STOPS = pattern(rf"[{_CONTROL}]|\s|[;{{}}]|\\")

LONGEST = 4094
"""Bytes of the longest word that nginx reads, of its buffer of 4096 ("too long parameter"): measured."""


def reads_as_itself(text: str) -> bool:
    """Whether nginx's reader (ngx_conf_read_token) takes the text for one word, the same text.

    So: not empty; no space, `;`, brace or control character; no quote or `#` in front; no backslash that nginx drops
    or turns into something else. `}` inside a word is one for nginx, but crossplane ends the word there; refused.
    """
    return _WORD.fullmatch(text) is not None and not _surrogate(text)


def odd_part(text: str) -> str:
    """What to point at in a text that does not read as itself: the character at fault, or "" where nothing is there."""
    if not text:
        return ""
    if text[0] in "\"'#":
        return text[0]
    stop, surrogate = _STOPS.search(text), _surrogate(text)
    if surrogate and (stop is None or text.index(surrogate) < stop.start()):
        return surrogate
    return stop[0] if stop else text[0]


def _surrogate(text: str) -> str:
    """The first surrogate of UTF-16, which no file can hold; "" where there is none. Not part of the patterns: with it,
    they take eight times as long to compile."""
    return "" if text.isascii() else next((char for char in text if "\ud800" <= char <= "\udfff"), "")


def faults(tree: Sequence[Directive]) -> Iterator[Fault]:
    """The user's values that do not read as themselves, or are too long for nginx to read at all."""
    for directive in tree:
        for word in (directive.name, *directive.args):
            if isinstance(word, Arg) and word.place:
                if not reads_as_itself(word.written):
                    odd = odd_part(word.written)
                    yield BrokenWord(place=word.place, value=word.user, odd=odd, directive=_name(directive))
                elif size(word.written) > LONGEST:
                    yield LongWord(place=word.place, value=word.user, limit=LONGEST)
        if directive.block:
            yield from faults(directive.block)


def _name(directive: Directive) -> str:
    return directive.name if isinstance(directive.name, str) else "map"
