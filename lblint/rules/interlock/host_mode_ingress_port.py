"""A service in host mode also publishes a port in ingress mode.

The proxy reaches a service in host mode through the port on the node. A second entry for the same port in ingress mode,
which is the default of `ports`, opens the service on every node of the cluster, past the proxy and its TLS; which of
the two published ports Interlock takes is not documented. Keep the entry with `mode: host`.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock import Ingress
from lblint.interlock.networks import host_mode, host_port
from lblint.rules import rule


@rule(on=Ingress, severity=Severity.WARNING, breaks=Breaks.NOTHING, needs=("ports",))
def check(ingress: Ingress) -> Iterator[Hit]:
    for route in ingress.routes:
        reached = host_port(route)
        if reached is None or not host_mode(route):
            continue
        for port in route.service.ports:
            if port.mode != "ingress":
                continue
            from lblint.rules._mend import remove

            again = port.target == reached.target
            yield Hit(
                port.place,
                f"port {port.target} is published in ingress mode "
                + ("as well as in host mode" if again else "by a service in host mode")
                + ": it is open on every node, past the proxy",
                "remove this entry" if again else "mode: host, if this port is for the proxy too",
                severity=None if again else Severity.INFO,
                fixes=remove(port.place, "this entry", safe=False) if again else (),
            )
