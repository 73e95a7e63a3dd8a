"""In host mode the label's port is not published on the nodes.

In host mode the proxy goes to the node's address and to the port that docker published there for the label's port. So
`ports` needs an entry whose `target` is that port, with `mode: host`; docker picks the port on the node. A network
`bridge` is a different one on each node: without the published port no proxy can reach the service.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Edit, Fix, Hit, Place, Severity
from lblint.interlock import Ingress
from lblint.interlock.networks import host_mode, host_port, joined, named
from lblint.interlock.route import Route
from lblint.rules import rule


@rule(on=Ingress, severity=Severity.ERROR, breaks=Breaks.ROUTE)
def check(ingress: Ingress) -> Iterator[Hit]:
    for route in ingress.routes:
        if route.port is None or host_port(route) is not None or not route.port.text.isdecimal():
            continue
        bridged = any(network.name == "bridge" for network in joined(route)) and host_mode(route)
        beside = [port for port in route.service.ports if port.mode == "host"]
        if not bridged and not (beside and _undecided(route)):
            continue
        port = route.port.text
        if same := [p for p in route.service.ports if str(p.target) == port]:
            says = f"published in {same[0].mode} mode" + (f" as {same[0].protocol}" if same[0].mode == "host" else "")
        elif beside:
            says = f"not published: mode: host is on {' and '.join(str(p.target) for p in beside)}"
        else:
            says = "not published"
        yield Hit(
            route.port.place,
            f"com.docker.lb.port is {port}, which is {says}; in host mode the proxy reaches {route.service.key} only "
            "through a port on the node",
            f"ports:\n  - target: {port}\n    mode: host",
            severity=None if bridged else Severity.WARNING,
            fixes=_fix(route, int(port)),
        )


def _undecided(route: Route) -> bool:
    """Whether nothing but the published ports says how the proxy is meant to reach the service."""
    return named(route) is None and all(network.implicit for network in joined(route))


def _fix(route: Route, port: int) -> tuple[Fix, ...]:
    """The port published on the nodes, where the service publishes none yet."""
    place = Place(route.service.place.file, route.service.place.path)
    if route.service.ports or "ports" in route.service.config:
        return ()
    entry = [{"target": port, "mode": "host"}]
    return (Fix(f"publish port {port} with mode: host", (Edit("insert", place, entry, "ports"),), False),)
