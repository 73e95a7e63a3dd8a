"""A service in host mode is on an overlay, and the proxy is attached to it.

Host mode is there to keep overlays away from the proxy: joining each takes one to two seconds, for each proxy, and
restarts it. Interlock attaches the proxy to the networks of a routed service whether the route needs them or not. Where
Interlock's own config has a list of `Networks` (since Interlock 3.0), the proxy joins those alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock import Ingress
from lblint.interlock.clusters import only_networks
from lblint.interlock.networks import attached, host_mode
from lblint.rules import rule


@rule(
    on=Ingress,
    severity=Severity.WARNING,
    breaks=Breaks.NOTHING,
    consequence="the proxy is attached to one more overlay: slower updates for everybody, and docker stack rm fails "
    "until it has left",
)
def check(ingress: Ingress) -> Iterator[Hit]:
    for route in ingress.routes:
        if not host_mode(route) or only_networks(ingress, route) is not None:
            continue
        for network in attached(route):
            if not network.implicit:
                yield Hit(
                    network.place,
                    f"{route.service.key} is in host mode but also on the overlay {network.shown}: the proxy is "
                    "attached to it",
                    "move what needs this network to a service without com.docker.lb labels",
                )
