"""TLS is passed through, and no label names the network.

Without `com.docker.lb.network` the extension rendered an incomplete stream part of nginx.conf for such services, even
with a single network (docker/docs issues 9001 and 9007); the documented way is to name it always.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock import PREFIX, Ingress
from lblint.interlock.networks import host_mode, joined
from lblint.rules import rule


@rule(on=Ingress, severity=Severity.WARNING, breaks=Breaks.ROUTE, needs=("com.docker.lb.ssl_passthrough",))
def check(ingress: Ingress) -> Iterator[Hit]:
    for route in ingress.routes:
        label, networks = route.label("ssl_passthrough"), joined(route)
        if label is None or not route.ssl_passthrough or route.network or host_mode(route) or len(networks) > 1:
            continue
        from lblint.rules._mend import add_label

        name = networks[0].shown if networks else "the service's network"
        sure = route.stack.inferred_from is None
        yield Hit(
            label.key_place,
            f"{label.key} without {PREFIX}network: the TLS part of the proxy's config may be incomplete",
            f"{PREFIX}network: {name}",
            fixes=add_label(route.service, PREFIX + "network", name, sure) if networks and networks[0].name else (),
        )
