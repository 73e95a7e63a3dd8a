"""What hooks take and give: short syntax and list forms on their way to docker's structs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lblint.finding import Place
from lblint.records import NamedTuple
from lblint.source import Timestamp

BUDGET = 100_000
"""Most ports and variables that short entries and env files of a stack may stand for: far above what Swarm takes."""


class Mode(NamedTuple):
    """How hooks work: with the words of clients before 23 (`legacy`), and how much may still be expanded."""

    legacy: bool
    budget: list[int]

    def spend(self, count: int) -> bool:
        """Take from the budget; False where too little is left."""
        self.budget[0] -= count
        return self.budget[0] >= 0


DONE = object()
"""In place of plain data that is still to be decoded: the hook has decoded it all."""

Noticed = tuple[str, Place, Mapping[str, object]]


class At(NamedTuple):
    """A decoded part that stands somewhere else than the whole."""

    value: Any
    place: Place


class Raw(NamedTuple):
    """A part that is still to be decoded, by the shape of the elements."""

    value: Any
    place: Place


class Made(NamedTuple):
    """What a hook makes of a value: plain data to decode further, or what is `ready` when `plain` is DONE."""

    plain: Any
    ready: Any = None
    noticed: tuple[Noticed, ...] = ()


def done(ready: Any, noticed: tuple[Noticed, ...] = ()) -> Made:
    return Made(DONE, ready, noticed)


def go_type(value: Any) -> str:
    """The Go type of plain data, as docker's messages name it."""
    if isinstance(value, Timestamp):
        return "time.Time"
    if isinstance(value, int) and not isinstance(value, bool) and value >= 2**63:
        return "uint64"
    names = {str: "string", bool: "bool", int: "int", float: "float64", list: "[]interface {}"}
    for kind, name in ((bool, "bool"), *names.items()):
        if isinstance(value, kind):
            return name
    return "map[string]interface {}" if isinstance(value, dict) else "<nil>"


def go_kind(value: Any) -> str:
    """The kind of Go's type of plain data, as docker's messages name it."""
    name = go_type(value)
    return {"time.Time": "struct", "[]interface {}": "slice", "map[string]interface {}": "map"}.get(name, name)


def is_text(value: Any) -> bool:
    return isinstance(value, str) and not isinstance(value, Timestamp)
