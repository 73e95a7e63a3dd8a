"""A service publishes the label's port in host mode and names an overlay for the proxy as well.

Host mode wants no network label: the proxy goes to the node's address. With a label it is attached to the overlay and
reaches the tasks there, and the port on the node stays open beside it. Which of the two Interlock takes is not
documented. Keep one: the label and the overlay, or the port with `mode: host`.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock import Ingress
from lblint.interlock.networks import host_port, named
from lblint.rules import rule


@rule(on=Ingress, severity=Severity.WARNING, breaks=Breaks.ROUTE, needs=("ports",))
def check(ingress: Ingress) -> Iterator[Hit]:
    for route in ingress.routes:
        label, port, found = route.label("network"), host_port(route), named(route)
        if label is None or port is None or found is None or found[0].local:
            continue
        yield Hit(
            label.place,
            f'com.docker.lb.network: "{label.value}" sends the proxy to an overlay, while port {port.target} is '
            "published in host mode: both ways at once",
            f"without the label for host mode; without `mode: host` on port {port.target} for the overlay",
        )
