"""A way into the decoded settings of a service, network or mount, for rules on stacks and on what runs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lblint.finding import Place, Severity, of_kind
from lblint.lazy_re import pattern
from lblint.stack import Stack
from lblint.stack.faults import UnsetVariable
from lblint.stack.units import parse_duration


def setting(config: Mapping[str, Any], *path: str) -> Any:
    """Return the value at a path, None where there is none on the way."""
    value: Any = config
    for key in path:
        if type(value) is not dict and (value is None or not isinstance(value, Mapping)):  # the last takes longest
            return None
        value = value.get(key)
    return value


def entries(config: Mapping[str, Any], *path: str) -> Iterator[tuple[int, Any]]:
    """Yield the items of the list at a path with their indices; none where it is not a list."""
    items = setting(config, *path)
    if items is not None:
        yield from enumerate(items) if isinstance(items, list | tuple) else ()


def nanoseconds(config: Mapping[str, Any], *path: str) -> int:
    """Return the duration at a path in nanoseconds, 0 where there is none."""
    text = setting(config, *path)
    duration = parse_duration(text) if isinstance(text, str) else 0
    return duration if isinstance(duration, int) else 0


def certainty(stack: Stack) -> Callable[[Place], Severity | None]:
    """Return a function that gives WARNING for a place whose value uses a variable that is not set here.

    Whoever deploys may set it, so the value may be another one then; so may a port, mount or secret in the long syntax
    with such a value in it. In a deploy nothing is a guess: a variable that is not set is the empty string.
    """
    if stack.deploying:
        return lambda place: None
    unset = {fault.place[:2] for fault in of_kind(stack.faults, UnsetVariable)}
    parts = {(file, path[:-1]) for file, path in unset if len(path) > 4 and isinstance(path[-2], int)}

    def guessed(place: Place) -> Severity | None:
        return Severity.WARNING if place[:2] in unset or place[:2] in parts else None

    return guessed


_PIPE = pattern(r"(?://|\\\\)[.?][/\\]pipe[/\\].", re.IGNORECASE)


def odd_pipes(mount: Mapping[str, object]) -> list[str]:
    """The source and the target of a mount of the type npipe, where they are not named pipes of Windows."""
    paths = (str(mount.get("source") or ""), str(mount.get("target") or "")) if mount.get("source") else ()
    return [text for text in paths if not _PIPE.match(text)]


VXLAN = "com.docker.network.driver.overlay.vxlanid_list"
"""The option that names the VXLAN IDs of an overlay network (libnetwork drivers/overlay/ovmanager)."""


def vxlan_ids(options: Mapping[str, object]) -> list[str]:
    """Return the VXLAN IDs in the options of a network, as they are written."""
    return str(options[VXLAN] or "").split(",") if VXLAN in options else []
