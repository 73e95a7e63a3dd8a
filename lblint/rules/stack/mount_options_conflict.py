"""A mount has a type that docker does not know, or options that do not go with its type.

Docker checks mounts when networks, secrets and configs are made: a bind takes no volume options, a tmpfs no source,
and so on. A type is one of volume, bind, tmpfs, npipe and cluster.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.rules._setting import entries
from lblint.stack import Stack

_OPTIONS = {"tmpfs": "tmpfs", "bind": "bind", "volume": "volume", "cluster": "cluster", "image": "image"}
_ALLOWED = {
    "volume": ("volume",),
    "bind": ("bind",),
    "tmpfs": ("tmpfs",),
    "npipe": ("bind", "cluster"),
    "cluster": ("cluster", "image"),
    "image": ("image",),
}


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.CLIENT_MIDWAY, needs=("volumes",))
def check(stack: Stack) -> Iterator[Hit]:
    for service in stack.services:
        for index, mount in entries(service.config, "volumes"):
            told = _fault(mount)
            if told:
                place = stack.place("services", service.key, "volumes", index)
                yield Hit(place, told, "what belongs to the type alone")


def _fault(mount: Mapping[str, Any]) -> str:
    """What the client says against a mount (docker/cli cli/compose/convert/volume.go)."""
    kind = mount.get("type") or "volume"
    if kind not in _ALLOWED:
        return f'type "{kind}": volume type must be volume, bind, tmpfs, npipe, or cluster'
    source = mount.get("source") or ""
    if kind in ("npipe", "cluster", "image") and not source:
        return f"invalid {kind} source, source cannot be empty"
    if kind == "tmpfs" and source:
        return f'source "{source}": invalid tmpfs source, source must be empty'
    for option in _OPTIONS:
        if mount.get(option) is not None and option not in _ALLOWED[kind]:
            return f"{option} options are incompatible with type {kind}"
    return ""
