"""Nodes -> plain data, as go-yaml decodes them: merge keys, duplicate keys, keys that are not strings, aliases.

Source of the facts: go.yaml.in/yaml/v3 decode.go (allowedAliasRatio among them), and the v2 of older clients.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from lblint.finding import Fault, Path, Place
from lblint.source.faults import BooleanWord, DuplicateKey, ForeignTag, InvalidMerge, NonStringKey, TagMismatch
from lblint.source.nodes import MAPPING, SCALAR, Node
from lblint.source.scalars import differs, is_word, resolve, tagged

_YAML_TAG = "tag:yaml.org,2002:"
_MERGE_TAG = _YAML_TAG + "merge"
_NOT_A_MAP = "yaml: map merge requires map or sequence of maps as the value"
_NOT_JSON = "json: unsupported type: map[interface {}]interface {}"


class _TaggedText(str):
    """A key with a tag of its own: text, but not a string for go-yaml v3."""


class Builder:
    """One walk over a tree. Data of an alias is shared, not copied; `faults` tells what go-yaml says on the way."""

    def __init__(self, name: str, dialect: str, line_of: Callable[[int], int]) -> None:
        self.name = name
        self.dialect = dialect
        self.line_of = line_of
        self.faults: list[Fault] = []
        self._built: dict[int, Any] = {}
        self._reported: set[tuple[type[Fault], int]] = set()

    def build(self, node: Node, path: Path = ()) -> Any:
        """The data of a node that stands at `path`."""
        if node.kind is SCALAR:
            return self._scalar(node, path)
        if id(node) in self._built:
            return self._built[id(node)]
        if node.tag is not None and not node.tag.startswith(_YAML_TAG):
            self._fault(node, ForeignTag(place=Place(self.name, path), tag=node.tag))
        data: Any
        if node.kind is MAPPING:
            data = {}
            self._mapping(node, path, data, None)
        else:
            data = [self.build(item, (*path, index)) for index, item in enumerate(node.value)]
        self._built[id(node)] = data
        return data

    def _fault(self, node: Node, fault: Fault) -> None:
        """Note a fault, once per node: a node is met again through each alias."""
        if (type(fault), id(node)) not in self._reported:
            self._reported.add((type(fault), id(node)))
            self.faults.append(fault)

    def _scalar(self, node: Node, path: Path) -> Any:
        tag = node.tag
        if tag is None:
            if not node.plain or is_word(node.value):
                return node.value
            if differs(node.value):
                self._fault(node, BooleanWord(place=Place(self.name, path), word=node.value))
            return resolve(node.value, self.dialect)
        if tag == "!":  # makes a plain scalar text for go-yaml v2 only
            return resolve(node.value) if node.plain and self.dialect == "v3" else node.value
        if not tag.startswith(_YAML_TAG):
            self._fault(node, ForeignTag(place=Place(self.name, path), tag=tag))
        value, refusal = tagged(node.value, tag, self.dialect)
        if refusal:
            place = Place(self.name, path)
            self._fault(node, TagMismatch(place=place, docker=refusal, tag=tag, value=node.value))
        return value

    def _mapping(self, node: Node, path: Path, data: dict[str, Any], merged: set[str] | None) -> None:
        """Read a map into `data`; `merged` holds the keys that are taken when it comes through a merge."""
        merge: Node | None = None
        lines: dict[str, Node] = {}
        for key, value in node.value:
            if key.value == "<<" and is_merge(key):
                if "<<" in lines and self.dialect == "v3":
                    self._duplicate(key, lines["<<"], path, "<<")
                lines["<<"] = key
                merge = value
                if self.dialect == "v2":  # v2 merges where `<<` stands, over what came before
                    self._merge(value, path, data, None)
                continue
            name = self._key(key, path, merged is not None)
            if name is None:
                continue
            if name in lines:
                self._duplicate(key, lines[name], path, name)
            lines[name] = key
            if merged is not None:
                if name in merged:
                    continue
                merged.add(name)
            data[name] = self.build(value, (*path, name))
        if merge is not None and self.dialect == "v3":
            self._merge(merge, path, data, set(data) if merged is None else merged)

    def _merge(self, node: Node, path: Path, data: dict[str, Any], taken: set[str] | None) -> None:
        """What a merge key brings: a map, or a list of maps of which the first wins."""
        maps = [node] if node.kind is MAPPING else [] if node.kind is SCALAR else node.value
        if node.kind is SCALAR or any(item.kind is not MAPPING for item in maps):
            place = Place(self.name, (*path, "<<"), key=True)
            self._fault(node, InvalidMerge(place=place, docker=_NOT_A_MAP))
            return
        if taken is not None:
            for item in maps:
                self._mapping(item, path, data, taken)
            return
        for item in reversed(maps):
            self._mapping(item, path, data, None)

    def _key(self, node: Node, path: Path, merged: bool) -> str | None:
        """A mapping key as text. A key that is no string is a fault, for docker's JSON has only strings.

        Not so in a map that is merged into another (v3), whose keys are read as text; a null key is then left out.
        """
        if node.kind is SCALAR:
            text = str(node.value)
            if node.tag is None and (not node.plain or is_word(text)):
                return text
            value = self._key_value(node, text)
            if type(value) is str:
                if node.plain and node.tag is None and differs(text):
                    self._fault(node, BooleanWord(place=Place(self.name, (*path, text), key=True), word=text))
                return text
            if merged and self.dialect == "v3":
                return None if value is None else text
        else:
            text, value = "{…}" if node.kind is MAPPING else "[…]", None
        place = Place(self.name, (*path, text), key=True)
        scalar = node.kind is SCALAR
        kind = type(value).__name__ if scalar else node.kind
        offset = None if scalar else node.start  # no path leads to a key that is a collection
        message = self._refusal_of_key(node, path, value)
        self._fault(node, NonStringKey(place=place, docker=message, key=text, kind=kind, offset=offset))
        return text

    def _key_value(self, node: Node, text: str) -> Any:
        tag = node.tag
        if tag is None or tag == "!":
            return resolve(text, self.dialect) if node.plain and (tag is None or self.dialect == "v3") else text
        value, refusal = tagged(text, tag, self.dialect)
        if refusal:
            place = Place(self.name)
            self._fault(node, TagMismatch(place=place, docker=refusal, tag=tag, value=text, offset=node.start))
        return _TaggedText(value) if type(value) is str and tag != _YAML_TAG + "str" and self.dialect == "v3" else value

    def _refusal_of_key(self, node: Node, path: Path, value: Any) -> str:
        if node.kind is not SCALAR:
            return "yaml: invalid map key"
        if self.dialect == "v3":
            return _NOT_JSON if path else "top-level object must be a mapping"
        shown = "<nil>" if value is None else str(value).lower() if isinstance(value, bool) else value
        return f"Non-string key {'in ' + '.'.join(map(str, path)) if path else 'at top level'}: {shown}"

    def _duplicate(self, key: Node, first: Node, path: Path, name: str) -> None:
        line, before = self.line_of(key.start), self.line_of(first.start)
        message = ""
        if self.dialect == "v3":
            message = f'yaml: unmarshal errors:\n  line {line}: mapping key "{name}" already defined at line {before}'
        place = Place(self.name, (*path, name), key=True)
        self._fault(key, DuplicateKey(place=place, docker=message, key=name, first=before, offset=key.start))


def is_merge(key: Node) -> bool:
    """Whether a key is the merge key: a plain `<<`. A quoted one is an ordinary key."""
    if key.kind is not SCALAR or key.value != "<<":
        return False
    return (key.plain and key.tag in (None, "!")) or key.tag == _MERGE_TAG


_SMALL, _LARGE = 400_000, 4_000_000
"""Nodes decoded: up to the first, 99 % of them may come from aliases; from the second on, 10 %."""


def excessive(root: Node) -> Path | None:
    """The path of the alias at which go-yaml gives up; None where it reads the whole document."""
    return _Count().walk(root, ())


def _children(node: Node) -> Iterator[tuple[str | int, Node]]:
    if node.kind is MAPPING:
        for key, value in node.value:
            step = key.value if key.kind is SCALAR else ""
            yield step, key
            yield step, value
    elif node.kind is not SCALAR:
        yield from enumerate(node.value)


class _Count:
    """go-yaml's two counters: nodes decoded (the document is one), and those of them below an alias."""

    def __init__(self) -> None:
        self.decoded = 1
        self.aliased = 0
        self._totals: dict[int, int] = {}

    def walk(self, node: Node, path: Path) -> Path | None:
        self.decoded += 1
        at = node.start
        for step, child in _children(node):
            if child.start < at:  # written earlier in the text than its elder: it stands for an alias
                below = self._total(child)
                self.decoded += 1 + below
                self.aliased += below
                if self._too_many():
                    return (*path, step)
            else:
                inner = self.walk(child, (*path, step))
                if inner is not None:
                    return inner
                at = max(at, child.end)
        return None

    def _total(self, node: Node) -> int:
        """Nodes below and with this one, aliases expanded."""
        known = self._totals.get(id(node))
        if known is None:
            known, at = 1, node.start
            for _, child in _children(node):
                known += self._total(child) + (child.start < at)
                at = max(at, child.end)
            self._totals[id(node)] = known
        return known

    def _too_many(self) -> bool:
        if self.aliased <= 100 or self.decoded <= 1000:
            return False
        beyond = min(max(self.decoded - _SMALL, 0) / (_LARGE - _SMALL), 1.0)
        return self.aliased / self.decoded > 0.99 - 0.89 * beyond
