"""A redirect leads to https:// of a host that the service does not serve over TLS.

The proxy answers HTTPS only for hosts with a certificate, or with TLS passed through. That is right where a load
balancer in front ends TLS for all; but if it passes requests on as plain HTTP, the redirect comes back without end.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Hit, Severity
from lblint.interlock import Ingress
from lblint.interlock.redirects import parse_url
from lblint.rules import rule


@rule(on=Ingress, severity=Severity.INFO, needs=("com.docker.lb.redirects",))
def check(ingress: Ingress) -> Iterator[Hit]:
    served = {
        host.name.lower()
        for route in ingress.routes
        for host in route.hosts
        if route.ssl_passthrough or (route.ssl_cert and route.ssl_key)
    }
    for route in ingress.routes:
        hosts = {host.name.lower() for host in route.hosts}
        for redirect in route.redirects:
            target = parse_url(redirect.target.text)
            if target and target.scheme == "https" and target.host in hosts - served:
                yield Hit(
                    redirect.target.place,
                    f'the redirect leads to HTTPS, which this proxy does not serve for "{target.host}"',
                    "com.docker.lb.ssl_cert and com.docker.lb.ssl_key, unless TLS ends in front of the proxy",
                )
