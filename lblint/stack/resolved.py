"""The resolved stack: the plain configuration and its text, byte for byte as `docker stack config` prints it.

Source: docker/cli cli/compose/types/types.go (the yaml tags and MarshalYAML methods), cli/command/stack/config.go,
go-yaml's sorter.go.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cmp_to_key, lru_cache
from typing import Any

from lblint.finding import Path, Place
from lblint.records import NamedTuple
from lblint.stack.decoder import Node
from lblint.stack.go_yaml import Emitter
from lblint.stack.loader import Loaded
from lblint.stack.model import Stack
from lblint.stack.structs import SECTIONS, Shape
from lblint.stack.units import format_duration


class Printed(NamedTuple):
    """The configuration in printing order, and the places that do not follow from the part around."""

    config: dict[str, Any]
    places: dict[Path, Place]


def printed(loaded: Loaded, version: str) -> Printed:
    """Print a whole stack: version, services and, where not empty, the other sections; then its `x-` keys."""
    printer = _Printer()
    config: dict[str, Any] = {"version": version, "services": {}}
    for name, shape in SECTIONS.items():
        section = loaded.sections.get(name, {})
        if not section and name != "services":
            continue
        out = config[name] = {}
        for key in in_order(section):
            out[key] = printer.entry(shape, section[key], (name, key), Place(loaded.file, (name, key)))
    printer.extras(loaded.extras, config, (), Place(loaded.file, ()))
    return Printed(config, printer.places)


class _Printer:
    def __init__(self) -> None:
        self.places: dict[Path, Place] = {}

    def at(self, node: Node, path: Path, expected: Place) -> Place:
        """Remember a place that is not the one that a reader of the places would expect."""
        if node.place != expected:
            self.places[path] = node.place
        return node.place

    def entry(self, shape: Shape, node: Node, path: Path, expected: Place) -> Any:
        out = self.value(shape, node, path, expected)
        extras = node.value.get("x-")
        if extras is not None:
            self.extras(extras.value, out, path, node.place)
        return out

    def value(self, shape: Shape, node: Node, path: Path, expected: Place) -> Any:
        if shape.kind == "ptr" and shape.of is not None:
            if node.value is not None:
                return self.value(shape.of, node, path, expected)
            self.at(node, path, expected)
            return None
        place = self.at(node, path, expected)
        if shape.kind == "struct":
            return self.struct(shape, node, path, place)
        if shape.kind == "map" and shape.of is not None:
            values = node.value or {}
            return {
                key: self.value(shape.of, values[key], (*path, key), _below(place, key)) for key in in_order(values)
            }
        if shape.kind == "list" and shape.of is not None:
            return [
                self.value(shape.of, item, (*path, index), _below(place, index))
                for index, item in enumerate(node.value or ())
            ]
        if shape.kind == "duration":
            return format_duration(node.value)
        if shape.kind == "bytes":
            return str(node.value)
        return node.value

    def struct(self, shape: Shape, node: Node, path: Path, place: Place) -> Any:
        fields = node.value
        if shape.hook == "ulimit" and fields.get("single") is not None and fields["single"].value:
            return fields["single"].value
        if shape.hook == "external":
            return bool(fields["external"].value) if "external" in fields else False
        out: dict[str, Any] = {}
        for field in shape.fields:
            child = fields.get(field.key)
            if child is None:
                if field.always:  # printed without being written: it stands where the whole stands
                    out[field.key] = "" if field.shape.kind == "string" else 0
                    self.places[(*path, field.key)] = place
            elif field.always or not is_zero(field.shape, child):
                out[field.key] = self.value(field.shape, child, (*path, field.key), _below(place, field.key))
        return out

    def extras(self, extras: dict[str, Node], out: dict[str, Any], path: Path, place: Place) -> None:
        for key in in_order(extras):
            out[key] = self.any(extras[key].value, extras[key].place, (*path, key), _below(place, key))

    def any(self, value: Any, place: Place, path: Path, expected: Place) -> Any:
        if isinstance(value, Node):
            value, place = value.value, value.place
        if place != expected:
            self.places[path] = place
        if isinstance(value, dict):
            return {
                key: self.any(value[key], place.child(key), (*path, key), place.child(key)) for key in in_order(value)
            }
        if isinstance(value, list):
            return [
                self.any(item, place.child(index), (*path, index), place.child(index))
                for index, item in enumerate(value)
            ]
        return value


def _below(place: Place, step: str | int) -> Place:
    """Where Stack.place would look for a part of what stands at `place`."""
    return place if place.chars or place.key else place.child(step)


def is_zero(shape: Shape, node: Node) -> bool:
    """Whether a field is left out when printed: Go's zero values, but no pointer that is set."""
    if shape.kind == "ptr":
        return node.value is None
    if shape.kind == "struct":
        by_key = node.value
        return all(is_zero(field.shape, by_key[field.key]) for field in shape.fields if field.key in by_key)
    return not node.value


