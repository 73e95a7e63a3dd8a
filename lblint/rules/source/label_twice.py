"""A label stands twice in a list, with two values.

In a map YAML refuses that; a list `- key=value` is turned into a map by docker, and the last entry wins without a word.
For two hosts write one label with both names: `com.docker.lb.hosts=a.example.org,b.example.org`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lblint.finding import Edit, Fix, Hit, Place, Severity
from lblint.rules import rule
from lblint.rules._setting import entries, setting
from lblint.source import Source


@rule(on=Source, severity=Severity.WARNING, consequence="docker takes the last one, with no word")
def check(source: Source) -> Iterator[Hit]:
    services = setting(_mapping(source.data), "services")
    for name, service in _mapping(services).items():
        for path in (("deploy", "labels"), ("labels",)):
            yield from _twins(source, ("services", name, *path), _mapping(service), path)


def _twins(source: Source, where: tuple[str, ...], service: dict[str, Any], path: tuple[str, ...]) -> Iterator[Hit]:
    last: dict[str, int] = {}
    for index, item in entries(service, *path):
        key, _, value = item.partition("=") if isinstance(item, str) else ("", "", "")
        if key in last:
            earlier = last[key]
            text = setting(service, *path)[earlier]
            if text != item:
                place = Place(source.name, (*where, earlier))
                said = f'"{key}" stands again further down: docker takes "{value}"'
                yield Hit(place, said, "one of the two", fixes=_joined(place, index, key, text, value))
        if key:
            last[key] = index


def _joined(place: Place, index: int, key: str, first: str, value: str) -> tuple[Fix, ...]:
    """All host names in one label; which of two other values is meant cannot be told."""
    if not key.endswith(".lb.hosts") or "$" in first + value:
        return ()
    both = f"{key}={first.partition('=')[2]},{value}"
    last = Place(place.file, (*place.path[:-1], index))
    return (Fix(f"write {both}", (Edit("write", last, both), Edit("remove", place)), safe=False),)


def _mapping(data: object) -> dict[str, Any]:
    return data if isinstance(data, dict) else {}
