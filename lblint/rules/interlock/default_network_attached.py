"""A routed service has no networks, so docker puts it on the stack's default network and the proxy joins that.

Docker makes `<stack>_default` for services without `networks`. The proxy is then attached to an overlay that it shares
with everything else of the stack; attaching it takes time, and `docker stack rm` fails while it is there. In host mode
the proxy needs no overlay at all: an external network whose name is `bridge` keeps docker from making one.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Edit, Fix, Hit, Place, Severity
from lblint.interlock import Ingress
from lblint.interlock.clusters import only_networks
from lblint.interlock.networks import host_mode, joined
from lblint.interlock.route import Route
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
                message = f"{says} to it, though host mode needs no overlay"
                yield Hit(network.place.on_key(), message, _BRIDGE, fixes=_fix(route))
            else:
                yield Hit(
                    network.place.on_key(),
                    f"{says} to it, together with all services that have none",
                    "networks: [frontend] in the service, with an external overlay that is made once",
                    severity=Severity.INFO,
                )


def _fix(route: Route) -> tuple[Fix, ...]:
    """The workaround: a network of the nodes in place of the overlay."""
    place = route.service.place
    known = next((key for key, one in route.stack.networks.items() if one.external and one.name == "bridge"), "")
    key = known or "docker0"
    if (not known and key in route.stack.networks) or "networks" in route.service.config:
        return ()
    edits = [Edit("insert", Place(place.file, place.path), [key], "networks")]
    if not known:
        edits.append(Edit("insert", Place(place.file, ("networks",)), {"external": True, "name": "bridge"}, key))
    return (Fix(f"put it on {key}, the nodes' own bridge", tuple(edits), False),)
