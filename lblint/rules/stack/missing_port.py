"""A service has host names for its route, but no port.

The documentation requires both, and nginx cannot use a task's address without a port. Write the port on which the
container listens; it need not be published.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock import PREFIX
from lblint.interlock.names import held, meant
from lblint.rules import rule
from lblint.rules._labels import on
from lblint.stack import Stack

_PORT = PREFIX + "port"


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.ROUTE)
def check(stack: Stack) -> Iterator[Hit]:
    for service in stack.services:
        label = service.label(PREFIX + ("hosts" if on(service, "hosts") else "default_backend"))
        named = [(held(other.key) or (meant(other.key),))[0] for other in service.labels]
        if label and (on(service, "hosts") or on(service, "default_backend")) and _PORT not in named:
            port = service.ports[0].target if len(service.ports) == 1 else "the port that the container listens on"
            from lblint.rules._mend import add_label

            fixes = add_label(service, _PORT, str(port), safe=False) if len(service.ports) == 1 else ()
            says = f"{service.key} has {label.key}, but no {_PORT}"
            yield Hit(label.key_place, says, f"{_PORT}: {port}", fixes=fixes)
