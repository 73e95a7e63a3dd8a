"""Text that stays within a width: in columns of a fixed-width font, as its real width is known to the viewer alone."""

from __future__ import annotations

from collections.abc import Iterator

from lblint.report.printable import columns, printable

_MARKS = 2
"""So many characters may share a column: what is drawn over others has no width, and no end."""


def fit(text: str, width: int) -> str:
    """The text in at most `width` columns; what is too much is taken out of its middle, for names differ at the end."""
    shown = printable(text[: 4 * width] + text[-4 * width :] if len(text) > 8 * width else text)
    if columns(shown) <= width and len(shown) <= _MARKS * width:
        return shown
    tail = _first(shown[::-1], (width - 1) // 2)[::-1]
    return _first(shown, width - 1 - columns(tail)) + "…" + tail


def wrap(text: str, width: int, most: int) -> list[str]:
    """The text in lines of at most `width` columns (eight at least), at most `most` of them; the last one ends in `…`
    if cut."""
    lines = list(_lines(printable(text[: 4 * width * most]), width))
    if len(lines) > most:
        last = " ".join(lines[most - 1 : most + 1])
        lines = [*lines[: most - 1], _first(last, width - 1).rstrip() + "…"]
    return lines


def _lines(text: str, width: int) -> Iterator[str]:
    line = ""
    for word in text.split():
        while columns(word) > width or len(word) > _MARKS * width:  # no room for it in any line
            room = width - columns(line) - 1 if line else width
            if room < width // 4:
                yield line
                line = ""
                continue
            head = _first(word, room)
            yield f"{line} {head}" if line else head
            line, word = "", word[len(head) :]
        if line and columns(line) + 1 + columns(word) > width:
            yield line
            line = ""
        line = f"{line} {word}" if line and word else line or word
    if line:
        yield line


def _first(text: str, width: int) -> str:
    """As much of the start as there is room for."""
    taken = 0
    for at, char in enumerate(text):
        taken += columns(char)
        if taken > width or at >= _MARKS * width:
            return text[:at]
    return text
