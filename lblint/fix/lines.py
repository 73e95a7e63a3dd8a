"""Splices for whole entries: to insert, remove and move a key or an item, in lines of their own or in brackets."""

from __future__ import annotations

import itertools
from typing import Any

from lblint.finding import Edit, Path
from lblint.fix import scalar
from lblint.fix.splice import Page, RefusedError, Splice
from lblint.fix.tree import Item, Spot, colon, last, locate
from lblint.source.node import MAPPING, SCALAR, SEQUENCE

_STEP = 2
"""Columns of an indentation where the file shows none."""


def insert(page: Page, edit: Edit) -> Splice:
    """`key: value` into a mapping, with the mappings around it that are not there yet; an item into a list.

    Raises `RefusedError`.
    """
    path, value = edit.place.path, edit.value
    if path and isinstance(path[-1], int):
        return _before(page, edit)
    spot = locate(page.root, path)
    if any(isinstance(step, int) for step in path[spot.steps :]):
        raise RefusedError("there is no such list")
    pairs = value if not edit.key and isinstance(value, dict) else {edit.key: value}
    entries = [(key, of, "") for key, of in pairs.items()]
    return _into(page, spot, spot.item, entries, path[spot.steps :])


def _before(page: Page, edit: Edit) -> Splice:
    """A text in front of an item of a list."""
    spot = found(page, edit)
    around, at = spot.outer[-1], spot.item.head
    if around.kind is not SEQUENCE:
        raise RefusedError("there is no such list")
    if around.style:
        return Splice(at, at, scalar.text(str(edit.value), _quote(around), flow=True) + ", ")
    dash = page.text.rfind("-", page.line_start(at), at)
    if dash < 0 or not page.first_on_line(dash):
        raise RefusedError("the list is written in a form that is not changed")
    start = page.line_start(dash)
    return Splice(start, start, page.text[start:at] + scalar.text(str(edit.value)) + page.newline(at))


def raised(page: Page, edit: Edit) -> Splice:
    """The one entry of a mapping beside the key of that. Raises `RefusedError`."""
    spot = found(page, edit)
    inner, around = spot.outer[-1], spot.outer[-2]
    key = next(key for key, value in around.value if value is inner)
    start, end = colon(page.text, key), last(page.text, inner, key)
    if len(inner.value) != 1 or spot.key is None or "#" in page.text[start:end] or spot.item.kind is not SCALAR:
        raise RefusedError("more stands there than that")
    if inner.head != inner.start or spot.item.alias or start == key.end or _has(around, str(spot.key.value)):
        raise RefusedError("it is written in a form that is not changed")
    entry = page.text[spot.key.head : last(page.text, spot.item, spot.key)]
    between = ", " if around.style else page.newline(start) + " " * page.column(key.head)
    return Splice(start, end, f" {scalar.literal(edit.value)}{between}{entry}")


def remove(page: Page, edit: Edit) -> list[Splice]:
    """An entry, with its comment on the same line; the collection as well, if nothing else is in it.

    Raises `RefusedError`.
    """
    spot = found(page, edit)
    return _without(page, spot.outer, [spot.item])


def move(page: Page, edits: list[Edit]) -> list[Splice]:
    """Entries of one collection into the mapping at their `to`, as they are written if they stand on one line.

    Raises `RefusedError`.
    """
    spots = [found(page, edit) for edit in edits]
    if any(spot.outer[-1] is not spots[0].outer[-1] for spot in spots):
        raise RefusedError("they stand in several places")
    entries = [_entry(page, spot, edit) for spot, edit in zip(spots, edits, strict=True)]
    to = edits[0].to
    target = locate(page.root, to)
    if any(isinstance(step, int) for step in to[target.steps :]):
        raise RefusedError("there is no such list")
    if target.whole and any(_has(target.item, key) for key, _, _ in entries):
        raise RefusedError("it stands there already")
    renamed = any(edit.key not in ("", edit.place.path[-1]) for edit in edits)
    block = None if renamed else _whole_block(page, spots, entries, target.whole)
    if block is not None:
        entries = [block]
    added = _into(page, target, target.item, entries, to[target.steps :])
    gone = _without(page, spots[0].outer, [spot.item for spot in spots], block is not None)
    for splice in sorted(gone, reverse=True):  # what goes may be what the rest was to follow
        if splice.start < added.start <= splice.end:
            last_lines = page.text[splice.start] in "\r\n"
            before = splice.start if last_lines else page.break_before(splice.start)
            added = added._replace(start=before, end=before)
    return [*gone, added]


