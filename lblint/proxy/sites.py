"""Hosts and the services behind them: the data that Interlock's template ranges over."""

from __future__ import annotations

from collections.abc import Sequence

from lblint.finding import Place, RunningService
from lblint.interlock.routes import Redirect, Route
from lblint.lazy_re import pattern
from lblint.proxy.settings import Settings
from lblint.records import NamedTuple

_URL_HOST = pattern(r"(?:[A-Za-z][A-Za-z0-9+.-]*://)?([^/?#:\s]*)")


class Backend(NamedTuple):
    """One service behind a host. `network` numbers its made-up addresses: 10.<high byte>.<low byte>.x."""

    route: Route
    number: int


class Site(NamedTuple):
    """One host and all services that name it (several: canary). Options count from the first alone.

    `loopback_port` is the port of its TLS server on 127.0.0.1, `proxy_port` that of its passthrough server; 0 without.
    """

    host: str
    place: Place
    backends: tuple[Backend, ...]
    loopback_port: int = 0
    proxy_port: int = 0

    @property
    def first(self) -> Route:
        """The service whose options the template uses (`index $backends 0`)."""
        return self.backends[0].route

    @property
    def tls(self) -> bool:
        """Whether the host is in the SNI map."""
        return bool(self.loopback_port or self.proxy_port)

    @property
    def redirects(self) -> tuple[Redirect, ...]:
        """The redirects whose source is this host."""
        return tuple(r for r in self.first.redirects if url_host(r.source.text) == self.host.lower())


def lines(site: Site) -> int:
    """About how many lines nginx.conf gets for the host."""
    first = site.first
    return 20 + 2 * len(first.redirects) + 14 * len(first.websocket_endpoints) + 2 * len(site.backends)


def url_host(url: str) -> str:
    """The host of a redirect's source, in lower case; "" if there is none."""
    match = _URL_HOST.match(url)
    return match[1].lower() if match else ""


def sites(routes: Sequence[Route], settings: Settings) -> tuple[Site, ...]:
    """The hosts, sorted by name as Go's templates sort the keys of a map, each with its services in the order given.

    A default backend without a host gets the name `_`, or `_2`, `_3` for more: how Interlock keys it is not documented.
    """
    hosts: dict[str, tuple[Place, list[Backend]]] = {}
    defaults = 0
    for number, route in enumerate(routes):
        named = [(host.name, host.place) for host in route.hosts]
        if not named and route.default_backend:
            defaults += 1
            named = [("_" if defaults == 1 else f"_{defaults}", route.place)]
        for name, place in named:
            at, backends = hosts.setdefault(name, (place, []))
            if at is not place and isinstance(at.file, RunningService):  # what all of them break is told of in a file
                hosts[name] = place, backends
            if not backends or backends[-1].number != number:
                backends.append(Backend(route, number))
    result = []
    port = settings.first_loopback_port
    for name in sorted(hosts):
        place, backends = hosts[name]
        first = backends[0].route
        loopback = proxy = 0
        if first.ssl_cert and first.ssl_cert.text:
            loopback, port = port, port + 1
        if first.ssl_passthrough:
            proxy, port = port, port + 1
        result.append(Site(name, place, tuple(backends), loopback, proxy))
    return tuple(result)
