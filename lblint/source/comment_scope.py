"""What a comment is about: in YAML the node after it or the block that its line opens; in TOML a table, key or item."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from lblint.finding import Path
from lblint.lazy_re import pattern
from lblint.records import NamedTuple
from lblint.source.comments import Comment, content, skip
from lblint.source.nodes import MAPPING, SCALAR, Node
from lblint.source.positions import find
from lblint.source.tomlscan import Mark

if TYPE_CHECKING:
    from lblint.source import Source


_DASH = pattern(r"(?:^|[ \t])-[ \t]*\Z")


class Block(NamedTuple):
    """A stretch of the text, in offsets. `path` leads to what stands there, where a path does: what an alias or a merge
    key brings in is written elsewhere, and belongs to the block all the same."""

    start: int
    end: int
    path: Path | None = None


class _Entry(NamedTuple):
    """A key with its value, or an item of a list (`key` is None). `here`: not written elsewhere, as is what an alias
    stands for; `flow`: between brackets."""

    key: Node | None
    value: Node
    here: bool
    path: Path
    flow: bool


class Blocks:
    """The blocks of a YAML file, for as many comments as there are."""

    def __init__(self, text: str, root: Node) -> None:
        self.text = text
        self.root = root
        self.nodes: list[tuple[Node, _Entry]] = []
        self.gap = (0, 0)
        self.pairs: dict[int, _Entry] = {}
        self.values: dict[int, _Entry] = {}
        self.items: dict[int, _Entry] = {}
        self._read()
        self.nodes.sort(key=lambda node: node[0].start)
        self.starts = [node.start for node, _ in self.nodes]

    def of(self, comment: Comment) -> Block:
        """Its line with what that opens, for a comment at the end of one; for one on a line of its own what follows."""
        if comment.alone:
            return self._following(comment.end) or Block(comment.end, comment.end)
        start = comment.line
        last = bisect_left(self.starts, comment.start) - 1
        before = bisect_left(self.starts, start) - 1
        if before >= 0 and self.nodes[before][0].kind is SCALAR and self.nodes[before][0].end > start:
            start = self.starts[before]  # the line ends a scalar that begins on another one
        opened = self._item(comment) or (self._open(last, comment) if last > before else None)
        if opened is None:
            return Block(start, comment.end)
        return opened._replace(start=start, end=max(comment.end, opened.end))

    def _following(self, offset: int) -> Block | None:
        if not self.gap[0] <= offset <= self.gap[1]:  # of many comments in a row, all speak of what follows the last
            self.gap = offset, skip(self.text, offset)
        at = self.gap[1]
        if at < self.root.start:  # in front of `---`
            at = self.root.start
        mark = self.text[at : at + 1]
        if mark in ("-", "?") and not self.text[at + 1 : at + 2].strip():
            entry = (self.items if mark == "-" else self.pairs).get(skip(self.text, at + 1))
        else:
            item = self.items.get(at)
            entry = item if item is not None and item.flow else self.pairs.get(at) or self.values.get(at)
        return self._block(entry, at) if entry is not None else None

    def _item(self, comment: Comment) -> Block | None:
        """The item whose dash is the last thing before a comment."""
        if not _DASH.search(self.text[comment.line : comment.start]):
            return None
        entry = self.items.get(skip(self.text, comment.start))
        return self._block(entry, comment.line) if entry is not None else None

    def _open(self, last: int, comment: Comment) -> Block | None:
        """What the node before a comment opens: a key whose value comes below, or a value that goes on there."""
        node, entry = self.nodes[last]
        if node is not entry.key:
            return self._block(entry, comment.line) if node.end > comment.start else None
        if node.end <= comment.start and (not entry.here or entry.value.start > comment.start):
            return self._block(entry, comment.line)
        return None

    def _block(self, entry: _Entry, start: int) -> Block:
        _, node, whole = find(self.root, entry.path)
        path = entry.path if whole and node is entry.value else None  # nothing leads to the first of two equal keys
        last = entry.value if entry.here or entry.key is None else entry.key
        return Block(start, last.end, path)

    def _read(self) -> None:
        """Collect the entries; what an alias stands for is read where it is written."""
        nodes: list[tuple[Node, Path]] = [(self.root, ())]
        while nodes:
            node, path = nodes.pop()
            at = content(self.text, node)
            flow = self.text[at : at + 1] in ("[", "{")
            if node.kind is MAPPING:
                for key, value in node.value:
                    if key.start < node.start:  # an alias as a key
                        continue
                    own = (*path, key.value if key.kind is SCALAR else "")
                    entry = _Entry(key, value, value.start >= key.end, own, flow)
                    self.nodes.append((key, entry))
                    self.pairs.setdefault(key.start, entry)
                    if entry.here:
                        self._value(entry, self.values, nodes)
            elif node.kind is not SCALAR:
                at = node.start
                for index, item in enumerate(node.value):
                    if item.start >= at:
                        at = item.end
                        self._value(_Entry(None, item, True, (*path, index), flow), self.items, nodes)

    def _value(self, entry: _Entry, by_start: dict[int, _Entry], nodes: list[tuple[Node, Path]]) -> None:
        self.nodes.append((entry.value, entry))
        by_start.setdefault(entry.value.start, entry)
        nodes.append((entry.value, entry.path))


class TomlBlocks:
    """The blocks of a TOML file. A table is all that its path leads to, wherever it is written."""

    def __init__(self, source: Source) -> None:
        self.text = source.text
        marks: dict[Path, Mark] = getattr(source, "marks", {})
        self.marks = [(mark.key or mark.value, path, mark) for path, mark in marks.items()]
        self.marks.sort(key=lambda mark: mark[0])
        self.starts = [span[0] for span, _, _ in self.marks]

    def of(self, comment: Comment) -> Block:
        """Its line with what that opens, for a comment at the end of one; for one on a line of its own what follows."""
        if comment.alone:
            at = skip(self.text, comment.end)
            line = self.text.find("\n", at)
            return self._at(at, len(self.text) if line < 0 else line) or Block(comment.end, comment.end)
        entry = self._opened(comment)
        return Block(comment.line, comment.end, entry.path if entry else None)

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
            span, path, mark = next(
                (mark_within for mark_within in within if mark_within[0] != mark_within[2].value), within[0]
            )
        return Block(span[0], mark.value[1], path)
