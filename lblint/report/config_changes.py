"""What a new config.toml of Interlock changes, and the config that runs, for people and for programs (schemas 1:
docs/json.md, schemas/interlock-diff.schema.json, schemas/interlock-config.schema.json)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lblint.interlock.config import Extension, InterlockConfig
from lblint.interlock.config_changes import Change, Changes
from lblint.interlock.config_keys import EXTENSION
from lblint.report.escape import printable
from lblint.swarm.core_config import CoreConfig

_UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


def render_changes(changes: Changes) -> str:
    """Return what changes, a line each: extensions first, then keys. "" where nothing does."""
    return "".join(printable(line) + "\n" for line in _lines(changes))


def _lines(changes: Changes) -> Iterator[str]:
    for extension in changes.removed:
        yield f"- [Extensions.{extension.name}]: {_summary(extension)}"
    for extension in changes.added:
        yield f"+ [Extensions.{extension.name}]: {_summary(extension)}"
    for old, new in changes.renamed:
        yield f"~ [Extensions.{old.name}] is now [Extensions.{new.name}]: proxy {new.value('ProxyServiceName')}"
    for change in changes.keys:
        yield f"~ {_where(change)}: {_value(change, change.before)} -> {_value(change, change.after)}"


def _where(change: Change) -> str:
    return f"[Extensions.{change.extension}] {change.key}" if change.extension else change.key


def _summary(extension: Extension) -> str:
    """Return what an extension is: whom it serves, by which proxies, on which ports and nodes."""
    replicas = extension.value("ProxyReplicas")
    ports = [str(port) for port in ports_of(extension)]
    nodes = ", ".join(extension.value("ProxyConstraints")) or "any"
    return (
        f"{cluster_name(extension.cluster)}, {'?' if replicas is None else replicas} x "
        f"{extension.value('ProxyServiceName')}, {extension.value('PublishMode')} mode, "
        f"ports {' and '.join(ports) or 'none'}, nodes: {nodes}"
    )


def cluster_name(cluster: str) -> str:
    """Return a service cluster as a sentence names it."""
    return f"service cluster {cluster}" if cluster else "the default service cluster"


def ports_of(extension: Extension) -> list[int]:
    """Return the ports that its proxies publish, HTTP before TLS."""
    ports = (extension.value(name) for name in ("PublishedPort", "PublishedSSLPort"))
    return [port for port in ports if isinstance(port, int) and port]


def _value(change: Change, value: Any) -> str:
    """Return a value as TOML writes it; a key that is not set by its default."""
    if value is None:
        key = EXTENSION.get(change.key.lower()) if change.extension else None
        default = key.default if key is not None else None
        return "not set" if default is None else f"not set ({_toml(default)})"
    return _toml(value)


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_toml(item)}" for key, item in value.items()) + "}"
    return f'"{value}"' if isinstance(value, str) else str(value)


def changed_lines(old: str, new: str, old_name: str, new_name: str) -> str:
    """Return the lines that differ, as a unified diff; "" where none does."""
    from lblint.report.unified_diff import hunks

    before, after = ([line.encode() + b"\n" for line in text.splitlines()] for text in (old, new))
    lines = [line.decode().rstrip("\n") for line in hunks(before, after)]
    return "".join(printable(line) + "\n" for line in [f"--- {old_name}", f"+++ {new_name}", *lines] if lines)


def age(created: str, now: float) -> str:
    """Return how long ago a time of the Engine API was (`now` in seconds since 1970), in its largest unit; "" where it
    is none."""
    from datetime import datetime

    try:
        seconds = int(now - datetime.fromisoformat(created[:19] + "+00:00").timestamp())
    except ValueError:
        return ""
    size, unit = next(((size, unit) for size, unit in _UNITS if seconds >= size), (1, "second"))
    count = max(0, seconds) // size
    return f"{count} {unit}{'' if count == 1 else 's'}"


def render_changes_json(running: CoreConfig, file: str, changes: Changes, lines: str) -> str:
    """Return what a file changes in the running config as one JSON object; `lines` are the lines that differ. Pure
    ASCII."""
    import json

    document = {
        "schema": 1,
        "service": running.service.name,
        "config": running.use.name,
        "file": file,
        "added": [_extension(extension) for extension in changes.added],
        "removed": [_extension(extension) for extension in changes.removed],
        "renamed": [{"before": old.name, "after": new.name} for old, new in changes.renamed],
        "keys": [
            {
                "extension": change.extension or None,
                "key": change.key,
                "before": change.before,
                "after": change.after,
            }
            for change in changes.keys
        ],
        "diff": lines,
    }
    return json.dumps(document, indent=2, default=str) + "\n"


def render_config_json(running: CoreConfig, config: InterlockConfig) -> str:
    """Return the running config as one JSON object. Pure ASCII."""
    import json

    document = {
        "schema": 1,
        "service": running.service.name,
        "config": running.use.name,
        "id": running.use.id,
        "created": running.created or None,
        "labels": dict(running.labels),
        "others": list(running.others),
        "update": running.service.update or None,
        "update_message": running.service.update_message,
        "version": None if config.version is None else str(config.version),
        "extensions": [_extension(extension) for extension in config.extensions],
        "text": running.text,
    }
    return json.dumps(document, indent=2) + "\n"


def _extension(extension: Extension) -> dict[str, Any]:
    networks = extension.value("Networks")
    return {
        "name": extension.name,
        "cluster": extension.cluster,
        "service": extension.value("ServiceName"),
        "proxy": extension.value("ProxyServiceName"),
        "replicas": extension.value("ProxyReplicas"),
        "mode": extension.value("PublishMode"),
        "ports": ports_of(extension),
        "constraints": list(extension.value("Constraints")),
        "proxy_constraints": list(extension.value("ProxyConstraints")),
        "networks": None if networks is None else list(networks),
    }
