"""Two services claim one host name with different options, and only one of them gets its way.

For a host that several services claim, Interlock's template takes the certificates, redirects, websocket endpoints,
cookie and the like from the first service alone; which one is first is not defined. Give all of them the same labels,
or another host name.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock import Ingress
from lblint.interlock.shared import shared_hosts, written
from lblint.rules import rule


@rule(on=Ingress, severity=Severity.ERROR, breaks=Breaks.ROUTE, needs=("ingress.routes",), others=True)
def check(ingress: Ingress) -> Iterator[Hit]:
    said = set()
    for shared in shared_hosts(ingress):
        route, earlier = shared.route, shared.earlier
        for option in shared.differing():
            key = (route.service.place, earlier.service.place, option)
            if key in said:
                continue
            said.add(key)
            yield Hit(
                shared.place(option),
                f'host "{shared.host.name}" is claimed by {shared.earlier_name} with {written(earlier, option)}, and '
                f"here with {written(route, option)}: the proxy takes one of them for both",
                f"the same com.docker.lb.{option} in both services, or another host name",
                severity=Severity.WARNING if shared.alternative else None,
            )
