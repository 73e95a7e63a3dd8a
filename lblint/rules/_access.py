"""A way into the decoded settings of a service, network or other object."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lblint.finding import Place, Severity, of_kind
from lblint.stack import Stack
from lblint.stack.faults import UnsetVariable
from lblint.stack.units import parse_duration


def setting(config: Mapping[str, Any], *path: str) -> Any:
    """The value at a path, None where there is none on the way."""
    found: Any = config
    for key in path:
        if type(found) is not dict and (found is None or not isinstance(found, Mapping)):  # the last takes longest
            return None
        found = found.get(key)
    return found


def entries(config: Mapping[str, Any], *path: str) -> Iterator[tuple[int, Any]]:
    """The items of the list at a path with their indices; none where there is no list."""
    found = setting(config, *path)
    if found is not None:
        yield from enumerate(found) if isinstance(found, list | tuple) else ()


def nanoseconds(config: Mapping[str, Any], *path: str) -> int:
    """The duration at a path in nanoseconds, 0 where there is none."""
    text = setting(config, *path)
    read = parse_duration(text) if isinstance(text, str) else 0
    return read if isinstance(read, int) else 0


def certainty(stack: Stack) -> Callable[[Place], Severity | None]:
    """A function that says WARNING where the text at a place uses a variable that is not set here: with it, the text
    may be another one, and so may a port, mount or secret in the long form with one in it. In a deploy nothing is a
    guess: what is not set there is the empty string."""
    if stack.deploying:
        return lambda place: None
    unset = {fault.place[:2] for fault in of_kind(stack.faults, UnsetVariable)}
    parts = {(file, path[:-1]) for file, path in unset if len(path) > 4 and isinstance(path[-2], int)}

    def guessed(place: Place) -> Severity | None:
        return Severity.WARNING if place[:2] in unset or place[:2] in parts else None

    return guessed
