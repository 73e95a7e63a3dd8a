"""The network label holds the key of a network in the file, not the name that Swarm gives it.

Docker calls a network of a stack `<stack>_<key>`; only external networks and those with a `name:` go by their own name.
A label with the bare key matches no network of the service. On a service with one network that works all the same, as
Interlock then has no choice, and many files have it; with several networks the proxy may take the wrong one.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Fix, Hit, Severity
from lblint.interlock import Ingress
from lblint.interlock.networks import Joined, Naming, joined, named
from lblint.interlock.route import Route
from lblint.rules import rule
from lblint.stack import Label


@rule(on=Ingress, severity=Severity.ERROR, breaks=Breaks.ROUTE, needs=("com.docker.lb.network",))
def check(ingress: Ingress) -> Iterator[Hit]:
    for route in ingress.routes:
        label, found = route.label("network"), named(route)
        if label is None or found is None or found[1] is not Naming.KEY or found[0].network is None:
            continue
        network = found[0]
        overlays = sum(not other.local for other in joined(route))
        alone = overlays == 1
        yield Hit(
            label.place,
            f'com.docker.lb.network: "{label.value}" is the key of the network in this file; Swarm calls it '
            f"{network.shown}"
            + (
                ", and it is found only because the service has no other overlay"
                if alone
                else f", and with {overlays} networks the proxy may take the wrong one"
            ),
            f"com.docker.lb.network: {network.shown}",
            severity=Severity.WARNING if alone else None,
            breaks=Breaks.NOTHING if alone else None,
            fixes=_named(route, label, network),
        )


def _named(route: Route, label: Label, network: Joined) -> tuple[Fix, ...]:
    """The Swarm name, if the stack's name is known; it was given, or the fix is a guess."""
    from lblint.rules._mend import written

    return written(label, network.name, route.stack.inferred_from is None) if network.name else ()
