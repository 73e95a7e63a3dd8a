"""Labels, each with the place of its key and of its value: in a mapping, in a list, through merges.

Source: docker/cli cli/compose/loader/loader.go transformMappingOrList.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lblint.finding import Path, by_file
from lblint.records import NamedTuple
from lblint.source import Source
from lblint.stack.decoder import Node
from lblint.stack.go_printing import sprint
from lblint.stack.model import Label
from lblint.stack.variables import Use


class Origins(NamedTuple):
    """What the files said before docker changed it: their sources, and the unset variables of each text, by file."""

    sources: Mapping[str, Source]
    unset: Mapping[str, Mapping[Path, tuple[Use, ...]]]


def read_labels(node: Node | None, origins: Origins) -> Iterator[Label]:
    """Yield the labels of a decoded mapping, in the order in which they were written."""
    if node is None or not isinstance(node.value, dict):
        return
    for key, value in node.value.items():
        yield _label(key, value, origins)


def _label(key: str, node: Node, origins: Origins) -> Label:
    place = node.place
    source = by_file(origins.sources, place)
    raw = at(source.data, place.path) if source is not None else None
    uses = (by_file(origins.unset, place) or {}).get(place.path, ())
    if place.chars is None:
        text = source.written(place.path) if source is not None else None
        written = text if text is not None else "" if raw is None else sprint(raw)
        return Label(key, node.value, place.on_key(), place, raw, written, tuple(use.variable for use in uses))
    whole = raw if isinstance(raw, str) else ""
    start = _value_start(whole, node.value)
    key_place = place._replace(chars=(0, start - 1 if whole[start - 1 : start] == "=" else start))
    place = place._replace(chars=(start, len(whole)))
    written = whole[start:]
    unset = tuple(use.variable for use in uses if use.start >= start)
    return Label(key, node.value, key_place, place, written, written, unset)


def _value_start(whole: str, value: str) -> int:
    """Where the value starts in a list entry as written: variables before the `=` may hold one of their own."""
    if "$" in whole.partition("=")[0] and whole.endswith(value) and whole[: -len(value) or None].endswith("="):
        return len(whole) - len(value)
    sign = whole.find("=")
    return len(whole) if sign < 0 else sign + 1


def at(data: Any, path: Path) -> Any:
    """The plain data at a path; None where there is none."""
    for step in path:
        if isinstance(data, dict):
            data = data.get(step)
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
        else:
            return None
    return data
