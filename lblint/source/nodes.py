"""YAML text -> a tree of nodes, from the events of the parser: no recursion, every scalar with its offsets.

libyaml is the ancestor of go-yaml's parser, so the two agree on nearly everything; for the rest see goyaml_compat.py.
"""

from __future__ import annotations

from typing import Any

from lblint.records import NamedTuple
from lblint.source import yaml_parser
from lblint.source.goyaml_compat import Shadow, beyond, line_breaks, other_version

SCALAR, SEQUENCE, MAPPING = "scalar", "sequence", "mapping"

MAX_DEPTH = 200
"""Deepest nesting that is read, aliases expanded. Real stack files stay below 15; the readers behind this recurse."""


class Node:
    """One node. `value` is text, a list of nodes, or a list of (key, value) pairs; offsets count characters.

    `plain` is the style of the scalar, `tag` what is written in front of it. An alias is the node that it stands for.
    """

    # `index` holds a mapping's pairs by key, once somebody looks up keys of a large one.
    __slots__ = ("end", "index", "kind", "plain", "start", "tag", "value")

    def __init__(self, kind: str, value: Any, tag: str | None, plain: bool, start: int, end: int) -> None:
        self.kind = kind
        self.value = value
        self.tag = tag
        self.plain = plain
        self.start = start
        self.end = end
        self.index: dict[str, tuple[Node, Node]] | None = None


class Broken(NamedTuple):
    """Why there is no tree: the parser's words, the offset to show, and the line that go-yaml names (0: none)."""

    kind: str
    problem: str
    offset: int
    line: int = 0


class Document(NamedTuple):
    """The first document of a stream. `more` is the offset of what follows it, None where nothing does."""

    root: Node | None
    broken: Broken | None
    more: int | None
    aliased: bool = False


def compose(text: str, dialect: str = "v3") -> Document:
    """Read the first document; `text` has no byte order mark. What follows it is not parsed, as in go-yaml."""
    shadow = Shadow(text, dialect)
    while True:
        document = _parse(shadow)
        if document.broken is None or not shadow.mend(document.broken.problem, document.broken.offset):
            return document


def _parse(shadow: Shadow) -> Document:
    c = yaml_parser.load()
    text = shadow.text
    ended = 0
    try:
        document = _compose(c.parser(text), c, shadow)
        wrong = other_version(text, document.root.start) if document.root is not None and "%YAML" in text else None
        if wrong is not None:
            return Document(None, Broken("syntax", "found incompatible YAML document", *wrong), None)
        if document.more is None or document.more >= len(text):
            return document._replace(more=None)
        ended = document.more
        return document._replace(more=beyond(c.parser, text, ended))
    except c.reader_error as error:  # a character that YAML does not allow
        return Document(None, Broken("character", str(getattr(error, "reason", "")), 0), None)
    except c.parse_error as error:
        if ended and shadow.dialect == "v2":
            return document._replace(more=ended)
        broken = _refusal(error, line_breaks(text, ended) if ended else 0)
        return Document(None, broken._replace(offset=broken.offset + ended), None)


_AT_ITS_START = frozenset(("could not find expected ':'", "found unexpected end of stream"))
_OTHER_WORDS = {"found a tab character that violate intendation": "found a tab character that violates indentation"}


def _refusal(error: Exception, before: int) -> Broken:
    """An error in go-yaml's words (decode.go parser.fail): its parser counts lines from 0, its scanner from 1."""
    context, mark = getattr(error, "context_mark", None), getattr(error, "problem_mark", None)
    problem = str(getattr(error, "problem", None) or getattr(error, "context", None) or "")
    problem = _OTHER_WORDS.get(problem, problem)
    line = (context.line + before if context else 0) or (mark.line + before if mark else 0)
    if line and type(error).__name__ == "ScannerError":
        line += 1
    shown = context if context and problem in _AT_ITS_START else mark or context
    return Broken("syntax", problem, shown.index if shown else 0, line)


def _compose(parser: Any, c: yaml_parser.Parser, shadow: Shadow) -> Document:
    events = c.events
    scalar, alias, document_end = events.ScalarEvent, events.AliasEvent, events.DocumentEndEvent
    mapping, sequence = events.MappingStartEvent, events.SequenceStartEvent
    mapping_end, sequence_end = events.MappingEndEvent, events.SequenceEndEvent
    get = parser.get_event
    restore = shadow.restore if shadow.changed else None
    root: Node | None = None
    aliased = False
    open_nodes: list[Node] = []
    anchors: dict[str, Node] = {}
    heights: dict[int, int] = {}  # levels below an anchored node, aliases expanded
    deepest: list[int] = []  # the same for each open node, so far
    keys: list[Node | None] = []  # the key that waits for its value, per open mapping
    while True:
        event = get()
        kind = type(event)
        if kind is scalar:
            value = restore(event.value) if restore else event.value
            node = Node(SCALAR, value, event.tag, not event.style, event.start_mark.index, event.end_mark.index)
        elif kind is mapping or kind is sequence:
            shape = MAPPING if kind is mapping else SEQUENCE
            node = Node(shape, [], event.tag, False, event.start_mark.index, event.end_mark.index)
        elif kind is alias:
            anchored = anchors.get(event.anchor)
            if anchored is None:
                return _stop("alias", f"unknown anchor '{event.anchor}' referenced", event)
            if any(anchored is outer for outer in open_nodes):
                return _stop("alias", f"anchor '{event.anchor}' value contains itself", event)
            node = anchored
            aliased = True
            if deepest:
                deepest[-1] = max(deepest[-1], heights.get(id(node), 0))
                if len(open_nodes) + deepest[-1] > MAX_DEPTH:
                    return _stop("deep", f"nested deeper than {MAX_DEPTH} levels (docker reads 10000)", event)
        elif kind is mapping_end or kind is sequence_end:
            closed = open_nodes.pop()
            closed.end = event.end_mark.index
            height = deepest.pop() + 1
            heights[id(closed)] = height
            if deepest:
                deepest[-1] = max(deepest[-1], height)
            if closed.kind is MAPPING:
                keys.pop()
            if not open_nodes:
                root = closed
            continue
        elif kind is document_end:
            return Document(root, None, event.start_mark.index, aliased)
        elif kind is events.StreamEndEvent:
            return Document(None, None, None)
        else:
            continue
        if event.anchor is not None and kind is not alias:
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
        if node.kind is not SCALAR and kind is not alias:
            if len(open_nodes) >= MAX_DEPTH:
                return _stop("deep", f"nested deeper than {MAX_DEPTH} levels (docker reads 10000)", event)
            open_nodes.append(node)
            deepest.append(0)
            if node.kind is MAPPING:
                keys.append(None)


def _stop(kind: str, problem: str, event: Any) -> Document:
    return Document(None, Broken(kind, problem, event.start_mark.index), None)
