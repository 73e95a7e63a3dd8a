"""The network label has the prefix of another stack.

The name of a stack's network begins with the name under which the stack is deployed. A label that was written for
another name matches no network of the service: it works only while the service has no second network. Write the name
for this stack, or make it follow the deploy: `com.docker.lb.network: ${STACK}_<key>`.
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
        if label is None or found is None or found[1] is not Naming.PREFIX:
            continue
        network = found[0]
        alone = sum(not other.local for other in joined(route)) == 1
        written = label.value.strip().removesuffix("_" + network.key)
        yield Hit(
            label.place,
            f'com.docker.lb.network: "{label.value}" is right for a stack called {written}, but this one is '
            f"{route.stack.name} and its network {network.shown}",
            f"com.docker.lb.network: {network.shown}",
            severity=Severity.WARNING if alone else None,
            breaks=Breaks.NOTHING if alone else None,
            fixes=_named(route, label, network),
        )


def _named(route: Route, label: Label, network: Joined) -> tuple[Fix, ...]:
    """The Swarm name, if the stack's name is known; it was given, or the fix is a guess."""
    from lblint.rules._mend import written

    return written(label, network.name, route.stack.inferred_from is None) if network.name else ()
