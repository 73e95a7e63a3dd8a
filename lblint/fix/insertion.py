"""Splices for new entries: a key or an item, in lines of its own or in brackets."""

from __future__ import annotations

import itertools
from typing import Any

from lblint.finding import Edit, Path
from lblint.fix import quoting
from lblint.fix.document import Page, RefusedError, Splice, find_entry
from lblint.fix.syntax_tree import Item, Spot, colon, last, locate
from lblint.source.nodes import MAPPING, SCALAR, SEQUENCE

_STEP = 2
"""Columns of an indentation where the file shows none."""
Entry = tuple[str, Any, str]
"""A key, its value, and both as they are written, with the comment behind them ("" to be written anew)."""
LINES = object()
"""The value of an entry that is several lines."""


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
    return into(page, spot, spot.item, entries, path[spot.steps :])


def _before(page: Page, edit: Edit) -> Splice:
    """A text in front of an item of a list."""
    spot = find_entry(page, edit)
    around, at = spot.outer[-1], spot.item.head
    if around.kind is not SEQUENCE:
        raise RefusedError("there is no such list")
    if around.style:
        return Splice(at, at, quoting.text(str(edit.value), _quote(around), flow=True) + ", ")
    dash = page.text.rfind("-", page.line_start(at), at)
    if dash < 0 or not page.first_on_line(dash):
        raise RefusedError("the list is written in a form that is not changed")
    start = page.line_start(dash)
    return Splice(start, start, page.text[start:at] + quoting.text(str(edit.value)) + page.newline(at))


def has(item: Item, key: str) -> bool:
    item = item.value if item.alias else item
    if item.kind is SEQUENCE:
        return any(entry.kind is SCALAR and str(entry.value).partition("=")[0] == key for entry in item.value)
    return item.kind is MAPPING and any(other.kind is SCALAR and other.value == key for other, _ in item.value)


def into(page: Page, spot: Spot, item: Item, entries: list[Entry], beyond: Path = ()) -> Splice:
    """Entries behind the last one of a collection, below the keys `beyond` that are not there yet."""
    if spot.shared or item.alias:
        raise RefusedError("what it belongs to is shared through an alias or a merge")
    if item.kind is SCALAR:
        return _below_nothing(page, spot, entries, beyond)
    if any(has(item, key) for key, _, _ in entries) and not beyond:
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
        new = "".join(f"{pad}- {quoting.text(_pair(entry))}" for entry in entries)
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
        new += f"{newline}{' ' * indent}{quoting.text(str(key))}:"
        indent += step
    pad = newline + " " * indent
    for key, value, written in entries:
        if value is LINES:
            new += "".join(pad + line if line else newline for line in written.split("\n"))
            continue
        new += pad + (written or f"{quoting.text(key)}:{quoting.block(value, indent, step, newline)}")
    return new


def _into_brackets(page: Page, item: Item, entries: list[Entry], beyond: Path) -> Splice:
    if item.kind is SEQUENCE:
        if beyond:
            raise RefusedError("the list is written in a form that is not changed")
        written = [quoting.text(_pair(entry), _quote(item), flow=True) for entry in entries]
    else:
        value: Any = {key: value for key, value, _ in entries}
        for step in reversed(beyond):
            value = {step: value}
        written = []
        if any(raw for _, _, raw in entries):
            raise RefusedError("what is to be moved stands outside of brackets")
        for key, inner in value.items():
            written.append(f"{quoting.text(key, _quote(item), flow=True)}: {quoting.literal(inner)}")
    new = ", ".join(written)
    if not item.value:
        return Splice(item.start + 1, item.start + 1, new)
    end = last(page.text, *reversed(item.value[-1])) if item.kind is MAPPING else last(page.text, item.value[-1])
    return Splice(end, end, f", {new}")


def _quote(item: Item) -> str:
    """The quotes that all keys or items have, if all are quoted alike."""
    firsts = [entry[0] if item.kind is MAPPING else entry for entry in item.value]
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
