"""The running proxy serves this host name already.

`--with` names the config of a proxy that runs. If what it serves is the same service, this deploy only replaces it;
if it is another application, the proxy spreads requests for the name over both. The config does not say whose a host
is. Where its port or its path is another than that of the labels here, it is probably not the same service: with both,
a part of the requests goes to the wrong application, or never arrives.

With `--live` the config is that of the running proxy, and hosts that labels of running services ask for are compared by
these labels. What is left in the config has no service that can be seen: it is gone, and the proxy has not been updated
since, or the account that asks may not see it.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock import Ingress, Route
from lblint.interlock.running import Running, Served
from lblint.rules import rule


@rule(on=Ingress, severity=Severity.WARNING, breaks=Breaks.ROUTE, needs=("ingress.running",), others=True)
def check(ingress: Ingress) -> Iterator[Hit]:
    for running in ingress.running:
        for route in ingress.routes if running.hosts.keys() - running.told else ():
            label = route.label("hosts")
            for host in route.hosts if not (label and label.unset) else ():
                served = running.hosts.get(host.name.lower())
                if served and running.concerns(route.cluster) and host.name.lower() not in running.told:
                    yield _hit(host.name, route, served, running)._replace(place=host.place)


def _hit(name: str, route: Route, served: Served, running: Running) -> Hit:
    by = f" by {running.proxy}" if running.proxy else ""
    there = f'host "{name}" is served already{by} ({running.file}:{served.line})'
    differs = [text for text in (_case(name, served), _port(route, served), _path(route, served)) if text]
    if differs:
        return Hit(
            route.place,
            f"{there}, {' and '.join(differs)}: this is another application, or a change of it{_unseen(running)}",
            "another host name, unless the service is the one that is served",
        )
    return Hit(
        route.place,
        f"{there}: this deploy replaces what is there, or shares the name with it{_unseen(running)}",
        severity=Severity.INFO,
        breaks=Breaks.NOTHING,
    )


def _unseen(running: Running) -> str:
    """What is known of whose the host is: where the managers were asked, no service that they tell of has it."""
    said = ". No service that can be seen asks for it: it is gone, or this account may not see it"
    return said if running.proxy else ""


def _case(name: str, served: Served) -> str:
    if served.name == name:
        return ""
    return f'as "{served.name}", which Interlock takes for another and nginx refuses beside it'


def _port(route: Route, served: Served) -> str:
    if not served.ports or route.port is None or route.port.text.lstrip("0") in served.ports:
        return ""
    return f"at port {', '.join(sorted(served.ports))} and not {route.port.text}"


def _path(route: Route, served: Served) -> str:
    own = {route.context_root.text} if route.context_root and route.context_root.text else {"/"}
    own |= {word.text for word in route.websocket_endpoints}
    if not served.paths or own & served.paths or route.ssl_passthrough:
        return ""
    return f"at the path {', '.join(sorted(served.paths))} and not {', '.join(sorted(own))}"
