"""A label stands twice in a list, with two values.

In a map YAML refuses that; a list `- key=value` is turned into a map by docker, and the last entry wins without a word.
For two hosts write one label with both names: `com.docker.lb.hosts=a.example.org,b.example.org`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lblint.finding import Hit, Place, Severity
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
                yield Hit(place, f'"{key}" stands again further down: docker takes "{value}"', "one of the two")
        if key:
            last[key] = index


def _mapping(data: object) -> dict[str, Any]:
    return data if isinstance(data, dict) else {}
