"""A line of the source with a range of it underlined, cut to what a terminal shows of it in one row."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from lblint.finding import Position
from lblint.report.escape import columns, printable

WIDTH = 100
"""Columns of a source line that are shown where there is no terminal."""
_LEAST = 20
"""Columns that are shown on the narrowest terminal: with fewer, nothing can be read anyway."""
_CUT = "…"
_FAR = 3
"""So many times the room is looked at on each side of where a range begins."""


def snippet(raw: str, position: Position, width: int = 0) -> tuple[str, str]:
    """The line and the underline of the range's part in it, which begins with `^`; `width` is that of the terminal in
    columns, 0 where there is none. A line that is longer is cut around the beginning of the range.

    Nothing in the two acts on a terminal, and a character has as many `~` below it as it takes columns.
    """
    gutter = f"  {position.line} | "
    room = max(_LEAST, width - len(gutter)) if width else WIDTH
    first = max(0, position.column - 1 - _FAR * room)
    piece = raw[first : position.column - 1 + _FAR * room]  # a line may be as long as the file, with a finding per word
    widths = [1] * len(piece) if piece.isascii() and "\t" not in piece else [columns(char) for char in piece]
    start, end = _range(widths, position, first)
    left, right = _window(widths, start, end, room)
    cut, cut_off = left + first > 0, right + first < len(raw)
    marked = max(1, sum(widths[start : min(end, right)]))
    shown = f"{_CUT * cut}{printable(piece[left:right])}{_CUT * cut_off}"
    blank = " " * (len(gutter) - 2)
    return gutter + shown, f"{blank}| {' ' * (cut + sum(widths[left:start]))}^{'~' * (marked - 1)}"


def _range(widths: Sequence[int], position: Position, first: int) -> tuple[int, int]:
    """The range as offsets into a piece that begins at character `first`: one character at least, and not without the
    one that a combining character is drawn over."""
    start = position.column - 1 - first
    end = position.end_column - 1 - first if position.end_line == position.line else len(widths)
    while 0 < start < len(widths) and not widths[start]:
        start -= 1
    return start, max(min(end, len(widths)), start + 1)


def _window(widths: Sequence[int], start: int, end: int, room: int) -> tuple[int, int]:
    """From which to which character the piece is shown, with room for an ellipsis where it is cut."""
    offsets = [0, *accumulate(widths)]
    total, last = offsets[-1], len(widths)
    if total <= room:
        return 0, last
    at = offsets[min(start, last)]
    spare = max(room - 2 - (offsets[min(end, last)] - at), room // 4)
    first = max(0, min(at - spare // 2, total - room + 1))
    left = next(index for index, offset in enumerate(offsets) if offset >= first)
    while 0 < left < start and not widths[left]:
        left += 1
    fits = offsets[left] + room - (left > 0)
    right = left
    while right < last and offsets[right + 1] <= fits - (right + 1 < last):
        right += 1
    return left, right
