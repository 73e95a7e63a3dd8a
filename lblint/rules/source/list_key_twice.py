"""A variable stands twice in a list.

Where environment or sysctls are a list, `- KEY=value`, docker takes the last entry of a key and says nothing of the
others.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Hit, Place, Severity
from lblint.rules import rule
from lblint.rules._setting import entries, setting
from lblint.source import Source

_LISTS = ("environment", "sysctls")


@rule(on=Source, severity=Severity.WARNING, consequence="the earlier value is lost", needs=("environment", "sysctls"))
def check(source: Source) -> Iterator[Hit]:
    services = setting(source.data, "services") if isinstance(source.data, dict) else None
    for name, service in services.items() if isinstance(services, dict) else ():
        for part in _LISTS if isinstance(service, dict) else ():
            first: dict[str, str] = {}
            for index, item in entries(service, part):
                if not isinstance(item, str):
                    continue
                key = item.partition("=")[0]
                if first.get(key, item) != item:
                    place = Place(source.name, ("services", name, part, index), chars=(0, len(key)))
                    told = f"{key} stands twice: docker takes the last one, not \"{first[key]}\""
                    yield Hit(place, told, "one of them")
                first[key] = item
