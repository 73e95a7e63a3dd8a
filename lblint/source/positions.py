"""Paths -> positions: the last step before a finding is shown."""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Path, Place, Position
from lblint.source.constructor import is_merge
from lblint.source.nodes import MAPPING, SCALAR, Node


def find(root: Node | None, path: Path, dialect: str = "v3") -> tuple[Node | None, Node | None, bool]:
    """The nodes of the longest part of `path` that exists: (key, value, whole path found). Merges are looked through.

    `key` is None for items of a sequence and for the top. With `dialect` "v2" a merge key overrides what stands before
    it in its mapping, merge keys included.
    """
    key: Node | None = None
    node = root
    for step in path:
        if node is None:
            return key, node, False
        below = _step(node, step) if dialect == "v3" else _last(node, step)
        if below is None:
            return key, node, False
        key, node = below
    return key, node, True


_SMALL = 8
"""Up to so many pairs a mapping is searched; larger ones are indexed: there may be a fault at each of their keys."""


def _step(node: Node, step: str | int) -> tuple[Node | None, Node] | None:
    if node.kind is MAPPING:
        if len(node.value) > _SMALL:
            index = node.index
            if index is None:
                index = node.index = {key.value: (key, value) for key, value in node.value if key.kind is SCALAR}
            entry = index.get(step) if isinstance(step, str) else None
        else:
            entry = None
            for pair in reversed(node.value):
                if pair[0].value == step and pair[0].kind is SCALAR:
                    entry = pair
                    break
        if entry is not None and (step == "<<" or not is_merge(entry[0])):
            return entry  # the last one, as the data has it
        for merged in _merged(node):
            below = _step(merged, step)
            if below is not None:
                return below
    elif node.kind is not SCALAR and isinstance(step, int) and 0 <= step < len(node.value):
        return None, node.value[step]
    return None


def _last(node: Node, step: str | int) -> tuple[Node | None, Node] | None:
    """As `_step` for clients before 28.0, which merge where `<<` stands: what comes last wins."""
    if node.kind is not MAPPING or not any(is_merge(key) for key, _ in node.value):
        return _step(node, step)
    for key, value in reversed(node.value):
        if not is_merge(key):
            if key.kind is SCALAR and key.value == step:
                return key, value
            continue
        if step == "<<":
            return key, value
        for item in [value] if value.kind is MAPPING else value.value if value.kind is not SCALAR else ():
            below = _last(item, step) if item.kind is MAPPING else None
            if below is not None:
                return below
    return None


def _merged(node: Node) -> Iterator[Node]:
    """The mappings that merge keys bring into a mapping, first those that win."""
    if node.index is not None and "<<" not in node.index:
        return
    for key, value in reversed(node.value):
        if is_merge(key):
            for item in [value] if value.kind is MAPPING else value.value if value.kind is not SCALAR else ():
                if item.kind is MAPPING:
                    yield item


def span(root: Node | None, text: str, place: Place, dialect: str = "v3") -> tuple[int, int]:
    """The offsets (start, end) of a place in the text; of what is nearest to it where it does not exist."""
    key, node, whole = find(root, place.path, dialect)
    if node is None:
        return 0, 0
    if key is not None and (place.key or not whole or node.kind is not SCALAR or node.start >= node.end):
        return key.start, key.end  # a block is shown by its key, and so is a value that is not there
    if node.kind is not SCALAR:
        return node.start, min(node.start + 1, len(text))
    start, end = node.start, node.end
    if place.chars is not None:
        inner = _inner(node, text)
        if inner is not None:
            first = inner + min(place.chars[0], len(node.value))
            return first, max(min(inner + place.chars[1], inner + len(node.value)), first)
    return start, end


def _inner(node: Node, text: str) -> int | None:
    """Where the scalar's value begins in the text, if it stands there to the letter."""
    for shift in (0, 1):
        if text.startswith(node.value, node.start + shift):
            return node.start + shift
    return None


class Lines:
    """Offsets -> lines and columns, both from 1. A line ends at LF, CR LF or CR."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts: list[int] | None = None

    @property
    def starts(self) -> list[int]:
        """The offset of every line."""
        if self._starts is None:
            starts = [0]
            text = self.text
            at = text.find("\n")
            while at >= 0:
                starts.append(at + 1)
                at = text.find("\n", at + 1)
            if "\r" in text:
                starts += [i + 1 for i, c in enumerate(text) if c == "\r" and text[i + 1 : i + 2] != "\n"]
                starts.sort()
            self._starts = starts
        return self._starts

    def at(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset."""
        from bisect import bisect_right

        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1

    def line(self, number: int) -> str:
        """The text of a line, without its end."""
        starts = self.starts
        if not 1 <= number <= len(starts):
            return ""
        end = starts[number] if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].rstrip("\r\n")

    def between(self, start: int, end: int) -> Position:
        """The position of just these characters; of the place before one where there are none."""
        return Position(*self.at(start), *self.at(end))

    def position(self, start: int, end: int) -> Position:
        """The position of a stretch; it ends before the line break that a block scalar closes with."""
        while end > start + 1 and self.text[end - 1 : end] in ("\n", "\r", " "):
            end -= 1
        line, column = self.at(start)
        end_line, end_column = self.at(max(end, start))
        return Position(line, column, end_line, end_column)
