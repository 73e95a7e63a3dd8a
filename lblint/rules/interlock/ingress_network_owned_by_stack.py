"""The proxy is attached to a network that belongs to the stack, so `docker stack rm` fails at first.

Interlock attaches the proxy to the network of the route. When the stack is removed the proxy still holds the network:
docker says that it has active endpoints, and leaves it until the proxy has been updated. Deploying again meanwhile
fails too. A network that is made once and declared as external outlives the stack; several stacks can share it, which
also keeps the proxy's updates quick.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Edit, Fix, Hit, Place, Severity
from lblint.interlock import Ingress
from lblint.interlock.clusters import only_networks
from lblint.interlock.networks import attached, host_mode, named
from lblint.rules import rule
from lblint.stack import Network, Stack


@rule(on=Ingress, severity=Severity.INFO, breaks=Breaks.NOTHING)
def check(ingress: Ingress) -> Iterator[Hit]:
    for route in ingress.routes:
        on, only = attached(route), only_networks(ingress, route)
        if only is not None and not any(network.name in only for network in on):
            continue
        if len(on) != 1 or on[0].network is None:
            continue
        network, declared = on[0], on[0].network
        if not declared.declared or declared.external:
            continue
        if not host_mode(route) and (not route.network.strip() or named(route) is not None):
            yield Hit(
                declared.place.on_key(),
                f"the proxy is attached to {network.shown}, which this stack owns: docker stack rm fails until the "
                "proxy has left it",
                "external: true, and docker network create --driver overlay once, for all stacks",
                fixes=_fix(route.stack, declared),
            )


def _fix(stack: Stack, network: Network) -> tuple[Fix, ...]:
    """The same network under the same name, but made beforehand; what the file says of it would be ignored."""
    place = Place(network.place.file, network.place.path)
    if not network.name or stack.inferred_from is not None or set(network.config) - {"driver", "name"}:
        return ()
    name = {} if network.config.get("name") else {"name": network.name}
    if network.config.get("driver"):
        driver = stack.place("networks", network.key, "driver")
        edits = [Edit("write", driver.on_key(), "external"), Edit("write", driver, True)]
        edits += [Edit("insert", place, name)] if name else []
    else:
        edits = [Edit("insert", place, {"external": True, **name})]
    title = f"external: true, after docker network create --driver overlay {network.name}"
    return (Fix(title, tuple(edits), False),)
