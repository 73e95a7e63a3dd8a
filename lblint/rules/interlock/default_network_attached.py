"""A routed service has no networks, so docker puts it on the stack's default network and the proxy joins that.

Docker makes `<stack>_default` for services without `networks`. The proxy is then attached to an overlay that it shares
with everything else of the stack; attaching it takes time, and `docker stack rm` fails while it is there. In host mode
the proxy needs no overlay at all: an external network whose name is `bridge` keeps docker from making one.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock import Ingress
from lblint.interlock.clusters import only_networks
from lblint.interlock.networks import host_mode, joined
from lblint.rules import rule

_BRIDGE = """networks: [docker0] in the service, and at the top
networks:
  docker0:
    external: true
    name: bridge"""


@rule(
    on=Ingress,
    severity=Severity.WARNING,
    breaks=Breaks.NOTHING,
    consequence="the proxy is attached to one more overlay: slower updates for everybody, and docker stack rm fails "
    "until it has left",
)
def check(ingress: Ingress) -> Iterator[Hit]:
    for route in ingress.routes:
        for network in joined(route):
            if not network.implicit or route.network.strip() or only_networks(ingress, route) is not None:
                continue
            says = f"{route.service.key} has no networks: docker puts it on {network.shown}, and the proxy is attached"
            if host_mode(route):
                yield Hit(network.place.on_key(), f"{says} to it, though host mode needs no overlay", _BRIDGE)
            else:
                yield Hit(
                    network.place.on_key(),
                    f"{says} to it, together with all services that have none",
                    "networks: [frontend] in the service, with an external overlay that is made once",
                    severity=Severity.INFO,
                )
