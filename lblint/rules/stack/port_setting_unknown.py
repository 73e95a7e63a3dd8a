"""A port has a mode or protocol that Swarm does not know.

The long syntax is not checked by anybody: an unknown `mode` becomes ingress, an unknown `protocol` becomes tcp. So a
port that was meant for one node is open on all of them, or a datagram service listens for connections.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Hit, Severity
from lblint.rules import rule
from lblint.rules._setting import entries
from lblint.stack import Stack

_KNOWN = {"mode": ("ingress", "host"), "protocol": ("tcp", "udp", "sctp")}


@rule(
    on=Stack,
    severity=Severity.WARNING,
    consequence="the deploy is accepted, but the port is published in another way than written",
    needs=("ports",),
)
def check(stack: Stack) -> Iterator[Hit]:
    for service in stack.services:
        for index, port in entries(service.config, "ports"):
            for key, known in _KNOWN.items():
                given = str(port.get(key) or "")
                if given and given.lower() not in known:
                    from lblint.rules._mend import corrected

                    place = stack.place("services", service.key, "ports", index, key)
                    yield Hit(
                        place,
                        f"{key} {given} is unknown: the manager takes it for {known[0]} without a word",
                        f"{' or '.join(known)}",
                        fixes=corrected(place, given.lower(), known),
                    )
