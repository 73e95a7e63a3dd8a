"""The network label names a network that the service is not on.

Interlock looks for the tasks' addresses on the network of the label. On a network that the service has not joined
there are none: Interlock 3.0 logs an error, and UCP since 3.0.8 and 3.1.2 complains when such a service is created. Put
the network under `services.<service>.networks` too, or name one that is there.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Fix, Hit, Severity
from lblint.interlock import KEYS, Ingress
from lblint.interlock.networks import Joined, joined, named
from lblint.interlock.route import Route
from lblint.rules import rule
from lblint.stack import Label


@rule(on=Ingress, severity=Severity.ERROR, breaks=Breaks.ROUTE, needs=("com.docker.lb.network",))
def check(ingress: Ingress) -> Iterator[Hit]:
    for route in ingress.routes:
        label = route.label("network")
        if label is None or not label.value.strip() or named(route) is not None:
            continue
        if any(KEYS[label.key].problems(label.value)):
            continue  # no name at all, which another rule says
        on = joined(route)
        names = " and ".join(network.shown for network in on)
        unset = ", ".join(dict.fromkeys(label.unset))
        yield Hit(
            label.place,
            f'com.docker.lb.network names "{label.value}", but {route.service.key} is on {names}: '
            "the proxy finds no task there" + (f" ({unset}: not set)" if unset else ""),
            f"set {unset}" if unset else _remedy(route, label.value.strip(), on),
            severity=Severity.WARNING if unset else None,
            fixes=_fix(label, on),
        )


def _fix(label: Label, on: tuple[Joined, ...]) -> tuple[Fix, ...]:
    """The one network of the service that is a slip away."""
    from lblint.rules._mend import sole, written

    names = {name: network.shown for network in on for name in (network.key, network.shown)}
    meant = sole(label.value.strip(), names, 2)
    return written(label, names[meant], safe=False) if meant and "<" not in names[meant] else ()


def _remedy(route: Route, label: str, on: tuple[Joined, ...]) -> str:
    """The network to join, where the file declares it; otherwise the name to write."""
    for network in route.stack.networks.values():
        declared = Joined(network.key, network.place, False, network)
        if network.declared and declared.named_by(label):
            where = f"networks: [{network.key}] in the service {route.service.key}"
            return f"{where}, and com.docker.lb.network: {declared.shown}"
    return " or ".join(f"com.docker.lb.network: {network.shown}" for network in on if not network.local)
