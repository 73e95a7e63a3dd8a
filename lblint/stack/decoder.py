"""Plain data -> docker's structs: what the client makes of each value once the schema has let it pass.

Source: docker/cli cli/compose/loader/loader.go (the transform functions) and go-viper/mapstructure, which it drives.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lblint.finding import Fault, Path, Place
from lblint.records import NamedTuple
from lblint.source import Timestamp
from lblint.stack.faults import GrammarError, RefusedValue
from lblint.stack.go_printing import sprint
from lblint.stack.structs import Field, Shape
from lblint.stack.transforms import DONE, HOOKS, At, Mode, Raw, go_kind, go_type

FIRST_LINE = "decoding failed due to the following error(s):"
"""The first line of all of docker's decoding errors; the reason follows two lines below."""


class Node(NamedTuple):
    """A decoded value and where it was written.

    `value` is a dict of nodes (a struct's fields that are set, a map), a list of nodes, a scalar, or None for a nil
    pointer. Values of shape "any" are plain data all the way down.
    """

    value: Any
    place: Place


class Decoder:
    """Decodes the values of one file and collects what docker would refuse on the way."""

    def __init__(self, file: str, mode: Mode) -> None:
        self.file = file
        self.mode = mode
        self.faults: list[Fault] = []

    def decode(self, shape: Shape, value: Any, path: Path, name: str = "") -> Node | None:
        """The node for a value; None where docker leaves the zero value (null, or something it refuses)."""
        if value is None:
            return None
        if shape.kind == "ptr" and shape.of is not None:
            return self.decode(shape.of, value, path, name)
        place = Place(self.file, path)
        if shape.hook:
            made = HOOKS[shape.hook](value, place, self.mode)
            if isinstance(made, GrammarError):
                self.refuse(place, f"error decoding '{name}': {made.told}", made.told)
                return None
            if made.plain is DONE:
                self.faults.extend(made.faults)
                return self.nodes(shape, made.ready, place)
            value = made.plain
        return _DECODERS[shape.kind](self, shape, value, place, name)

    def nodes(self, shape: Shape, ready: Any, place: Place) -> Node:
        """Nodes for what a hook has decoded: `At` says where a part stands, all else is at `place`."""
        if isinstance(ready, At):
            return self.nodes(shape, ready.value, ready.place)
        if isinstance(ready, dict):
            return Node({key: self.nodes(shape, item, place) for key, item in ready.items()}, place)
        if isinstance(ready, list):
            return Node([self.nodes(shape, item, place) for item in ready], place)
        if isinstance(ready, Raw) and shape.of is not None:
            return self.decode(shape.of, ready.value, ready.place.path) or zero(shape.of, ready.place)
        return Node(ready, place)

    def refuse(self, place: Place, detail: str, reason: str) -> None:
        """Note a decoding error: its line (`detail`) and the reason in it, which may be that docker panics."""
        if reason.startswith("panic: "):
            self.faults.append(RefusedValue(place=place, docker=reason, reason=reason, panic=True))
            return
        first = "1 error(s) decoding:" if self.mode.counts else FIRST_LINE
        self.faults.append(RefusedValue(place=place, docker=first, reason=reason, detail=detail))

    def _unexpected(self, shape: Shape, value: Any, place: Place, name: str) -> None:
        kind = go_type(value)
        detail = f"'{name}' expected type '{shape.go}', got unconvertible type '{kind}', value: '{sprint(value)}'"
        self.refuse(place, detail, detail)

    def _string(self, shape: Shape, value: Any, place: Place, name: str) -> Node | None:
        if isinstance(value, str) and not isinstance(value, Timestamp):
            return Node(value, place)
        self._unexpected(shape, value, place, name)
        return None

    def _bool(self, shape: Shape, value: Any, place: Place, name: str) -> Node | None:
        if isinstance(value, bool):
            return Node(value, place)
        self._unexpected(shape, value, place, name)
        return None

    def _int(self, shape: Shape, value: Any, place: Place, name: str) -> Node | None:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return Node(_int64(value), place)
        self._unexpected(shape, value, place, name)
        return None

    def _uint(self, shape: Shape, value: Any, place: Place, name: str) -> Node | None:
        if not isinstance(value, int | float) or isinstance(value, bool):
            self._unexpected(shape, value, place, name)
            return None
        if value < 0:
            shown = f"{value:f}" if isinstance(value, float) else str(value)
            detail = f"cannot parse '{name}', {shown} overflows uint"
            self.refuse(place, detail, detail)
            return None
        bits = 32 if shape.kind == "uint32" else 64
        whole = value if isinstance(value, int) else int(value) if value < 2**64 else 2**63
        return Node(whole % (1 << bits), place)

    def _float32(self, shape: Shape, value: Any, place: Place, name: str) -> Node | None:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return Node(_float32(float(value)), place)
        self._unexpected(shape, value, place, name)
        return None

    def _any(self, shape: Shape, value: Any, place: Place, name: str) -> Node | None:
        return Node(value, place)

    def _list(self, shape: Shape, value: Any, place: Place, name: str) -> Node | None:
        if not isinstance(value, list) or shape.of is None:
            detail = f"'{name}': source data must be an array or slice, got {go_kind(value)}"
            self.refuse(place, detail, detail)
            return None
        items = []
        for index, item in enumerate(value):
            path = (*place.path, index)
            node = self.decode(shape.of, item, path, f"{name}[{index}]")
            items.append(node or zero(shape.of, Place(self.file, path)))
        return Node(items, place)

    def _map(self, shape: Shape, value: Any, place: Place, name: str) -> Node | None:
        if isinstance(value, Timestamp):
            value = {}
        if not isinstance(value, dict) or shape.of is None:
            detail = f"'{name}' expected a map, got '{go_kind(value)}'"
            self.refuse(place, detail, detail)
            return None
        out = {}
        for key, item in value.items():
            path = (*place.path, key)
            node = self.decode(shape.of, item, path, f"{name}[{key}]")
            out[key] = node or zero(shape.of, Place(self.file, path))
        return Node(out, place)

    def _struct(self, shape: Shape, value: Any, place: Place, name: str) -> Node | None:
        if isinstance(value, Timestamp):
            value = {}
        if not isinstance(value, dict):
            detail = f"'{name}' expected a map, got '{go_kind(value)}'"
            self.refuse(place, detail, detail)
            return None
        out = {}
        prefix = f"{name}." if name else ""
        known = _fields(shape)
        odd = any(key not in known for key in value)
        for field in shape.fields if odd else [known[key] for key in value]:
            key = field.key if field.key in value else _other_case(field.name, value)
            if key is None:
                continue
            node = self.decode(field.shape, value[key], (*place.path, key), prefix + field.name)
            if node is not None:
                out[field.key] = node
        return Node(out, place)


