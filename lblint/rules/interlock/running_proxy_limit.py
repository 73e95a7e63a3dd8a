"""A route that would be too much for the proxy as it runs now.

`--with` names the config of a proxy that runs, and with it the sizes that it is set to: of the table of host names, of
that of TLS hosts, and the number of connections, of which each listening socket takes one. Where a size is smaller than
the usual one, names that fit elsewhere stop nginx here. A product that sizes its tables by itself, as MKE from 3.4.2
on, may make them larger for the new name.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock import Ingress, Route
from lblint.interlock.running import Running
from lblint.proxy import DEFAULT
from lblint.proxy.names import longest
from lblint.rules import rule


@rule(on=Ingress, severity=Severity.WARNING, breaks=Breaks.PROXY)
def check(ingress: Ingress) -> Iterator[Hit]:
    for running in ingress.running:
        usual = DEFAULT.server_names_hash_bucket_size
        small = running.bucket is not None and usual is not None and running.bucket < usual
        for route in ingress.routes:
            for host in route.hosts if small else ():
                length = len(host.name.encode(errors="replace"))
                if longest(running.bucket or 0) < length <= longest(usual or 0) and "*" not in host.name:
                    yield Hit(
                        host.place,
                        f'"{host.name}" has {length} bytes, and the proxy\'s table of names is set to hold '
                        f"{longest(running.bucket or 0)} (server_names_hash_bucket_size {running.bucket} in "
                        f"{running.file}): nginx does not start",
                        "a shorter host name, or a larger ServerNamesHashBucketSize in Interlock's config",
                    )
        yield from _sockets(ingress, running)


def _sockets(ingress: Ingress, running: Running) -> Iterator[Hit]:
    """TLS hosts that the proxy does not have yet: each is a socket more."""
    sockets = running.sockets
    for route in ingress.routes:
        for host in route.hosts if _tls(route) else ():
            known = running.hosts.get(host.name.lower())
            sockets += 0 if known and known.tls else 1
            if running.connections is not None and sockets >= running.connections:
                yield Hit(
                    host.place,
                    f"with this TLS host the proxy listens on {sockets} sockets, and its worker_connections are "
                    f"{running.connections} ({running.file}): nginx does not start",
                    "a larger MaxConnections in Interlock's config",
                )
                return


def _tls(route: Route) -> bool:
    return route.ssl_passthrough or route.ssl_cert is not None
