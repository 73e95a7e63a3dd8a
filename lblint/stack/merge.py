"""Several `-c` files into one, key by key, with what gets lost on the way.

Source: docker/cli cli/compose/loader/merge.go and dario.cat/mergo, with its options WithOverride and WithAppendSlice.
"""

from __future__ import annotations

from typing import Any

from lblint.finding import Fault, Place
from lblint.records import NamedTuple
from lblint.stack.decoder import Node
from lblint.stack.docker_versions import Client
from lblint.stack.faults import (
    AppendedHealthcheck,
    DroppedExtension,
    KeptValue,
    LostEntry,
    LostLogOptions,
    LostNetworkOptions,
    RefusedMerge,
    ReplacedDefinition,
)
from lblint.stack.loader import Loaded
from lblint.stack.structs import SERVICE, Shape
from lblint.stack.transforms import go_type

_KEYED = {"published": 0, "source": "", "target": ""}


class MergeError(NamedTuple):
    """What docker refuses to merge, in the words of the library."""

    told: str
    place: Place


def merge(base: Loaded, over: Loaded, client: Client) -> Loaded:
    """Merge a later file over an earlier one, by the rules of a client and in its words.

    Services are merged field by field; networks, volumes, secrets and configs are replaced whole; top-level `x-` keys
    of the later file are dropped.
    """
    merger = _Merger(client.merges)
    refused = f"cannot merge services from {over.file}: "
    if client.release >= (29, 3):
        refused = f"failed to merge file {over.file}\ncannot merge services: "
    sections = {name: dict(section) for name, section in base.sections.items()}
    for name, entries in over.sections.items():
        section = sections[name]
        for key, node in entries.items():
            if key not in section or name != "services":
                if key in section:
                    lost = _lost(section[key], node)
                    merger.faults.append(ReplacedDefinition(place=node.place, section=name, key=key, lost=lost))
                section[key] = node
                continue
            section[key] = merger.struct(SERVICE, section[key], node)
            extras = merger.extras(section[key].value.get("x-"), node.value.get("x-"))
            if extras is not None:
                section[key].value["x-"] = extras
            for error in merger.errors:
                message = f"{refused}cannot merge service {key}: {error.told}"
                merger.faults.append(RefusedMerge(place=error.place, docker=message))
            merger.errors.clear()
    for key, node in over.extras.items():
        merger.faults.append(DroppedExtension(place=node.place.on_key(), key=key))
    return Loaded(base.file, sections, base.extras, base.faults + over.faults + merger.faults)


def _lost(base: Node, over: Node) -> list[str]:
    return sorted(set(base.value) - set(over.value) - {"x-"})


