"""Before UCP 3.0.8 the proxy is attached to all networks of a routed service, whatever its label names.

The label `com.docker.lb.network` was not respected (interlock 169): the proxy joins networks of databases and queues
too. Each takes it one to two seconds at every update, and `docker stack rm` fails while it is there.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock import Ingress
from lblint.interlock.networks import joined
from lblint.interlock.version import NETWORK_LABEL_RESPECTED, reached
from lblint.rules import rule


@rule(
    on=Ingress,
    severity=Severity.WARNING,
    breaks=Breaks.NOTHING,
    consequence="slower updates of the proxy for everybody, and docker stack rm fails until it has left",
    needs=("ingress.version",),
)
def check(ingress: Ingress) -> Iterator[Hit]:
    if reached(ingress.version, NETWORK_LABEL_RESPECTED) is not False:
        return
    for route in ingress.routes:
        on = [network for network in joined(route) if not network.local]
        label = route.label("network")
        if len(on) > 1 and label is not None:
            names = " and ".join(network.shown for network in on)
            yield Hit(
                label.place,
                f"{ingress.version} does not respect this label: the proxy is attached to {names}",
                f"an upgrade to {NETWORK_LABEL_RESPECTED}; or a service on the proxy's network alone, in front of the "
                "others",
            )
