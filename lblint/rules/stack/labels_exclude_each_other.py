"""Two labels of a service do not go together.

The template of the proxy renders one of them, and leaves the other out or makes it pointless: websockets below a
context root, anything that needs to see requests beside TLS that is passed through, sticky sessions over the one
virtual IP.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock import LABELS, PREFIX
from lblint.rules import rule
from lblint.rules._labels import labels, on
from lblint.stack import Stack

_EXCLUDING = {name: spec.excludes for name, spec in LABELS.items() if spec.excludes}


@rule(on=Stack, severity=Severity.WARNING, breaks=Breaks.ROUTE)
def check(stack: Stack) -> Iterator[Hit]:
    for name, excludes in _EXCLUDING.items():
        for service, label in labels(stack, name):
            for other in excludes:
                if on(service, name) and on(service, other.name, other.value):
                    beside = PREFIX + other.name + (f": {other.value}" if other.value else "")
                    yield Hit(
                        label.key_place,
                        f"{label.key} beside {beside}: {other.says}",
                        "one of the two",
                        other.severity,
                        other.breaks,
                    )
