"""YAML text -> a tree that knows how everything is written: anchors, aliases, quotes, brackets.

The nodes of `lblint.source` are made for reading, where an alias is what it stands for. Who writes has to know that it
is one.
"""

from __future__ import annotations

from typing import Any

from lblint.finding import Path
from lblint.records import NamedTuple
from lblint.source import yaml_parser
from lblint.source.constructor import is_merge
from lblint.source.goyaml_compat import Shadow
from lblint.source.nodes import MAPPING, MAX_DEPTH, SCALAR, SEQUENCE, Node


class Item(Node):
    """A node as it is written. `start` is behind its anchor and tag, `head` before them; `style` is the quote or block
    sign of a scalar, `[` or `{` of a collection in brackets, "" else. Of an alias, `value` is the anchored item."""

    __slots__ = ("alias", "anchor", "head", "style")

    def __init__(self, kind: str, value: Any, text: str, event: Any, style: str) -> None:
        start, end = event.start_mark.index, event.end_mark.index
        tag = getattr(event, "tag", None)
        super().__init__(kind, value, tag, kind is SCALAR and not style, _behind(text, start, end), end)
        self.head = start
        self.anchor: str | None = event.anchor
        self.alias = False
        self.style = style


class Spot(NamedTuple):
    """Where a path leads: the key and the item there, the collections on the way (outermost first), the steps taken,
    and whether an alias or a merge was crossed. `item` is the deepest that exists; `whole` says that the path ends
    there."""

    key: Item | None
    item: Item
    outer: tuple[Item, ...]
    steps: int
    shared: bool
    whole: bool


def parse(text: str) -> Item | None:
    """The first document of a text that can be read; None where it cannot, or holds nothing."""
    shadow = Shadow(text, "v3")
    for _ in range(1000):
        try:
            return _compose(shadow)
        except yaml_parser.load().parse_error as error:
            mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
            problem = str(getattr(error, "problem", None) or getattr(error, "context", None) or "")
            if mark is None or not shadow.mend(problem, mark.index):
                return None
        except yaml_parser.load().reader_error:
            return None
    return None


def _behind(text: str, start: int, end: int) -> int:
    """The offset behind an anchor and a tag."""
    at = start
    while at < end and text[at] in "&!":
        while at < end and not text[at].isspace():
            at += 1
        while at < end and text[at].isspace():
            at += 1
    return at


def _compose(shadow: Shadow) -> Item | None:
    c = yaml_parser.load()
    events, text = c.events, shadow.text
    parser = c.parser(text)
    anchors: dict[str, Item] = {}
    open_: list[tuple[Item, list[Item]]] = []  # a collection and its items so far, keys and values in turn
    while True:
        event = parser.get_event()
        kind = type(event)
        if kind is events.ScalarEvent:
            item = Item(SCALAR, shadow.restore(event.value), text, event, event.style or "")
        elif kind is events.MappingStartEvent or kind is events.SequenceStartEvent:
            item = Item(MAPPING if kind is events.MappingStartEvent else SEQUENCE, [], text, event, "")
            bracket = text[item.start : item.start + 1]
            item.style = bracket if item.start < item.end and bracket in ("[", "{") else ""
        elif kind is events.AliasEvent:
            if event.anchor not in anchors:
                return None
            target = anchors[event.anchor]
            item = Item(target.kind, target, text, event, target.style)
            item.alias, item.anchor = True, None
        elif kind is events.MappingEndEvent or kind is events.SequenceEndEvent:
            item, below = open_.pop()
            item.value = below if item.kind is SEQUENCE else list(zip(below[::2], below[1::2], strict=True))
            item.end = event.end_mark.index
            if not open_:
                return item
            continue
        elif kind is events.DocumentEndEvent or kind is events.StreamEndEvent:
            return None
        else:
            continue
        if item.anchor is not None:
            anchors[item.anchor] = item
        if open_:
            open_[-1][1].append(item)
        elif item.kind is SCALAR:
            return item
        if item.kind is not SCALAR and not item.alias:
            if len(open_) >= MAX_DEPTH:
                return None
            open_.append((item, []))


def locate(root: Item, path: Path) -> Spot:
    """Follow a path as far as it leads, as `Source.position` does: the last of two equal keys, own keys before merged
    ones."""
    key: Item | None = None
    item, shared = root, False
    outer: list[Item] = []
    for steps, step in enumerate(path):
        while item.alias:
            item, shared = item.value, True
        entry = _step(item, step)
        if entry is None:
            return Spot(key, item, tuple(outer), steps, shared, False)
        outer.append(item)
        key, item, merged = entry
        shared = shared or merged
    return Spot(key, item, tuple(outer), len(path), shared, True)


def _step(item: Item, step: str | int, depth: int = 0) -> tuple[Item | None, Item, bool] | None:
    if item.kind is SEQUENCE and isinstance(step, int) and 0 <= step < len(item.value):
        return None, item.value[step], False
    if item.kind is not MAPPING:
        return None
    for key, value in reversed(item.value):
        if key.kind is SCALAR and not key.alias and key.value == step and (step == "<<" or not is_merge(key)):
            return key, value, False
    for key, value in item.value if depth < MAX_DEPTH else ():
        if key.kind is SCALAR and is_merge(key):
            source = value.value if value.alias else value
            for mapping in source.value if source.kind is SEQUENCE else [source]:
                entry = _step(mapping.value if mapping.alias else mapping, step, depth + 1)
                if entry is not None:
                    return entry[0], entry[1], True
    return None


def last(text: str, item: Item, key: Item | None = None) -> int:
    """The offset behind the last character of an item's own text; of its key's colon where it is empty."""
    if not item.alias and not item.style and item.kind is not SCALAR and item.value:
        below = item.value[-1]
        return last(text, below[1], below[0]) if item.kind is MAPPING else last(text, below)
    start, end = item.start, item.end
    if item.style in ("|", ">"):
        return start + len(text[start:end].rstrip())
    if start >= end and item.head >= end and key is not None:
        return colon(text, key)
    return end


def colon(text: str, key: Item) -> int:
    """The offset behind the colon that follows a key."""
    at = key.end
    while text[at : at + 1].isspace():
        at += 1
    return at + 1 if text[at : at + 1] == ":" else key.end