_DECODERS: Mapping[str, Callable[[Decoder, Shape, Any, Place, str], Node | None]] = {
    "string": Decoder._string,
    "bool": Decoder._bool,
    "int": Decoder._int,
    "uint32": Decoder._uint,
    "uint64": Decoder._uint,
    "float32": Decoder._float32,
    "any": Decoder._any,
    "list": Decoder._list,
    "map": Decoder._map,
    "struct": Decoder._struct,
}
"""By the kind of shape; the other kinds are pointers, or made by a hook."""

_BY_KEY: dict[int, dict[str, Field]] = {}


def _fields(shape: Shape) -> dict[str, Field]:
    """The fields of a struct by key. Shapes are few, and live as long as the process."""
    fields = _BY_KEY.get(id(shape))
    if fields is None:
        fields = _BY_KEY[id(shape)] = {field.key: field for field in shape.fields}
    return fields


def _other_case(name: str, value: Mapping[str, Any]) -> str | None:
    """Open mappings let keys of another case pass, and the decoder takes them for the field."""
    lower = name.lower()
    for key in value:
        if len(key) == len(lower) and key.lower() == lower:
            return key
    return None


def zero(shape: Shape, place: Place) -> Node:
    """Go's zero value of a shape: what null becomes in a list or map."""
    if shape.kind == "struct":
        return Node({}, place)
    empty: dict[str, Any] = {"string": "", "bool": False, "float32": 0.0, "ptr": None, "any": None, "list": None}
    return Node(empty.get(shape.kind, None if shape.kind == "map" else 0), place)


def _int64(value: float) -> int:
    if isinstance(value, float):
        return int(value) if -(2.0**63) <= value < 2.0**63 else -(2**63)
    return (value + 2**63) % 2**64 - 2**63


def _float32(value: float) -> float:
    """The value in 32 bits, given as the shortest decimal that reads back: so it is printed."""
    import struct

    try:
        packed = struct.pack("f", value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")
    for digits in range(1, 10):
        text = f"{value:.{digits}g}"
        if struct.pack("f", float(text)) == packed:
            return float(text)
    return float(f"{value:.9g}")
