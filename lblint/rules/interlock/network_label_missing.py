"""A service on several networks does not say which one the proxy shall use.

The label `com.docker.lb.network` may be left out only where the service has one network. With more, Interlock attaches
the proxy to all of them, backends included, and which of the tasks' addresses it routes to is not defined.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock import Ingress
from lblint.interlock.networks import host_mode, joined
from lblint.rules import rule


@rule(on=Ingress, severity=Severity.ERROR, breaks=Breaks.ROUTE)
def check(ingress: Ingress) -> Iterator[Hit]:
    for route in ingress.routes:
        if route.network.strip() or host_mode(route):
            continue
        on = {network.shown: network for network in joined(route)}
        if len(on) < 2:
            continue
        service = route.service.key
        yield Hit(
            route.stack.place("services", service, "networks").on_key(),
            f"{service} is on {len(on)} networks ({', '.join(on)}) and no com.docker.lb.network says which one the "
            "proxy shall use: it is attached to all of them and may route to the wrong one",
            f"com.docker.lb.network: {next(iter(on))}",
        )
