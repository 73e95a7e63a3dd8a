"""ip_hash sees clients by their address only if the proxy is published in host mode.

With the proxy's default publish mode, Swarm's ingress network puts an address of its own in place of the client's, and
all clients go to the same few tasks. `PublishMode = "host"` in Interlock's configuration is needed. Whenever tasks
come or go, clients move.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Hit, Severity
from lblint.rules import rule
from lblint.rules._labels import labels, on
from lblint.stack import Stack


@rule(on=Stack, severity=Severity.INFO)
def check(stack: Stack) -> Iterator[Hit]:
    for service, label in labels(stack, "ip_hash"):
        if on(service, "ip_hash"):
            yield Hit(
                label.key_place,
                f'{label.key} needs the addresses of the clients: PublishMode = "host" for the proxy',
                "com.docker.lb.sticky_session_cookie, where the proxy is in ingress mode",
            )
