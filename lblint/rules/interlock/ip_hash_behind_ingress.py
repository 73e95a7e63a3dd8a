"""ip_hash sees clients by their address only if the proxy is published in host mode.

With the proxy's default publish mode, Swarm's ingress network puts an address of its own in place of the client's, and
all clients go to the same few tasks. `PublishMode = "host"` in Interlock's configuration is needed, and is looked for
where that is given (`--interlock-config`, or `publish-mode` in `.lblint.yml`). Whenever tasks come or go, clients move.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock import Ingress
from lblint.interlock.clusters import extension_of
from lblint.rules import rule
from lblint.rules._labels import on


@rule(
    on=Ingress,
    severity=Severity.WARNING,
    breaks=Breaks.ROUTE,
    consequence="clients do not keep to a task by their address",
    needs=("com.docker.lb.ip_hash",),
)
def check(ingress: Ingress) -> Iterator[Hit]:
    for route in ingress.routes:
        label, extension = route.label("ip_hash"), extension_of(ingress, route)
        if label is None or not on(route.service, "ip_hash") or route.ssl_passthrough:
            continue
        mode = ingress.site.publish_mode if ingress.site else ""
        if extension is None and mode == "ingress":
            yield Hit(
                label.key_place,
                f"{label.key} needs the addresses of the clients, and the proxies are published in ingress mode, as "
                f"{ingress.site.file if ingress.site else ''} says: all clients have one address",
                'com.docker.lb.sticky_session_cookie; or PublishMode = "host" in Interlock\'s config',
            )
        elif extension is None and not mode:
            yield Hit(
                label.key_place,
                f'{label.key} needs the addresses of the clients: PublishMode = "host" for the proxy',
                "com.docker.lb.sticky_session_cookie, where the proxy is in ingress mode",
                Severity.INFO,
                Breaks.NOTHING,
            )
        elif extension is not None and extension.value("PublishMode") == "ingress":
            yield Hit(
                label.key_place,
                f"{label.key} needs the addresses of the clients, and the proxy of [Extensions.{extension.name}] is "
                "published in ingress mode: all clients have one address",
                'com.docker.lb.sticky_session_cookie; or PublishMode = "host" in Interlock\'s config',
            )
