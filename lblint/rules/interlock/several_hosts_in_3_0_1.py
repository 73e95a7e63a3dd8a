"""In UCP 3.0.1 the proxy may not start when two services have two hosts each.

It is a known issue of that version alone (its release notes). One such service is harmless; a second one, of this stack
or another, can take down the proxy for everybody. A service for each host avoids it.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock import Ingress
from lblint.interlock.shared import where
from lblint.interlock.version import NAMES_OF_SEVERAL_SERVICES
from lblint.rules import rule


@rule(
    on=Ingress,
    severity=Severity.WARNING,
    breaks=Breaks.PROXY,
    consequence="the proxy may not start: everybody's routes are down",
    needs=("ingress.version",),
)
def check(ingress: Ingress) -> Iterator[Hit]:
    if ingress.version != NAMES_OF_SEVERAL_SERVICES:
        return
    several = [route for route in ingress.routes if len(route.hosts) > 1]
    for route in several[1:]:
        yield Hit(
            route.place,
            f"{len(route.hosts)} hosts, and {where(several[0], route)} has several too: with two such services the "
            f"proxy of {ingress.version} may not start",
            "one host for each service, or an upgrade to 3.0.2",
        )