class _Merger:
    def __init__(self, modern: bool) -> None:
        self.modern = modern
        self.faults: list[Fault] = []
        self.errors: list[MergeError] = []

    def struct(self, shape: Shape, base: Node, over: Node) -> Node:
        out = dict(base.value)
        for field in shape.fields:
            before, after = base.value.get(field.key), over.value.get(field.key)
            merged = self.field(field.shape, before, after)
            if merged is not None:
                out[field.key] = merged
            if after is not None and before is not None and _is_lost(field.shape, after, before, merged):
                self.faults.append(KeptValue(place=after.place, key=field.key, value=after.value, kept=before.value))
        return Node(out, base.place)

    def field(self, shape: Shape, base: Node | None, over: Node | None) -> Node | None:
        """Merge one field; None stands for Go's nil pointer, slice or map, or for an untouched value."""
        if shape.kind == "list":
            return self.list(shape, base, over)
        if over is None:
            return base
        if base is None:
            return over
        if shape.kind == "ptr" and shape.of is not None:
            return self.pointer(shape, shape.of, base, over)
        if shape.kind == "struct":
            return self.struct(shape, base, over)
        if shape.kind == "map" and shape.of is not None:
            return self.map(shape.of, base, over)
        return over if over.value else base

    def pointer(self, shape: Shape, of: Shape, base: Node, over: Node) -> Node:
        if shape.merge == "count" and self.modern:
            return over
        if shape.merge == "logging":
            return self.logging(base, over)
        merged = self.field(of, base, over)
        return base if merged is None else merged

    def map(self, of: Shape, base: Node, over: Node) -> Node:
        out = dict(base.value)
        for key, after in over.value.items():
            before = out.get(key)
            out[key] = after if before is None else self.entry(of, before, after)
        return Node(out, base.place)

    def entry(self, of: Shape, base: Node, over: Node) -> Node:
        """Merge two values of one key of a map."""
        if of.kind != "ptr":
            return over
        if of.merge == "network" and base.value is not None:
            return self.network(base, over)
        if of.merge == "ulimit":
            return base if over.value is None else over
        if over.value is None:
            return base if base.value else over
        if not over.value and base.value and of.of is not None and of.of.kind == "string":
            key = str(over.place.path[-1])
            self.faults.append(KeptValue(place=over.place, key=key, value=over.value, kept=base.value))
            return base
        return over

    def network(self, base: Node, over: Node) -> Node:
        """Aliases are replaced, addresses only if given; driver options of the later file are lost."""
        if over.value is None:
            return base
        out = dict(base.value)
        aliases = over.value.get("aliases")
        if aliases is not None:
            out["aliases"] = aliases
        else:
            out.pop("aliases", None)
        for key in ("ipv4_address", "ipv6_address"):
            if key in over.value and over.value[key].value:
                out[key] = over.value[key]
        if "driver_opts" in over.value:
            self.faults.append(LostNetworkOptions(place=over.value["driver_opts"].place))
        return Node(out, base.place)

    def logging(self, base: Node, over: Node) -> Node:
        """Options are merged if the drivers agree or one is empty, and lost if the earlier file had none."""
        empty = Node("", base.place)
        before, after = base.value.get("driver", empty), over.value.get("driver", empty)
        if before.value and after.value and before.value != after.value:
            return over
        out = dict(base.value)
        if not before.value and after.value:
            out["driver"] = after
        options = over.value.get("options")
        if options is not None:
            if "options" in out:
                out["options"] = Node({**out["options"].value, **options.value}, out["options"].place)
            elif options.value:
                self.faults.append(LostLogOptions(place=options.place))
        return Node(out, base.place)

    def list(self, shape: Shape, base: Node | None, over: Node | None) -> Node | None:
        if shape.merge in _KEYED and base is not None and (self.modern or shape.merge != "target"):
            return self.keyed(shape.merge, base, over)
        if shape.merge == "command" and base is not None and self.modern:
            return over if over is not None and over.value else base
        if over is None:
            return base
        if base is None:
            return over if over.value else None  # nothing appended to Go's nil slice leaves it nil
        if shape.hook == "health-test" and base.value and over.value:
            test = [node.value for node in base.value + over.value]
            self.faults.append(AppendedHealthcheck(place=over.place, test=test))
        return Node(base.value + over.value, base.place)

    def keyed(self, key: str, base: Node, over: Node | None) -> Node:
        """Ports by what they publish, mounts by target, secrets and configs by source; one entry for each."""
        entries: dict[Any, Node] = {}
        for node in (*base.value, *(over.value if over is not None else ())):
            name = node.value[key].value if key in node.value else _KEYED[key]
            before = entries.get(name)
            entries[name] = node
            if before is not None and _both_meant(key, name, before, node):
                kept, lost = _plain(node), _plain(before)
                self.faults.append(LostEntry(place=before.place, by=key, value=name, kept=kept, lost=lost))
        return Node([entries[name] for name in sorted(entries)], base.place)

    def extras(self, base: Node | None, over: Node | None) -> Node | None:
        """The `x-` keys of a service: mappings are merged, lists appended, all else is replaced."""
        if base is None or over is None:
            return over if base is None else base
        return Node(self.any_map(base.value, over.value), base.place)

    def any_map(self, base: dict[str, Node], over: dict[str, Node]) -> dict[str, Node]:
        out = dict(base)
        for key, after in over.items():
            before = out.get(key)
            out[key] = after if before is None else self.any(before, after)
        return out

    def any(self, base: Node, over: Node) -> Node:
        before, after = base.value, over.value
        if isinstance(after, dict) and isinstance(before, dict):
            return Node(self.any_map(_nodes(base), _nodes(over)), base.place)
        if isinstance(after, list) and before is not None:
            if not isinstance(before, list):
                message = f"cannot append two slices with different type ([]interface {{}}, {go_type(before)})"
                self.errors.append(MergeError(message, over.place))
                return over
            return Node(before + after, base.place)
        return over


def _nodes(node: Node) -> dict[str, Node]:
    """A plain mapping as nodes, one level deep."""
    return {
        key: item if isinstance(item, Node) else Node(item, node.place.child(key)) for key, item in node.value.items()
    }


def _both_meant(key: str, name: object, before: Node, after: Node) -> bool:
    """Whether an entry that gave way was no earlier version of the other: same file, other protocol, or no port."""
    if _plain(before) == _plain(after):
        return False
    if before.place.file == after.place.file or key != "published" or name == 0:
        return before.place.file == after.place.file or name == 0
    return _plain(before.value.get("protocol", before)) != _plain(after.value.get("protocol", after))


def _plain(node: Node) -> object:
    if isinstance(node.value, dict):
        return {key: _plain(item) for key, item in node.value.items()}
    return [_plain(item) for item in node.value] if isinstance(node.value, list) else node.value


def _is_lost(shape: Shape, over: Node, base: Node, merged: Node | None) -> bool:
    """Whether a zero of the later file was written on purpose and did not undo a set value."""
    kind = shape.of.kind if shape.kind == "ptr" and shape.of is not None else shape.kind
    scalar = kind in ("string", "bool", "int", "uint32", "uint64", "float32", "duration", "bytes")
    return scalar and not over.value and merged is base and bool(base.value)
