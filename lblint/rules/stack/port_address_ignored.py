"""A port is published on an address, which Swarm ignores.

A stack cannot bind a port to an address: the client drops it with a log line, and the port is open on all addresses
of all nodes. What was meant for localhost is open to the network.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Hit, Severity
from lblint.rules import rule
from lblint.stack import Stack


@rule(
    on=Stack,
    severity=Severity.WARNING,
    consequence="the port is reachable on every address of every node of the Swarm",
    needs=("port.address-ignored",),
)
def check(stack: Stack) -> Iterator[Hit]:
    for fault in stack.faults:
        if fault.kind == "port.address-ignored":
            yield Hit(
                fault.place,
                f'the address in "{fault.facts["value"]}" is ignored: the service will listen on 0.0.0.0',
                "no port, where the service can be reached through a network; else guard it with a firewall",
            )
