"""Splices that take an entry away: a key or an item, in lines of its own or in brackets."""

from __future__ import annotations

from lblint.finding import Edit
from lblint.fix.document import Page, RefusedError, Splice
from lblint.fix.syntax_tree import Item, Spot, colon, last, locate
from lblint.source.nodes import MAPPING, SEQUENCE


def remove(page: Page, edit: Edit) -> list[Splice]:
    """An entry, with its comment on the same line; the collection as well, if nothing else is in it.

    Raises `RefusedError`.
    """
    spot = found(page, edit)
    return without(page, spot.outer, [spot.item])


def found(page: Page, edit: Edit) -> Spot:
    """Where an edit's place is, if it is written there. Raises `RefusedError`."""
    spot = locate(page.root, edit.place.path)
    if not spot.whole or not spot.outer:
        raise RefusedError("what is to be taken away is not there")
    if spot.shared:
        raise RefusedError("what is here stands somewhere else: it comes through an alias or a merge")
    return spot


def without(page: Page, outer: tuple[Item, ...], items: list[Item], comments: bool = False) -> list[Splice]:
    """The text without some entries of the innermost collection; without that, if none is left, and with `comments`
    without those among them."""
    around = outer[-1]
    pairs = list(around.value) if around.kind is MAPPING else [(one, one) for one in around.value]
    at = [number for number, (_, value) in enumerate(pairs) if any(value is item for item in items)]
    if len(at) == len(pairs):
        return _collection(page, outer, comments)
    runs: list[list[int]] = []
    for number in at:
        if runs and runs[-1][-1] == number - 1 and around.style:  # comments may stand between lines
            runs[-1].append(number)
        else:
            runs.append([number])
    return [_run(page, around, pairs, run[0], run[-1]) for run in runs]


Pairs = list[tuple[Item, Item]]


def _run(page: Page, around: Item, pairs: Pairs, first: int, final: int) -> Splice:
    """Entries that follow one another."""
    end = _end(page, around, pairs[final])
    start = pairs[first][0].head
    if around.style and final + 1 < len(pairs):
        return Splice(start, pairs[final + 1][0].head, "")
    if around.style:
        return Splice(_end(page, around, pairs[first - 1]), end, "")
    if around.kind is SEQUENCE:
        start = page.text.rfind("-", page.line_start(start), start)
    if start < 0 or not page.comment_only(end):
        raise RefusedError("something else stands on the line")
    if page.first_on_line(start):
        return whole_lines(page, start, end)
    after = pairs[final + 1][0].head if final + 1 < len(pairs) else -1
    if around.kind is SEQUENCE or after < 0 or "#" in page.text[end:after]:
        raise RefusedError("something else stands on the line")
    return Splice(start, after, "")


def _collection(page: Page, outer: tuple[Item, ...], comments: bool) -> list[Splice]:
    """A whole collection and its key; comments between its entries stay, if they are not to go as well."""
    if len(outer) < 4 or outer[-2].kind is not MAPPING or outer[-1].anchor is not None:
        raise RefusedError("nothing would be left")
    inner, around = outer[-1], outer[-2]
    key = next(key for key, value in around.value if value is inner)
    text = page.text[key.head : last(page.text, inner, key)]
    said = note(page, key)
    among = bool(said) or any(line.lstrip().startswith("#") for line in text.splitlines())
    if comments or inner.style or around.style or not among:
        return without(page, outer[:-1], [inner])
    if len(around.value) == 1 or not page.first_on_line(key.head) or not page.comment_only(colon(page.text, key)):
        raise RefusedError("only comments would be left")
    pairs = list(inner.value) if inner.kind is MAPPING else [(one, one) for one in inner.value]
    runs = [_run(page, inner, pairs, number, number) for number in range(len(pairs))]
    if said:
        return [Splice(key.head, page.line_end(key.head) - len(said), ""), *runs]
    return [whole_lines(page, key.head, key.head), *runs]


def note(page: Page, key: Item) -> str:
    """The comment behind a key with a block below it."""
    at = colon(page.text, key)
    rest = page.text[at : page.line_end(at)].lstrip()
    return rest if rest[:1] == "#" and page.comment_only(at) else ""


def whole_lines(page: Page, start: int, end: int) -> Splice:
    """The lines from one offset to another; at the end of a text without a line break, that before them as well."""
    first, behind = page.line_start(start), page.next_line(end)
    if page.line_end(end) == len(page.text) and first:
        return Splice(page.break_before(first), behind, "")
    return Splice(first, behind, "")


def _end(page: Page, around: Item, pair: tuple[Item, Item]) -> int:
    key, value = pair
    return last(page.text, value, key if around.kind is MAPPING else None)
