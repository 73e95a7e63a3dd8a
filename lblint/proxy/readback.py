"""The text of the trial nginx.conf parsed with crossplane and compared with the tree that it was written from, after
each value by itself: whether nginx reads it back as the one word that was meant.

What stands in it many times is parsed once, and a large config is written and read in parts by several processes, each
some of the blocks of `http`: what is balanced and sound by itself is so beside others, too. Only if something is not,
all of it is read at once, to say what is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any

from lblint.finding import Fault, Place
from lblint.lazy_re import pattern
from lblint.parallel import map_items, processors
from lblint.proxy.crossplane_reader import parse
from lblint.proxy.directive import Arg, Directive, size, value, written
from lblint.proxy.directive import lines as text_of
from lblint.proxy.faults import BrokenSyntax, BrokenTree, BrokenWord, LongWord
from lblint.records import NamedTuple

_CONTROL = "\x00-\x1f\x7f-\x9f"
_WORD = pattern(rf"(?:[^\s;{{}}\\{_CONTROL}\"'#]|\\[^\s;{{}}\\{_CONTROL}\"'trn])"
                   rf"(?:[^\s;{{}}\\{_CONTROL}]|\\[^\s;{{}}\\{_CONTROL}\"'trn])*")  # fmt: skip
_STOPS = pattern(rf"[{_CONTROL}]|\s|[;{{}}]|\\")

LONGEST = 4094
"""Bytes of the longest word that nginx reads, of its buffer of 4096 ("too long parameter"): measured."""

LARGE = 5000
"""About so many lines of a config are worth several processes."""
_PARTS = 13
"""One of them is small; the others are as many for each of two, three or four processes."""


MOST_KEPT = 500_000
"""Directives that are kept; with more, it is begun anew."""


class ReadBack:
    """Directives that were read back and are sound, for trials of configs that have most of them in common."""

    def __init__(self) -> None:
        self.keys: set[tuple[object, ...]] = set()


def faults(tree: Sequence[Directive], size: int, before: ReadBack | None = None) -> Iterator[Fault]:
    """The values that do not read as themselves; without any, as one of them shifts the rest, the text against the
    tree. `size` is about how many lines it has. What was read back `before` is not read again."""
    processes = processors() if size >= LARGE and before is None else 1
    if before is not None:
        if _new_is_sound(tree, before):
            return
    elif all(map_items(_sound, parts(tree, _PARTS) if processes > 1 else [tree], processes, chunk=1)):
        return
    odd = list(misread_values(tree))
    if odd:
        yield from odd
        return
    lines = text_of(tree)
    parsed = parse(lines)
    first = next(differences(tree, parsed.tree), None)
    parsed.tree.clear()  # as large as the config, and kept by cycles of crossplane's
    nowhere = (first and first.place) or next((line.origin for line in lines if line.origin), None) or Place("")
    for error in parsed.errors:
        yield BrokenSyntax(place=error.origin or nowhere, message=error.message)
    if first:
        yield BrokenTree(place=first.place or nowhere, meant=first.meant, read=first.found)


def parts(tree: Sequence[Directive], count: int) -> list[tuple[Directive, ...]]:
    """The tree as so many trees or fewer: all but the blocks of `http`, and runs of these within an `http` each."""
    http = next(directive for directive in tree if directive.name == "http")
    blocks = http.block or ()
    size = -(-len(blocks) // max(1, count - 1)) or 1
    rest = tuple(directive._replace(block=()) if directive is http else directive for directive in tree)
    return [rest, *((http._replace(block=blocks[at : at + size]),) for at in range(0, len(blocks), size))]


def _sound(tree: Sequence[Directive]) -> bool:
    """Whether every value of a tree reads as itself, and its text as it was meant."""
    return not any(True for _ in misread_values(tree)) and _parses(distinct(tree))


def _new_is_sound(tree: Sequence[Directive], before: ReadBack) -> bool:
    """The same of what was not read back before, which is then kept."""
    keys = set(before.keys) if len(before.keys) < MOST_KEPT else set()
    shorter = distinct(tree, (), keys)
    sound = not any(True for _ in misread_values(shorter)) and _parses(shorter)
    if sound:
        before.keys = keys
    return sound


def _parses(shorter: Sequence[Directive]) -> bool:
    parsed = parse(text_of(shorter))
    sound = not parsed.errors and next(differences(shorter, parsed.tree), None) is None
    parsed.tree.clear()
    return sound


def distinct(
    tree: Sequence[Directive], around: tuple[str, ...] = (), seen: set[tuple[object, ...]] | None = None
) -> tuple[Directive, ...]:
    """The tree without what stands in a block of the same kind before: a directive reads the same wherever it stands.

    Most of a large config is that: each host has the template's own lines. `around` are the names of the blocks
    outside, `seen` what stood before.
    """
    seen = set() if seen is None else seen
    kept = []
    for directive in tree:
        block = directive.block
        key = (around, directive.written, value(directive.name), *map(written, directive.args))
        if block is not None:
            block = distinct(block, (*around, value(directive.name)), seen)
        if block or key not in seen:
            seen.add(key)
            kept.append(directive if block is None else directive._replace(block=block))
    return tuple(kept)


class Difference(NamedTuple):
    """A directive that reads otherwise than meant; "" where one side has none. `place` is that of the meant one, or of
    the block around it."""

    meant: str
    found: str
    place: Place | None


def differences(
    meant: Sequence[Directive], parsed: Sequence[Mapping[str, Any]] | None, around: Place | None = None
) -> Iterator[Difference]:
    """The first difference of each block, in the order of the file: what follows one in its block means nothing."""
    for want, have in zip_longest(meant, parsed or ()):
        if want is None:
            yield Difference("", _words(have), around)
            return
        words = [value(want.name), *map(value, want.args)]
        place = want.place or around
        if have is None or words != [have["directive"], *have["args"]] or (want.block is None) != ("block" not in have):
            yield Difference(" ".join(words), _words(have) if have else "", place)
            return
        if want.block is not None:
            yield from differences(want.block, have["block"], place)


def _words(parsed: Mapping[str, Any]) -> str:
    return " ".join([parsed["directive"], *parsed["args"]])


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


def misread_values(tree: Sequence[Directive]) -> Iterator[Fault]:
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
            yield from misread_values(directive.block)


def _name(directive: Directive) -> str:
    return directive.name if isinstance(directive.name, str) else "map"
