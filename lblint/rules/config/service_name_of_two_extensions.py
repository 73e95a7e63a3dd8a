"""Two services of Interlock's config have one name.

Each extension makes a service for itself, one for its proxies, and since Interlock 3.0 one for its config. Names in a
Swarm are unique, so that each needs its own; keys that are left out have the names of the default extension.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock.config import InterlockConfig
from lblint.interlock.keys import EXTENSION
from lblint.interlock.version import INTERLOCK_3, reached
from lblint.rules import rule
from lblint.rules._interlock import named

_NAMES = ("ServiceName", "ProxyServiceName", "ConfigServiceName")


@rule(
    on=InterlockConfig,
    severity=Severity.ERROR,
    breaks=Breaks.PROXY,
    consequence="one service takes the other's place: one of the two proxies is missing",
)
def check(config: InterlockConfig) -> Iterator[Hit]:
    taken: dict[str, tuple[str, str]] = {}
    for extension in config.extensions:
        for key in _NAMES:
            name = extension.value(key)
            written = key.lower() in extension.own
            if not name or not (written or key != "ConfigServiceName" or reached(config.version, INTERLOCK_3)):
                continue
            other = taken.setdefault(name, (named(extension), key))
            if other == (named(extension), key):
                continue
            says = f'{key} is "{name}"' if written else f'without {key}, its service is called "{name}"'
            yield Hit(
                extension.at(key),
                f"{says}, as is {other[1]} of {other[0]}",
                f'{key} = "{EXTENSION[key.lower()].default}-{extension.name}"',
                severity=None if written else Severity.WARNING,
            )
