"""What a comment in a TOML file stands at: a table, a key with its value, an item."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from lblint.finding import Path
from lblint.source.block import Block
from lblint.source.comments import Comment, skip
from lblint.source.tomlscan import Mark

if TYPE_CHECKING:
    from lblint.source import Source


class TomlBlocks:
    """The blocks of a TOML file. A table is all that its path leads to, wherever it is written."""

    def __init__(self, source: Source) -> None:
        self.text = source.text
        marks: dict[Path, Mark] = getattr(source, "marks", {})
        self.marks = [(mark.key or mark.value, path, mark) for path, mark in marks.items()]
        self.marks.sort(key=lambda one: one[0])
        self.starts = [span[0] for span, _, _ in self.marks]

    def of(self, comment: Comment) -> Block:
        """Its line with what that opens, for a comment at the end of one; for one on a line of its own what follows."""
        if comment.alone:
            at = skip(self.text, comment.end)
            line = self.text.find("\n", at)
            return self._at(at, len(self.text) if line < 0 else line) or Block(comment.end, comment.end)
        found = self._opened(comment)
        return Block(comment.line, comment.end, found.path if found else None)

    def _opened(self, comment: Comment) -> Block | None:
        """The table of a header, or the value that goes on below the line."""
        at = skip(self.text, comment.line)
        header = self.text.startswith("[", at) and any(
            path and span == mark.value for span, path, mark in self._between(at, comment.start)
        )
        if header:
            return self._at(at, comment.start)
        within = self._between(comment.line, comment.start)
        if not within or within[-1][2].scalar:
            return None
        span, path, mark = within[-1]
        return Block(span[0], mark.value[1], path) if mark.value != span else None

    def _between(self, start: int, end: int) -> list[tuple[tuple[int, int], Path, Mark]]:
        return self.marks[bisect_left(self.starts, start) : bisect_left(self.starts, end)]

    def _at(self, at: int, end: int) -> Block | None:
        """What begins at an offset: a table by its header, a key, or an item of an array."""
        within = self._between(at, end)
        if not within:
            return None
        if self.text.startswith("[", at):  # `[[x]]` has a mark at its brackets, `[a.b]` one for each part
            span, path, mark = within[0] if within[0][0][0] == at else within[-1]
        else:
            span, path, mark = next((one for one in within if one[0] != one[2].value), within[0])
        return Block(span[0], mark.value[1], path)
