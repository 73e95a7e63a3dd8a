"""A service is on a network that services cannot use.

Services use networks that are scoped to the Swarm, which of docker's own drivers only overlay makes. A network with
another driver is created on one node, and then refused by the manager. The external networks none, default and
ingress are refused, too.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.stack import Stack

_LOCAL = ("bridge", "macvlan", "ipvlan")
_REFUSED = {
    "none": "could not find the corresponding predefined swarm network: network none not found",
    "default": "network default not found",
    "ingress": 'Service cannot be explicitly attached to the ingress network "ingress"',
}


@rule(
    on=Stack,
    severity=Severity.ERROR,
    breaks=Breaks.DEPLOY,
    stage=Stage.MANAGER_SERVICE,
    needs=("driver", "external"),
)
def check(stack: Stack) -> Iterator[Hit]:
    for network in stack.networks.values():
        if not network.used:
            continue
        if network.external and network.name in _REFUSED:
            yield Hit(
                network.place.on_key(),
                f'external network "{network.name}": {_REFUSED[network.name]}',
                "an overlay network of your own",
            )
        driver = str(network.config.get("driver") or "")
        if not network.external and driver in _LOCAL:
            from lblint.rules._mend import write

            place = stack.place("networks", network.key, "driver")
            yield Hit(
                place,
                f'driver {driver}: the network "{network.key}" cannot be used with services, only networks scoped to '
                "the swarm can be used",
                "`driver: overlay`, or nothing",
                fixes=write(place, "overlay", safe=False),
            )
