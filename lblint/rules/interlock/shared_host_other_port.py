"""Two services claim one host name with different ports: these are hardly the same application.

The proxy spreads the requests for a host over all services that claim it, each at its own port. That is right for two
versions of one application whose port has changed; for two applications it means that each gets a part of the other's
requests. Interlock has one port for each service and host: a second port of an application needs a host of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock import Ingress
from lblint.interlock.shared import shared_hosts
from lblint.rules import rule


@rule(on=Ingress, severity=Severity.WARNING, breaks=Breaks.ROUTE, needs=("ingress.routes",), others=True)
def check(ingress: Ingress) -> Iterator[Hit]:
    said = set()
    for shared in shared_hosts(ingress):
        here, there = shared.route.port, shared.earlier.port
        key = (shared.route.service.place, shared.earlier.service.place)
        if here is None or there is None or here.text == there.text or key in said:
            continue
        said.add(key)
        yield Hit(
            here.place,
            f'host "{shared.host.name}" is served at port {here.text} here and at port {there.text} by '
            f"{shared.earlier_name}: requests go to both in turn",
            "another host name for one of them, or the same port if they are versions of one application",
        )
