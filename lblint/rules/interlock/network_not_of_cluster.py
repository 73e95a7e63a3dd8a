"""The service is on none of the networks that its proxy joins.

An extension with `Networks` (since Interlock 3.0: UCP 3.2.3 and 3.1.11) connects its proxy to these alone, whatever the
labels of services name. The proxy then has no way to the tasks: put the service on one of these networks, and name it
in `com.docker.lb.network`, or add the service's network to the list.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock import Ingress
from lblint.interlock.clusters import extension_of, only_networks, reachable
from lblint.interlock.networks import host_mode, joined
from lblint.rules import rule


@rule(on=Ingress, severity=Severity.ERROR, breaks=Breaks.ROUTE, needs=("ingress.config",))
def check(ingress: Ingress) -> Iterator[Hit]:
    for route in ingress.routes:
        networks, extension = only_networks(ingress, route), extension_of(ingress, route)
        if networks is None or extension is None or host_mode(route) or reachable(route, networks) is not False:
            continue
        label = route.label("network")
        if label and label.unset:
            continue
        on = [network.shown for network in joined(route) if not network.local]
        own = label.value if label else " and ".join(on)
        joins = " and ".join(networks[:5]) or "no network"
        yield Hit(
            label.place if label else route.stack.place("services", route.service.key, "networks").on_key(),
            f"the proxy of [Extensions.{extension.name}] joins {joins} alone, and {route.service.key} is to be reached "
            f"over {own}",
            f"networks: [{networks[0]}] in the service, and com.docker.lb.network: {networks[0]}"
            if networks
            else "the network in Networks of Interlock's config",
        )
