"""A redirect starts at a host that is not among the hosts of the service.

The proxy has servers for the names in `com.docker.lb.hosts` only, and looks for redirects there: requests for the
source find no server, and get the default page. Add the source's host to the list.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock import PREFIX, Ingress
from lblint.interlock.redirects import parse_url
from lblint.rules import rule


@rule(on=Ingress, severity=Severity.ERROR, breaks=Breaks.ROUTE, needs=("com.docker.lb.redirects",))
def check(ingress: Ingress) -> Iterator[Hit]:
    for route in ingress.routes:
        hosts = {host.name.lower() for host in route.hosts}
        label, redirects = route.label("hosts"), route.label("redirects")
        unset = bool(label and label.unset) or bool(redirects and redirects.unset)
        for redirect in route.redirects:
            source = parse_url(redirect.source.text)
            if source and source.host not in hosts:
                from lblint.rules._mend import written

                listed = ",".join([*(host.name for host in route.hosts), source.host])
                yield Hit(
                    redirect.source.place,
                    f'the redirect starts at "{source.host}", which is not in {PREFIX}hosts: no server answers there',
                    f"{PREFIX}hosts: {listed}",
                    Severity.WARNING if unset else None,
                    fixes=written(label, listed, safe=False) if label else (),
                )
