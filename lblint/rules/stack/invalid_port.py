"""The label port holds something that is no port.

It is rendered behind the address of every task (`server 10.0.0.5:8080;`), and nginx refuses anything but a number from
1 to 65535: no protocol, no pair of published and container port, no list. Write the port on which the container
listens. It need not be published, and a service has one.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.rules import rule
from lblint.rules._labels import value_hits
from lblint.stack import Stack


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.PROXY, needs=("com.docker.lb.port",))
def check(stack: Stack) -> Iterator[Hit]:
    yield from value_hits(stack, "port")
