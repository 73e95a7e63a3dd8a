"""YAML text -> a tree of nodes, from the events of the C parser: no recursion, every scalar with its offsets.

The C parser (libyaml) is the ancestor of go-yaml's, so the two agree on nearly everything that matters here; where
they do not, it is said at the place.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from lblint.source import libyaml

SCALAR, SEQUENCE, MAPPING = "scalar", "sequence", "mapping"

MAX_DEPTH = 100
"""Deepest nesting that is read. Real stack files stay below 15; the readers behind this one recurse."""


class Node:
    """One node. `value` is text, a list of nodes, or a list of (key, value) pairs; offsets count characters."""

    __slots__ = ("end", "kind", "plain", "start", "tag", "value")

    def __init__(self, kind: str, value: Any, tag: str | None, plain: bool, start: int, end: int) -> None:
        self.kind = kind
        self.value = value
        self.tag = tag
        self.plain = plain
        self.start = start
        self.end = end


class Broken(NamedTuple):
    """Why there is no tree: the parser's words, and the offset they speak of."""

    kind: str
    problem: str
    offset: int


class Document(NamedTuple):
    """The first document of a stream. `more` is the offset of the second one, None where there is none."""

    root: Node | None
    broken: Broken | None
    more: int | None


def compose(text: str) -> Document:
    """Read the first document; `text` has no byte order mark. What follows it is not parsed, as in go-yaml."""
    c = libyaml.load()
    try:
        return _compose(c.parser(text), c)
    except c.reader_error as error:  # a character that YAML does not allow
        return Document(None, Broken("character", _words(error, "reason"), _offset(error)), None)
    except c.parse_error as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        problem = _words(error, "problem") or _words(error, "context")
        return Document(None, Broken("syntax", problem, mark.index if mark else 0), None)


def _words(error: Exception, name: str) -> str:
    return str(getattr(error, name, None) or "")


def _offset(error: Exception) -> int:
    position = getattr(error, "position", 0)
    return position if isinstance(position, int) else 0


def _compose(parser: Any, c: libyaml.Parser) -> Document:
    events = c.events
    get = parser.get_event
    root: Node | None = None
    open_nodes: list[Node] = []
    anchors: dict[str, Node] = {}
    keys: list[Node | None] = []  # the key that waits for its value, per open mapping
    while True:
        event = get()
        kind = type(event)
        if kind is events.ScalarEvent:
            implicit = event.implicit
            node = Node(SCALAR, event.value, event.tag, implicit[0] and not event.style, event.start_mark.index,
                        event.end_mark.index)  # fmt: skip
            if event.tag is None and not node.plain:
                node.tag = "!"
        elif kind is events.MappingStartEvent or kind is events.SequenceStartEvent:
            shape = MAPPING if kind is events.MappingStartEvent else SEQUENCE
            node = Node(shape, [], event.tag, False, event.start_mark.index, event.end_mark.index)
        elif kind is events.AliasEvent:
            found = anchors.get(event.anchor)
            if found is None:
                return _stop("alias", f"unknown anchor '{event.anchor}' referenced", event)
            if any(found is outer for outer in open_nodes):
                return _stop("alias", f"anchor '{event.anchor}' value contains itself", event)
            node = found
        elif kind is events.MappingEndEvent or kind is events.SequenceEndEvent:
            closed = open_nodes.pop()
            closed.end = event.end_mark.index
            if closed.kind is MAPPING:
                keys.pop()
            if not open_nodes:
                root = closed
            continue
        elif kind is events.DocumentEndEvent:
            return Document(root, None, _next_document(parser, c))
        elif kind is events.StreamEndEvent:
            return Document(None, None, None)
        else:
            continue
        if kind is not events.AliasEvent and event.anchor is not None:
            anchors[event.anchor] = node  # a later anchor of the same name hides the earlier one, as in go-yaml
        if open_nodes:
            outer = open_nodes[-1]
            if outer.kind is SEQUENCE:
                outer.value.append(node)
            elif keys[-1] is None:
                keys[-1] = node
            else:
                outer.value.append((keys[-1], node))
                keys[-1] = None
        elif node.kind is SCALAR:
            root = node
        if node.kind is not SCALAR and kind is not events.AliasEvent:
            if len(open_nodes) >= MAX_DEPTH:
                return _stop("deep", f"nested deeper than {MAX_DEPTH} levels", event)
            open_nodes.append(node)
            if node.kind is MAPPING:
                keys.append(None)


def _stop(kind: str, problem: str, event: Any) -> Document:
    return Document(None, Broken(kind, problem, event.start_mark.index), None)


def _next_document(parser: Any, c: libyaml.Parser) -> int | None:
    """The offset of a second document. Its syntax does not count: go-yaml never reads it."""
    try:
        event = parser.get_event()
    except (c.parse_error, c.reader_error):
        return None
    return event.start_mark.index if type(event) is c.events.DocumentStartEvent else None