def _whole_block(page: Page, spots: list[Spot], entries: list[Entry], beside: bool) -> Entry | None:
    """All entries of a collection with the comments among them, as one; None if some stay, or stand in other forms.
    A list stays one where it comes to stand by itself, not `beside` other entries."""
    around = spots[0].outer[-1]
    in_list = around.kind is SEQUENCE
    as_written = not beside if in_list else all(raw for _, _, raw in entries)
    if around.style or len(around.value) != len(spots) or not as_written:
        return None
    start, end = (around.value[0] if in_list else around.value[0][0]).head, last(page.text, around)
    if in_list and any(item.alias or set("\r\n") & set(page.text[item.head : item.end]) for item in around.value):
        return None
    above = page.line_start(start)
    key = next((key for key, value in spots[0].outer[-2].value if value is around), None)
    if key is not None and page.first_on_line(key.head):
        above = min(above, page.next_line(key.head))
    lines = page.text[above : page.line_end(end)].splitlines()
    own = {raw for _, _, raw in entries}
    known = [line for line in map(str.strip, lines) if line and line[0] != "#"]
    if len(known) != len(spots) or not (all(line[:2] == "- " for line in known) if in_list else set(known) <= own):
        return None
    return "", _LINES, "\n".join(line.strip() for line in lines)


_LINES = object()
"""The value of an entry that is several lines."""


def found(page: Page, edit: Edit) -> Spot:
    """Where an edit's place is, if it is written there. Raises `RefusedError`."""
    spot = locate(page.root, edit.place.path)
    if not spot.whole or not spot.outer:
        raise RefusedError("what is to be taken away is not there")
    if spot.shared:
        raise RefusedError("what is here stands somewhere else: it comes through an alias or a merge")
    return spot


Entry = tuple[str, Any, str]
"""A key, its value, and both as they are written, with the comment behind them ("" to be written anew)."""


def _entry(page: Page, spot: Spot, edit: Edit) -> Entry:
    item, outer = spot.item, spot.outer[-1]
    if item.kind is not SCALAR and not (item.style or item.alias):
        raise RefusedError("what is to be moved stands on several lines")
    if item.kind is not SCALAR:
        raise RefusedError("what is to be moved is no single value")
    if outer.kind is SEQUENCE:
        key, _, value = str(item.value).partition("=")
        return _with_comment(page, spot, edit.key or key, value)
    assert spot.key is not None
    key = edit.key or str(spot.key.value)
    start, end = spot.key.head, last(page.text, item, spot.key)
    single = not (set("\r\n") & set(page.text[start:end])) and not outer.style
    if single and page.comment_only(end) and key == spot.key.value:
        return key, None, page.text[start : page.line_end(end)].rstrip()
    if item.alias:
        raise RefusedError("it is an alias")
    value = page.source.data
    for step in edit.place.path:
        value = value[step]
    if item.plain and single:
        written = page.text[item.start : item.end]
        return key, value, f"{scalar.text(key)}: {written}{_comment(page, spot)}"
    return _with_comment(page, spot, key, value)


def _comment(page: Page, spot: Spot) -> str:
    """The comment behind an item on its line, with what divides them."""
    end = last(page.text, spot.item, spot.key)
    return page.text[end : page.line_end(end)].rstrip() if page.comment_only(end) else ""


def _with_comment(page: Page, spot: Spot, key: str, value: Any) -> Entry:
    """An entry that is written anew; as text, if a comment goes with it."""
    comment = _comment(page, spot)
    return key, value, f"{scalar.text(key)}: {scalar.literal(value, flow=False)}{comment}" if comment else ""


def _has(item: Item, key: str) -> bool:
    item = item.value if item.alias else item
    if item.kind is SEQUENCE:
        return any(one.kind is SCALAR and str(one.value).partition("=")[0] == key for one in item.value)
    return item.kind is MAPPING and any(other.kind is SCALAR and other.value == key for other, _ in item.value)


def _into(page: Page, spot: Spot, item: Item, entries: list[Entry], beyond: Path = ()) -> Splice:
    """Entries behind the last one of a collection, below the keys `beyond` that are not there yet."""
    if spot.shared or item.alias:
        raise RefusedError("what it belongs to is shared through an alias or a merge")
    if item.kind is SCALAR:
        return _below_nothing(page, spot, entries, beyond)
    if any(_has(item, key) for key, _, _ in entries) and not beyond:
        raise RefusedError("it stands there already")
    if item.style:
        return _into_brackets(page, item, entries, beyond)
    if item.kind is MAPPING and not spot.outer and [key for key, _, _ in entries] == ["version"]:
        start = page.line_start(item.value[0][0].head)
        if page.column(item.value[0][0].head):
            raise RefusedError("something else stands on the line")
        return Splice(start, start, _lines(entries, (), 0, _STEP, "") + page.newline(start))
    end = last(page.text, *reversed(item.value[-1])) if item.kind is MAPPING else last(page.text, item.value[-1])
    if not page.comment_only(end):
        raise RefusedError("something else stands on the line")
    tail = item.value[-1][1] if item.kind is MAPPING else item.value[-1]
    while not tail.alias and not tail.style and tail.kind is not SCALAR and tail.value:
        tail = tail.value[-1][1] if tail.kind is MAPPING else tail.value[-1]
    if tail.style in ("|", ">") and "+" in page.text[tail.start : page.line_end(tail.start)]:
        raise RefusedError("it would follow a block text that keeps its empty lines")
    at = page.line_end(end)
    newline = page.newline(end)
    step = _step(page, spot)
    if item.kind is SEQUENCE:
        dash = page.text.rfind("-", page.line_start(item.value[0].head), item.value[0].head)
        if dash < 0 or beyond:
            raise RefusedError("the list is written in a form that is not changed")
        pad = newline + " " * page.column(dash)
        new = "".join(f"{pad}- {scalar.text(_pair(entry))}" for entry in entries)
        return Splice(at, at, new)
    indent = page.column(item.value[0][0].head)
    return Splice(at, at, _lines(entries, beyond, indent, step, newline))


