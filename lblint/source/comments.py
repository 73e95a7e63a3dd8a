"""Text -> the comments that speak to lblint. The C parser leaves comments out, so a `#` is one by where it stands: in
no scalar, for outside of those nothing in YAML or TOML holds a `#` but a comment.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from lblint.lazy_re import pattern
from lblint.records import NamedTuple
from lblint.source import Source
from lblint.source.nodes import MAPPING, SCALAR, Node

NAME = "lblint"
"""The word that such a comment begins with."""

_NAME = pattern(NAME, re.IGNORECASE)
_BREAKS = "\n\r\x85\u2028\u2029"
"""What ends a comment in YAML (libyaml and go-yaml: IS_BREAK)."""
_BREAK = pattern(f"[{_BREAKS}]")
_GAP = pattern(f"(?:[ \t\ufeff{_BREAKS}]++|#[^{_BREAKS}]*+)*+")
_PROPERTIES = pattern(f"(?:[&!][^ \t{_BREAKS}]*+(?:[ \t{_BREAKS}]++(?:#[^{_BREAKS}]*+)?)*+)++")
_MARKER = pattern(r"(?:---|\.\.\.)(?:[ \t]+#[^\r\n]*|(?=\s|\Z))")
_TOKEN = pattern("[\"'#]")


class Comment(NamedTuple):
    """A comment, in offsets: where its line begins, the comment itself, and whether it stands on a line of its own."""

    line: int
    start: int
    end: int
    alone: bool


def comments(source: Source) -> Iterator[Comment]:
    """The comments that hold the word `lblint`, in order; none where the file could not be read as YAML or TOML."""
    if source.dialect == "toml":
        yield from _of_toml(source.text) if source.data is not None else ()
    elif source.root is not None:
        yield from _of_yaml(source.text, source.root)


def skip(text: str, offset: int) -> int:
    """The offset of what comes next but for blanks, line breaks and comments."""
    match = _GAP.match(text, offset)
    return match.end() if match else offset


def content(text: str, node: Node) -> int:
    """Where a node begins without its anchor and tag."""
    if text[node.start : node.start + 1] not in ("&", "!"):
        return node.start
    match = _PROPERTIES.match(text, node.start)
    return min(match.end(), node.end) if match else node.start


def _of_yaml(text: str, root: Node) -> Iterator[Comment]:
    spans = sorted(_scalars(text, root))
    starts = [start for start, _ in spans]
    stop = _end(text, root)
    line = past = seen = 0
    for word in _NAME.finditer(text):
        if word.start() < past:
            continue
        if word.start() >= stop:
            return
        for ended in _BREAK.finditer(text, seen, word.start()):
            line = ended.end()
        at = text.find("#", max(line, seen), word.start())
        seen = word.start()
        while at >= 0:
            before = bisect_right(starts, at) - 1
            if before < 0 or spans[before][1] <= at:
                break
            at = text.find("#", max(at + 1, spans[before][1]), word.start())
        if at < 0:
            continue
        match = _BREAK.search(text, at)
        past = seen = match.start() if match else len(text)
        yield Comment(line, at, past, not text[line:at].strip(" \t\ufeff"))


def _end(text: str, root: Node) -> int:
    """Where the first document ends, of which alone it is known what is text in it. The line of the marker that follows
    may have a comment itself."""
    at = skip(text, root.end)
    marker = _MARKER.match(text, at)
    return marker.end() if marker else at


def _scalars(text: str, root: Node) -> Iterator[tuple[int, int]]:
    """The stretches of text that scalars take, without their anchors and tags and without the header of a block."""
    seen: set[int] = set()
    nodes = [root]
    while nodes:
        node = nodes.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if node.kind is MAPPING:
            for pair in node.value:
                nodes.extend(pair)
        elif node.kind is not SCALAR:
            nodes.extend(node.value)
        else:
            start = content(text, node)
            if not node.plain and text[start : start + 1] in ("|", ">"):
                match = _BREAK.search(text, start, node.end)
                start = match.start() if match else node.end
            if start < node.end:
                yield start, node.end


def _of_toml(text: str) -> Iterator[Comment]:
    from lblint.source.tomlscan import TEXT

    at = 0
    while token := _TOKEN.search(text, at):
        start = token.start()
        match = TEXT.match(text, start) if token[0] != "#" else None
        at = match.end() if match else text.find("\n", start)
        at = len(text) if at < 0 else at
        if token[0] == "#" and _NAME.search(text, start, at):
            line = text.rfind("\n", 0, start) + 1
            end = at - (text[at - 1] == "\r")
            yield Comment(line, start, end, not text[line:start].strip(" \t"))
