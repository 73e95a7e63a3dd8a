"""Edits -> splices: which characters of the text give way to which, and nothing else is touched."""

from __future__ import annotations

from collections.abc import Mapping

from lblint.finding import Edit, Fix
from lblint.fix import scalar
from lblint.fix.tree import Item, Spot, colon, last, locate, parse
from lblint.record import NamedTuple
from lblint.source import Source
from lblint.source.node import MAPPING, SCALAR


class RefusedError(Exception):
    """A fix cannot be made here; the text says why."""


class Splice(NamedTuple):
    """`new` in the place of the characters from `start` to `end`. `whole` is the stretch that was written over, where
    some of it stays the same: nothing else may be changed in it."""

    start: int
    end: int
    new: str
    whole: tuple[int, int] | None = None

    @property
    def claims(self) -> tuple[int, int]:
        """The stretch that is nobody else's."""
        return self.whole or (self.start, self.end)


class Page:
    """A file that is written to: its text, and its tree, which is made when it is first asked for."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self._root: Item | None = None

    @property
    def root(self) -> Item:
        """The tree. Raises `RefusedError` where there is none."""
        if self._root is None:
            self._root = parse(self.text)
        if self._root is None:
            raise RefusedError("the file cannot be read to its end")
        return self._root

    def newline(self, at: int) -> str:
        """How lines end around an offset: as the line there, or the one before it."""
        end = self.text.find("\n", at)
        end = self.text.rfind("\n") if end < 0 else end
        if end < 0:
            return "\r" if "\r" in self.text else "\n"
        return "\r\n" if self.text[end - 1 : end] == "\r" else "\n"

    def line_start(self, at: int) -> int:
        """The offset of the line that holds an offset."""
        return max(self.text.rfind("\n", 0, at), self.text.rfind("\r", 0, at)) + 1

    def line_end(self, at: int) -> int:
        """The offset of the line break behind an offset, or that of the end of the text."""
        while at < len(self.text) and self.text[at] not in "\r\n":
            at += 1
        return at

    def next_line(self, at: int) -> int:
        """The offset of the line after the one that holds an offset."""
        end = self.line_end(at)
        return end + (2 if self.text.startswith("\r\n", end) else 1 if end < len(self.text) else 0)

    def break_before(self, at: int) -> int:
        """The offset of the line break that ends right before an offset; that itself where none does."""
        if self.text[at - 2 : at] == "\r\n" and at > 1:
            return at - 2
        return at - 1 if at and self.text[at - 1] in "\r\n" else at

    def column(self, at: int) -> int:
        """The number of characters before an offset in its line."""
        return at - self.line_start(at)

    def first_on_line(self, at: int) -> bool:
        """Whether nothing but spaces stands before an offset in its line."""
        return not self.text[self.line_start(at) : at].strip(" ")

    def comment_only(self, at: int) -> bool:
        """Whether nothing but a comment follows an offset in its line."""
        rest = self.text[at : self.line_end(at)]
        return not rest.strip() or (rest[:1] in " \t" and rest.lstrip()[:1] == "#")


def splices(pages: Mapping[str, Page], fix: Fix) -> dict[str, list[Splice]]:
    """The splices of a fix in each of its files, apart from each other and in order. Raises `RefusedError`."""
    from lblint.fix import lines, toml

    made: dict[str, list[Splice]] = {}
    moves: dict[str, list[Edit]] = {}
    for edit in fix.edits:
        page = pages.get(edit.place.file)
        if page is None:
            raise RefusedError(f"{edit.place.file} is no file that is written to")
        found = made.setdefault(edit.place.file, [])
        if page.source.dialect == "toml":
            found += toml.splices(page, edit)
        elif edit.op in ("write", "quote", "pair"):
            found.append(trimmed(page.text, _write(page, edit), edit.place.chars is None))
        elif edit.op == "insert":
            found.append(lines.insert(page, edit))
        elif edit.op == "raise":
            found.append(lines.raised(page, edit))
        elif edit.op == "remove":
            found += lines.remove(page, edit)
        else:
            moves.setdefault(edit.place.file, []).append(edit)
    for file, edits in moves.items():
        made[file] += lines.move(pages[file], edits)
    return {file: _in_order(found) for file, found in made.items()}


def _in_order(found: list[Splice]) -> list[Splice]:
    """Splices by their place; those that insert at one offset become one. Raises `RefusedError` where they overlap."""
    out: list[Splice] = []
    for splice in sorted(found, key=lambda one: one[:2]):  # stable: insertions stay as they were made
        if out and out[-1].end > splice.start:
            raise RefusedError("two of its changes are in one place")
        if out and out[-1].start == out[-1].end == splice.start == splice.end:
            out[-1] = Splice(splice.start, splice.end, out[-1].new + splice.new)
        else:
            out.append(splice)
    return out


def trimmed(text: str, splice: Splice, whole: bool = False) -> Splice:
    """A splice without what stays the same at its ends; `whole` claims that, too."""
    start, end, new = splice[:3]
    old = text[start:end]
    same = 0
    while same < min(len(old), len(new)) and old[same] == new[same]:
        same += 1
    back = 0
    while back < min(len(old), len(new)) - same and old[-1 - back] == new[-1 - back]:
        back += 1
    return Splice(start + same, end - back, new[same : len(new) - back], (start, end) if whole else None)


def _write(page: Page, edit: Edit) -> Splice:
    spot = locate(page.root, edit.place.path)
    if not spot.whole:
        raise RefusedError("what is to be written over is not there")
    if edit.place.key and spot.key is not None and edit.place.chars is None:
        return _rename(page, spot, str(spot.key.value if edit.op == "quote" else edit.value))
    item = spot.item
    flow = any(outer.style for outer in spot.outer)
    if item.alias:
        item = item.value
        flow = False
    if item.kind is not SCALAR:
        return _over_collection(page, spot, edit, flow)
    value = edit.value
    if edit.op == "quote":
        value = item.value.lower() if value == "lower" else item.value
    if edit.place.chars is not None:
        start, end = edit.place.chars
        if not isinstance(value, str) or end > len(item.value):
            raise RefusedError("this part of the value is not there")
        value = item.value[:start] + value + item.value[end:]
    if item.start >= item.end:
        return _fill(page, spot, edit, flow)
    style = "" if item.style in ("|", ">") else item.style
    if edit.place.chars is None and edit.op == "write" and "$" in item.value:
        raise RefusedError("a variable stands there")
    if isinstance(value, str) and not edit.bare:
        new = scalar.text(value, style, flow)
    else:
        new = str(value) if edit.bare else scalar.literal(value)
    return Splice(item.start, last(page.text, item), new)


def _rename(page: Page, spot: Spot, name: str) -> Splice:
    key, outer = spot.key, spot.outer[-1]
    assert key is not None
    keys = [other for other, _ in outer.value] if outer.kind is MAPPING else []
    if key.alias or any(other is not key and other.kind is SCALAR and other.value == name for other in keys):
        raise RefusedError(f"{name} stands there already")
    if key.start >= key.end or key.style in ("|", ">") or page.text[key.head - 2 : key.head] == "? ":
        raise RefusedError("the key is written in a form that is not changed")
    return Splice(key.start, key.end, scalar.text(name, key.style, any(item.style for item in spot.outer)))


def _fill(page: Page, spot: Spot, edit: Edit, flow: bool) -> Splice:
    """A value where there is none."""
    if spot.key is None or spot.item.head < spot.item.end:
        raise RefusedError("there is no place for a value")
    at = colon(page.text, spot.key)
    if at == spot.key.end:
        raise RefusedError("there is no place for a value")
    new = edit.value if edit.bare else scalar.literal(edit.value, flow)
    return Splice(at, at, f" {new}")


def _over_collection(page: Page, spot: Spot, edit: Edit, flow: bool) -> Splice:
    """A scalar, or a list in brackets, in the place of a mapping or list that holds no comment."""
    item = spot.item
    end = last(page.text, item, spot.key)
    start = item.start
    if not item.style and spot.key is not None:
        start = colon(page.text, spot.key)
        if start == spot.key.end:
            raise RefusedError("the key is written in a form that is not changed")
    if "#" in page.text[start:end] or item.head != item.start:
        raise RefusedError("a comment or an anchor stands in what is to be written over")
    value = _pair(item) if edit.op == "pair" else edit.value
    new = str(value) if edit.bare else scalar.literal(value, flow)
    return Splice(start, end, f" {new}" if not item.style and spot.key is not None else new)


def _pair(item: Item) -> str:
    """`key=value` of a mapping of one key, to the letter."""
    key, value = item.value[0]
    if len(item.value) != 1 or key.kind is not SCALAR or value.kind is not SCALAR or key.alias or value.alias:
        raise RefusedError("it is no single pair")
    return f"{key.value}={value.value}"