def _below_nothing(page: Page, spot: Spot, entries: list[Entry], beyond: Path) -> Splice:
    """Entries below a key without a value."""
    item, key = spot.item, spot.key
    if key is None or item.start < item.end or item.head < item.end or any(outer.style for outer in spot.outer):
        raise RefusedError("there is a value where a mapping is needed")
    end = colon(page.text, key)
    if end == key.end or not page.comment_only(end):
        raise RefusedError("the key is written in a form that is not changed")
    step = _step(page, spot)
    at = page.line_end(end)
    return Splice(at, at, _lines(entries, beyond, page.column(key.head) + step, step, page.newline(end)))


def _lines(entries: list[Entry], beyond: Path, indent: int, step: int, newline: str) -> str:
    """Entries as lines, each beginning with a line break."""
    new = ""
    for key in beyond:
        new += f"{newline}{' ' * indent}{scalar.text(str(key))}:"
        indent += step
    pad = newline + " " * indent
    for key, value, written in entries:
        if value is _LINES:
            new += "".join(pad + line if line else newline for line in written.split("\n"))
            continue
        new += pad + (written or f"{scalar.text(key)}:{scalar.block(value, indent, step, newline)}")
    return new


def _into_brackets(page: Page, item: Item, entries: list[Entry], beyond: Path) -> Splice:
    if item.kind is SEQUENCE:
        if beyond:
            raise RefusedError("the list is written in a form that is not changed")
        written = [scalar.text(_pair(entry), _quote(item), flow=True) for entry in entries]
    else:
        value: Any = {key: value for key, value, _ in entries}
        for step in reversed(beyond):
            value = {step: value}
        written = []
        if any(raw for _, _, raw in entries):
            raise RefusedError("what is to be moved stands outside of brackets")
        for key, one in value.items():
            written.append(f"{scalar.text(key, _quote(item), flow=True)}: {scalar.literal(one)}")
    new = ", ".join(written)
    if not item.value:
        return Splice(item.start + 1, item.start + 1, new)
    end = last(page.text, *reversed(item.value[-1])) if item.kind is MAPPING else last(page.text, item.value[-1])
    return Splice(end, end, f", {new}")


def _quote(item: Item) -> str:
    """The quotes that all keys or items have, if all are quoted alike."""
    firsts = [one[0] if item.kind is MAPPING else one for one in item.value]
    styles = {first.style for first in firsts if first.kind is SCALAR}
    return styles.pop() if len(styles) == 1 and styles <= {'"', "'"} else ""


def _pair(entry: Entry) -> str:
    key, value, raw = entry
    if raw:
        raise RefusedError("the labels there are a list")
    if not key:
        return str(value)
    text = str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)
    return f"{key}={text}"


def _step(page: Page, spot: Spot) -> int:
    """The indentation that the mappings around show."""
    columns = [page.column(outer.value[0][0].head) for outer in spot.outer
               if outer.kind is MAPPING and outer.value and not outer.style]  # fmt: skip
    steps = [after - before for before, after in itertools.pairwise(columns) if after > before]
    return steps[0] if steps else _STEP


def _without(page: Page, outer: tuple[Item, ...], items: list[Item], comments: bool = False) -> list[Splice]:
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
        return _whole_lines(page, start, end)
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
    if comments or inner.style or around.style or not any(line.lstrip().startswith("#") for line in text.splitlines()):
        return _without(page, outer[:-1], [inner])
    if len(around.value) == 1 or not page.first_on_line(key.head) or not page.comment_only(colon(page.text, key)):
        raise RefusedError("only comments would be left")
    pairs = list(inner.value) if inner.kind is MAPPING else [(one, one) for one in inner.value]
    runs = [_run(page, inner, pairs, number, number) for number in range(len(pairs))]
    return [_whole_lines(page, key.head, key.head), *runs]


def _whole_lines(page: Page, start: int, end: int) -> Splice:
    """The lines from one offset to another; at the end of a text without a line break, that before them as well."""
    first, behind = page.line_start(start), page.next_line(end)
    if page.line_end(end) == len(page.text) and first:
        return Splice(page.break_before(first), behind, "")
    return Splice(first, behind, "")


def _end(page: Page, around: Item, pair: tuple[Item, Item]) -> int:
    key, value = pair
    return last(page.text, value, key if around.kind is MAPPING else None)
