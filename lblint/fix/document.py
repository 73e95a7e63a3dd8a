"""A file that is written to: its text and tree, its lines, and the splices that change it."""

from __future__ import annotations

from collections.abc import Sequence

from lblint.finding import Edit
from lblint.fix.syntax_tree import Item, Spot, locate, parse
from lblint.records import NamedTuple
from lblint.source import Source


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


def spliced(text: str, made: Sequence[Splice]) -> str:
    """A text with splices that are in order and apart."""
    parts: list[str] = []
    at = 0
    for splice in made:
        parts += [text[at : splice.start], splice.new]
        at = splice.end
    return "".join([*parts, text[at:]])


def find_entry(page: Page, edit: Edit) -> Spot:
    """Where an edit's place is, if it is written there. Raises `RefusedError`."""
    spot = locate(page.root, edit.place.path)
    if not spot.whole or not spot.outer:
        raise RefusedError("what is to be taken away is not there")
    if spot.shared:
        raise RefusedError("what is here stands somewhere else: it comes through an alias or a merge")
    return spot
