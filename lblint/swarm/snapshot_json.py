"""A snapshot as JSON and back: for tests, for a support case, for a check where no manager is reached.

Keys are the fields of the values in model.py; what is left out has the field's default, an `id` the name's text. A
config may hold `text`: it is then that of a proxy or of Interlock's core, if one runs with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from lblint.swarm.api_decode import OddAnswerError, items, number, part, text, texts, words
from lblint.swarm.model import Attachment, FileObject, Network, Node, Port, Service, Snapshot, Use
from lblint.swarm.proxies import with_interlock
from lblint.swarm.tasks import Task

Value = TypeVar("Value", bound=tuple[Any, ...])
_KEPT = ("services", "networks", "secrets", "configs", "nodes")


def as_json(snapshot: Snapshot) -> dict[str, Any]:
    """The snapshot as an object for json.dumps, without what has its default."""
    document: dict[str, Any] = {"daemon": snapshot.daemon}
    for name in _KEPT:
        document[name] = [_plain(value) for value in getattr(snapshot, name)]
    return document | ({"refused": dict(snapshot.refused)} if snapshot.refused else {})


def _plain(value: Any) -> Any:
    if isinstance(value, Attachment) and not value.aliases:
        return value.network
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        defaults: Mapping[str, Any] = getattr(value, "_field_defaults", {})
        fields = zip(value._fields, value, strict=True)
        return {name: _plain(field) for name, field in fields if name not in defaults or field != defaults[name]}
    if isinstance(value, frozenset):
        return sorted(_plain(item) for item in value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return dict(value) if isinstance(value, Mapping) else value


def from_json(document: Any) -> Snapshot:
    """The snapshot of such an object. Raises `OddAnswerError` for what is none."""
    snapshot = Snapshot(
        daemon=text(document, "daemon"),
        services=tuple(_service(item) for item in items(document, "services")),
        networks=tuple(_network(item) for item in items(document, "networks")),
        secrets=tuple(_object(item) for item in items(document, "secrets")),
        configs=tuple(_object(item) for item in items(document, "configs")),
        nodes=tuple(_node(item) for item in items(document, "nodes")),
        refused=texts(document, "refused"),
    )
    return with_interlock(snapshot, {config.name: config.text for config in snapshot.configs})


def tasks_from_json(document: Any) -> tuple[Task, ...]:
    """The tasks of such an object, whose `service` is the id of one. Raises `OddAnswerError` for what is none."""
    tasks = items(document, "tasks")
    return tuple(Task(**_fields(Task, item, id=text(item, "id"), service=text(item, "service"))) for item in tasks)


def _fields(like: type[Value], document: Any, **more: Any) -> dict[str, Any]:
    """The fields of a value that are plain text, numbers, flags or mappings, by the type of their default."""
    known: tuple[str, ...] = like._fields  # type: ignore[attr-defined]
    defaults: Mapping[str, Any] = like._field_defaults  # type: ignore[attr-defined]
    read = dict(more)
    for key in part({"": document}, ""):
        if key not in known:
            raise OddAnswerError(f"{key} is no field of a {like.__name__}")
        if key in more:
            continue
        default = defaults.get(key, "")
        if isinstance(default, bool):
            read[key] = document[key] is True
        elif isinstance(default, int) or (default is None and document[key] is not None):
            read[key] = number(document, key)
        elif isinstance(default, Mapping):
            read[key] = texts(document, key)
        elif isinstance(default, str):
            read[key] = text(document, key)
        elif isinstance(default, tuple):
            read[key] = words(document, key)
    return read


def _named(document: Any) -> dict[str, Any]:
    return {"id": text(document, "id") or text(document, "name"), "name": text(document, "name")}


def _service(document: Any) -> Service:
    uses = {kind: tuple(_use(item) for item in items(document, kind)) for kind in ("secrets", "configs")}
    ports = {kind: tuple(_port(item) for item in items(document, kind)) for kind in ("ports", "assigned")}
    networks = tuple(
        Attachment(item) if isinstance(item, str) else Attachment(text(item, "network"), words(item, "aliases"))
        for item in items(document, "networks")
    )
    replicas = document.get("replicas", 1 if text(document, "mode") in ("", "replicated") else None)
    fields = _fields(Service, document, **_named(document), **uses, **ports, networks=networks, replicas=replicas)
    return Service(**fields)


def _use(document: Any) -> Use:
    if isinstance(document, str):
        return Use(document, document, document)
    return Use(text(document, "name"), text(document, "id"), text(document, "target"))


def _port(document: Any) -> Port:
    return Port(**_fields(Port, document, target=number(document, "target"), published=number(document, "published")))


def _network(document: Any) -> Network:
    return Network(**_fields(Network, document, **_named(document)))


def _object(document: Any) -> FileObject:
    return FileObject(**_fields(FileObject, document, **_named(document)))


def _node(document: Any) -> Node:
    hostname = text(document, "hostname")
    plugins = frozenset(
        (str(pair[0]), str(pair[1])) for pair in items(document, "plugins") if isinstance(pair, list) and len(pair) == 2
    )
    generic = {kind: number(part(document, "generic"), kind) for kind in part(document, "generic")}
    fields = {"id": text(document, "id") or hostname, "hostname": hostname, "plugins": plugins, "generic": generic}
    return Node(**_fields(Node, document, **fields))