def in_order(keys: Iterable[str]) -> list[str]:
    """Keys as go-yaml sorts them: numbers in names by their value, letters behind everything else."""
    names = list(keys)
    if len(names) < 2:
        return names
    if (whole := "".join(names)).isascii() and whole.isalpha() and "" not in names:
        return sorted(names)
    return list(_sorted(tuple(names)))


@lru_cache(maxsize=1000)
def _sorted(names: tuple[str, ...]) -> tuple[str, ...]:
    """The same few keys stand beside each other in service after service."""
    return tuple(sorted(names, key=cmp_to_key(_compare)))


def _compare(left: str, right: str) -> int:
    return 0 if left == right else -1 if _less(left, right) else 1


def _less(left: str, right: str) -> bool:
    digits = False
    for at, (a, b) in enumerate(zip(left, right, strict=False)):
        if a == b:
            digits = a.isdecimal()
            continue
        a_letter, b_letter = a.isalpha(), b.isalpha()
        if a_letter and b_letter:
            return a < b
        if a_letter or b_letter:
            return a_letter if digits else b_letter
        return _less_number(left, right, at)
    return len(left) < len(right)


def _less_number(left: str, right: str, at: int) -> bool:
    """Compare from the first difference, digits by value; a leading zero counts only behind other digits."""
    start = 0
    if left[at] == "0" or right[at] == "0":
        before = at - 1
        while before >= 0 and left[before].isdecimal():
            if left[before] != "0":
                start = 1
                break
            before -= 1
    (a, a_end), (b, b_end) = _digits(left, at, start), _digits(right, at, start)
    if a != b:
        return a < b
    if a_end != b_end:
        return a_end < b_end
    return left[at] < right[at]


def _digits(text: str, at: int, value: int) -> tuple[int, int]:
    while at < len(text) and text[at].isdecimal():
        value = value * 10 + ord(text[at]) - ord("0")
        value = (value + 2**63) % 2**64 - 2**63  # Go's int64 runs over
        at += 1
    return value, at


def dump(stack: Stack) -> str:
    """Print a stack as `docker stack config` of client 28 does."""
    return dump_config(stack.config)


def dump_config(config: Any) -> str:
    """Print plain data as go-yaml does: keys in the order in which they stand."""
    emitter = Emitter()
    emitter.node(config, 0)
    emitter.indent(0)
    return "".join(emitter.out)


def unprintable(stack: Stack) -> str:
    """Why `docker stack config` dies on a stack that `docker stack deploy` takes; nothing where it does not."""
    for volume in stack.config.get("volumes", {}).values():
        if isinstance(volume, dict) and volume.get("external") and _clashes(volume):
            return 'panic: cannot have key "x-cluster-spec" in inlined map: conflicts with struct field'
    return ""


def _clashes(volume: dict[str, Any]) -> bool:
    return "x-cluster-spec" in volume
