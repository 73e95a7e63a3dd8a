"""Nodes -> plain data, as go-yaml decodes them: merge keys, duplicate keys, keys that are no strings, aliases."""

from __future__ import annotations

from typing import Any

from lblint.finding import Fault, Path, Place
from lblint.source.node import MAPPING, SCALAR, Node
from lblint.source.scalar import differs, resolve, tagged

MAX_NODES = 400_000
"""Most nodes that are read with aliases expanded: go-yaml refuses 99 % of aliased nodes below, 10 % far above."""

_STRING_TAGS = (None, "!")


class _BombError(Exception):
    pass


class Builder:
    """One walk over a tree. Data of an alias is shared, not copied; `faults` tells what go-yaml says on the way."""

    def __init__(self, name: str, dialect: str, line_of: Any) -> None:
        self.name = name
        self.dialect = dialect
        self.line_of = line_of
        self.faults: list[Fault] = []
        self._sizes: dict[int, int] = {}
        self._reported: set[int] = set()

    def build(self, root: Node) -> Any:
        """The data of the whole document; None where aliases multiply beyond measure."""
        try:
            self._size(root)
        except _BombError:
            told = "yaml: document contains excessive aliasing"
            self.faults.append(Fault("yaml.alias-bomb", Place(self.name), told, {"nodes": MAX_NODES}))
            return None
        return self._value(root, ())

    def _size(self, node: Node) -> int:
        """Nodes below and with this one, aliases expanded."""
        known = self._sizes.get(id(node))
        if known is not None:
            return known
        size = 1
        if node.kind is MAPPING:
            for key, value in node.value:
                size += self._size(key) + self._size(value)
        elif node.kind is not SCALAR:
            for item in node.value:
                size += self._size(item)
        else:
            return 1
        if size > MAX_NODES:
            raise _BombError
        self._sizes[id(node)] = size
        return size

    def _value(self, node: Node, path: Path) -> Any:
        if node.kind is SCALAR:
            if node.plain:
                text = node.value
                if node.tag is None:
                    if differs(text):
                        self._dialect(node, path, key=False)
                    return resolve(text, self.dialect)
            if node.tag not in _STRING_TAGS:
                return self._tagged(node, path)
            return node.value
        if node.kind is MAPPING:
            return self._mapping(node, path)
        return [self._value(item, (*path, index)) for index, item in enumerate(node.value)]

    def _tagged(self, node: Node, path: Path) -> Any:
        tag = str(node.tag)
        if not tag.startswith("tag:yaml.org,2002:"):
            self.faults.append(Fault("yaml.tag", Place(self.name, path), "", {"tag": tag, "value": node.value}))
        return tagged(node.value, tag, self.dialect)

    def _mapping(self, node: Node, path: Path) -> dict[str, Any]:
        data: dict[str, Any] = {}
        merges: list[Node] = []
        lines: dict[str, Node] = {}
        for key, value in node.value:
            if is_merge(key):
                if merges and self.dialect == "v3":
                    self._duplicate(key, merges[0], path, "<<")
                merges.append(key)
                if self.dialect == "v2":  # v2 merges where `<<` stands, over what came before
                    data.update(self._merged(value, path))
                    continue
                merges.append(value)
                continue
            name = self._key(key, path)
            if name in lines:
                self._duplicate(key, lines[name], path, name)
            lines[name] = key
            data[name] = self._value(value, (*path, name))
        for value in merges[1::2] if self.dialect == "v3" else ():
            for name, item in self._merged(value, path).items():
                data.setdefault(name, item)
        return data

    def _merged(self, node: Node, path: Path) -> dict[str, Any]:
        """What a merge key brings: a map, or a list of maps of which the first wins."""
        if node.kind is MAPPING:
            return self._mapping(node, path)
        if node.kind is not SCALAR and all(item.kind is MAPPING for item in node.value):
            data: dict[str, Any] = {}
            for item in node.value:
                for name, value in self._mapping(item, path).items():
                    data.setdefault(name, value)
            return data
        told = "yaml: map merge requires map or sequence of maps as the value"
        self.faults.append(Fault("yaml.merge", Place(self.name, (*path, "<<")), told))
        return {}

    def _key(self, node: Node, path: Path) -> str:
        """A mapping key as text. A key that is no string is a fault, for docker's JSON has only strings."""
        if node.kind is SCALAR:
            text = str(node.value)
            if not node.plain and node.tag in _STRING_TAGS:
                return text
            value = tagged(text, node.tag, self.dialect) if node.tag else resolve(text, self.dialect)
            if type(value) is str:
                if node.plain and differs(text):
                    self._dialect(node, (*path, text), key=True)
                return text
        else:
            text, value = "{…}" if node.kind is MAPPING else "[…]", None
        if id(node) not in self._reported:
            self._reported.add(id(node))
            if self.dialect == "v3":
                told = "json: unsupported type: map[interface {}]interface {}"
                if not path:
                    told = "top-level object must be a mapping"
            else:
                shown = {None: "<nil>", True: "true", False: "false"}.get(value, value)
                where = "in " + ".".join(str(step) for step in path) if path else "at top level"
                told = f"Non-string key {where}: {shown}"
            place = Place(self.name, (*path, text), key=True)
            self.faults.append(Fault("yaml.non-string-key", place, told, {"key": text, "type": type(value).__name__}))
        return text

    def _duplicate(self, key: Node, first: Node, path: Path, name: str) -> None:
        if id(key) in self._reported:
            return
        self._reported.add(id(key))
        line, before = self.line_of(key.start), self.line_of(first.start)
        told = ""
        if self.dialect == "v3":
            told = f'yaml: unmarshal errors:\n  line {line}: mapping key "{name}" already defined at line {before}'
        place = Place(self.name, (*path, name), key=True)
        self.faults.append(
            Fault("yaml.duplicate-key", place, told, {"key": name, "line": line, "first": before, "offset": key.start})
        )

    def _dialect(self, node: Node, path: Path, *, key: bool) -> None:
        if id(node) not in self._reported:
            self._reported.add(id(node))
            self.faults.append(Fault("yaml.dialect", Place(self.name, path, key=key), "", {"word": node.value}))


def is_merge(key: Node) -> bool:
    """Whether a key is the merge key: a plain `<<`. A quoted one is an ordinary key."""
    return key.kind is SCALAR and key.value == "<<" and (key.plain or key.tag == "tag:yaml.org,2002:merge")
