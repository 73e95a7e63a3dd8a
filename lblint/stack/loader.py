"""What docker does to a section once it is decoded: environments, host paths, names of external objects.

Source: docker/cli cli/compose/loader/loader.go LoadService, LoadNetworks, LoadVolumes, loadFileObjectConfig.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lblint.finding import Fault, Path, Place
from lblint.records import NamedTuple
from lblint.stack import safe_read
from lblint.stack.decoder import Decoder, Node
from lblint.stack.environment import Context, resolve_environment
from lblint.stack.faults import (
    DriverAndFile,
    ExternalVolumeConflict,
    HomeUnset,
    MissingSource,
    NestedExternalName,
    TwoExternalNames,
)
from lblint.stack.structs import SECTIONS

Section = dict[str, Node]


class Loaded(NamedTuple):
    """One file's sections, decoded, its `x-` keys, and what was noticed."""

    file: str
    sections: dict[str, Section]
    extras: dict[str, Node]
    faults: list[Fault]


def load_sections(data: Mapping[str, Any], context: Context) -> Loaded:
    """Decode the five sections of one interpolated file; entries that are no mappings are left out."""
    sections: dict[str, Section] = {}
    faults: list[Fault] = []
    for name, shape in SECTIONS.items():
        section: Section = {}
        entries = data.get(name)
        for key, value in entries.items() if isinstance(entries, dict) else ():
            path: Path = (name, key)
            decoder = Decoder(context.file, context.mode)
            if value is None and name != "services":
                node: Node | None = Node({}, Place(context.file, path))
            else:
                node = decoder.decode(shape, value, path, "" if name == "services" else f"[{key}]")
            faults.extend(decoder.faults)
            if node is None:
                continue
            faults.extend(_FINISH[name](key, node, value, context))
            section[key] = node
        sections[name] = section
    return Loaded(context.file, sections, _extras(data, context.file, ()), faults)


def _extras(value: Any, file: str, path: Path) -> dict[str, Node]:
    if not isinstance(value, dict):
        return {}
    return {key: Node(item, Place(file, (*path, key))) for key, item in value.items() if key.startswith("x-")}


def _service(key: str, node: Node, value: Any, context: Context) -> list[Fault]:
    faults = resolve_environment(node, context)
    faults += _bind_paths(node, context)
    extras = _extras(value, context.file, node.place.path)
    if extras:
        node.value["x-"] = Node(extras, node.place)
    return faults


def _bind_paths(node: Node, context: Context) -> list[Fault]:
    faults: list[Fault] = []
    mounts = node.value.get("volumes")
    for mount in mounts.value if mounts is not None else ():
        fields = mount.value
        if "type" not in fields or fields["type"].value != "bind":
            continue
        source = fields.get("source")
        if source is None or not source.value:
            message = 'invalid mount config for type "bind": field Source must not be empty'
            faults.append(MissingSource(place=mount.place, docker=message))
            continue
        path = source.value
        if path.startswith("~"):
            home = context.env.get("HOME")
            if home is None:
                faults.append(HomeUnset(place=source.place, source=path))
            else:
                path = home + path[1:]
        if not _is_windows_absolute(path):
            path = safe_read.absolute(context.base, path)
        fields["source"] = Node(path, source.place)
    return faults


def _is_windows_absolute(path: str) -> bool:
    """`C:\\x`, `C:/x` or `\\\\server\\share\\x`: left alone, for the node may run Windows."""
    if len(path) > 1 and path[1] == ":" and path[0].isascii() and path[0].isalpha():
        return path[2:3] in ("\\", "/") and len(path) > 2
    if len(path.encode("utf-8", "surrogatepass")) < 5 or path[:1] not in ("\\", "/") or path[1:2] not in ("\\", "/"):
        return False
    if path[2:3] in ("\\", "/", "."):
        return False
    data = path.encode("utf-8", "surrogatepass")
    size = len(data)
    at = 3
    while at < size - 1:
        if data[at] in b"\\/":
            at += 1
            if data[at] in b"\\/" or data[at] in b".":
                return False
            while at < size and data[at] not in b"\\/":
                at += 1
            return at < size
        at += 1
    return False


def _external(kind: str, since: int) -> Any:
    """Finish networks, volumes, secrets and configs: the name of an external object."""

    def finish(key: str, node: Node, value: Any, context: Context) -> list[Fault]:
        fields = node.value
        external = fields.get("external")
        if external is None or "external" not in external.value or not external.value["external"].value:
            return _file_of(kind, key, node, context) if kind in ("secret", "config") else []
        faults: list[Fault] = []
        if kind == "volume":
            for forbidden in ("driver", "driver_opts", "labels"):
                if forbidden in fields and fields[forbidden].value:
                    message = f'conflicting parameters "external" and "{forbidden}" specified for volume "{key}"'
                    faults.append(ExternalVolumeConflict(place=fields[forbidden].place, docker=message))
                    break
        named = external.value.get("name")
        own = fields.get("name")
        if not faults and named is not None and named.value:
            if own is not None and own.value:
                message = f"{kind} {key}: {kind}.external.name and {kind}.name conflict; only use {kind}.name"
                faults.append(TwoExternalNames(place=named.place, docker=message))
            else:
                if _at_least(context.version, since):
                    faults.append(NestedExternalName(place=named.place, kind=kind, key=key, name=named.value))
                fields["name"] = named
        elif not faults and (own is None or not own.value):
            fields["name"] = Node(key, node.place.on_key())
        fields["external"] = Node({"external": Node(True, external.place)}, external.place)
        extras = _extras(value, context.file, node.place.path)
        if extras:
            fields["x-"] = Node(extras, node.place)
        return faults

    def finish_file(key: str, node: Node, value: Any, context: Context) -> list[Fault]:
        faults = finish(key, node, value, context)
        extras = _extras(value, context.file, node.place.path)
        if extras:
            node.value["x-"] = Node(extras, node.place)
        return faults

    return finish_file if kind in ("secret", "config") else finish


def _file_of(kind: str, key: str, node: Node, context: Context) -> list[Fault]:
    fields = node.value
    file = fields.get("file")
    if "driver" in fields and fields["driver"].value:
        if file is not None and file.value:
            message = f"{kind} {key}: {kind}.driver and {kind}.file conflict; only use {kind}.driver"
            return [DriverAndFile(place=file.place, docker=message)]
        return []
    path = safe_read.absolute(context.base, file.value if file is not None else "")
    fields["file"] = Node(path, file.place if file is not None else node.place)
    return []


def _at_least(version: str, minor: int) -> bool:
    major, _, rest = version.partition(".")
    return major == "3" and rest.isdecimal() and int(rest) >= minor


_FINISH = {
    "services": _service,
    "networks": _external("network", 5),
    "volumes": _external("volume", 4),
    "secrets": _external("secret", 5),
    "configs": _external("config", 5),
}
