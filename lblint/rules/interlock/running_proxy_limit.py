"""A route that would be too much for the proxy as it runs now.

`--with` names the config of a proxy that runs, and `--live` reads it. With it come the sizes that the proxy is set to:
of the table of host names, of that of TLS hosts, and the number of connections, of which each listening socket takes
one. Where a size is smaller than the usual one, names that fit elsewhere stop nginx here. What Interlock's own config
says, if it is known, goes before. A product that sizes its tables by itself, as MKE from 3.4.2 on, may make them larger
for the new name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock import Ingress, Route
from lblint.interlock.running import Running
from lblint.proxy.configured import configured
from lblint.proxy.names import longest
from lblint.rules import rule


@rule(on=Ingress, severity=Severity.WARNING, breaks=Breaks.PROXY, needs=("ingress.running",))
def check(ingress: Ingress) -> Iterator[Hit]:
    for running in ingress.running:
        for cluster in sorted({route.cluster for route in ingress.routes if running.concerns(route.cluster)}):
            routes = [route for route in ingress.routes if route.cluster == cluster]
            extension = ingress.config.extension(cluster) if ingress.config else None
            settings = configured(extension, ingress.version)
            yield from _names(routes, running, settings.server_names_hash_bucket_size)
            fixed = extension is not None and "maxconnections" in extension.config
            if running.connections is not None and not fixed:
                yield from _sockets(routes, running, running.connections)


def _names(routes: Sequence[Route], running: Running, usual: int | None) -> Iterator[Hit]:
    if running.bucket is None or usual is None or running.bucket >= usual:
        return
    for route in routes:
        for host in route.hosts:
            length = len(host.name.encode(errors="replace"))
            if longest(running.bucket) < length <= longest(usual) and "*" not in host.name:
                yield Hit(
                    host.place,
                    f'"{host.name}" has {length} bytes, and the proxy\'s table of names is set to hold '
                    f"{longest(running.bucket)} (server_names_hash_bucket_size {running.bucket} in "
                    f"{running.file}): nginx does not start",
                    "a shorter host name, or a larger ServerNamesHashBucketSize in Interlock's config",
                )


def _sockets(routes: Sequence[Route], running: Running, connections: int) -> Iterator[Hit]:
    """TLS hosts that the proxy does not have yet: each is a socket more; those that labels no longer ask for are one
    less."""
    wanted = {host.name.lower(): host for route in routes if _tls(route) for host in route.hosts}
    known = {name for name, served in running.hosts.items() if served.tls}
    if len(wanted) >= connections:
        return  # the trial has them all, and says so
    sockets = running.sockets - len((known & running.told) - wanted.keys())
    for name, host in wanted.items():
        sockets += name not in known
        if sockets >= connections and name not in known:
            yield Hit(
                host.place,
                f"with this TLS host the proxy listens on {sockets} sockets, and its worker_connections are "
                f"{connections} ({running.file}): nginx does not start",
                "a larger MaxConnections in Interlock's config",
            )
            return


def _tls(route: Route) -> bool:
    return route.ssl_passthrough or route.ssl_cert is not None
