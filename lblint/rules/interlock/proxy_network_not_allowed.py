"""The service makes the proxy join a network that the settings do not list.

The proxy joins the network that `com.docker.lb.network` names, or all networks of the service without that label. Each
takes it one to two seconds at every update, for everybody, and `docker stack rm` fails while the proxy is there. So a
site keeps networks for its proxies: `proxy-networks` in `.lblint.yml`. Put the service on one of these, and name it in
the label.
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock import Ingress
from lblint.interlock.clusters import only_networks
from lblint.interlock.networks import attached, host_mode
from lblint.rules import rule


@rule(
    on=Ingress,
    severity=Severity.WARNING,
    breaks=Breaks.NOTHING,
    consequence="slower updates of the proxy for everybody, and docker stack rm fails until it has left",
    needs=("ingress.site",),
    others=True,
)
def check(ingress: Ingress) -> Iterator[Hit]:
    site = ingress.site
    if site is None or not site.networks:
        return
    for route in ingress.routes:
        label = route.label("network")
        if only_networks(ingress, route) is not None or host_mode(route) or (label and label.unset):
            continue
        for network in attached(route):
            if network.name is None or any(fnmatchcase(network.name, allowed) for allowed in site.networks):
                continue
            yield Hit(
                label.place if label else network.place,
                f"{route.service.key} makes the proxy join {network.name}, which is none of the proxy-networks in "
                f"{site.file}",
                f"a network of that list: {' or '.join(site.networks[:5])}",
            )
