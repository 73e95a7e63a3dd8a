"""Which requests show whether a route is served: one for each host and path, by HTTP, TLS and as a websocket."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence

from lblint.finding import Place
from lblint.interlock import Ingress
from lblint.interlock.routes import Route
from lblint.lazy_re import pattern
from lblint.proxy.settings import DEFAULT
from lblint.proxy.sites import Site, sites
from lblint.records import NamedTuple

UNKNOWN_HOST = "lblint-probe.invalid"
"""A host that no service has: `.invalid` is nobody's (RFC 6761)."""
_NAME = pattern(r"(\*\.)?[A-Za-z0-9_]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?\.?")
_PATH = pattern(r"/[!$-;=?-~]*")


class Kind(enum.StrEnum):
    """What is asked for."""

    HTTP = "http"
    HTTPS = "https"
    REDIRECT = "redirect"
    WEBSOCKET = "websocket"


class Question(NamedTuple):
    """One request: a GET of `path` at `host`. `place` is that of the label that asks for it; `target` the URL that a
    redirect leads to, before the path."""

    kind: Kind
    host: str
    path: str
    route: Route
    place: Place
    target: str = ""

    @property
    def url(self) -> str:
        """What is asked for, for people."""
        scheme = {Kind.HTTPS: "https", Kind.WEBSOCKET: "ws"}.get(self.kind, "http")
        return f"{scheme}://{self.host}{self.path}"


class Answer(NamedTuple):
    """What came back: `status` 0 where nothing did, and then `error` says why.

    `location` is the header of that name, `body` the SHA-256 of what came of the body, in hex. `certificate` says why
    the proxy's certificate is not trusted; "" where it is, and where there is none.
    """

    status: int = 0
    location: str = ""
    body: str = ""
    error: str = ""
    certificate: str = ""


class Asked(NamedTuple):
    """A question and its answer."""

    question: Question
    answer: Answer


class Probed(NamedTuple):
    """A proxy that was asked: its service cluster ("" is the default one), where it is for people, what it answers for
    a host that nobody has, and all else."""

    cluster: str
    address: str
    unknown: Answer
    asked: tuple[Asked, ...]


class Unasked(NamedTuple):
    """A host that is not asked for, and why."""

    host: str
    reason: str


def questions(ingress: Ingress, cluster: str) -> tuple[list[Question], list[Unasked]]:
    """Return the requests for the routes of one service cluster, by host; and the hosts that cannot be asked for."""
    routes = [route for route in ingress.routes if route.cluster == cluster]
    asked: list[Question] = []
    left: list[Unasked] = []
    for site in sites(routes, DEFAULT):
        host = "" if site.host.startswith("_") else _host(site.host)
        if host is None:
            left.append(Unasked(site.host, "it is no plain host name"))
        else:
            asked += _of_site(site, host or UNKNOWN_HOST)
    return asked, left


def _host(name: str) -> str | None:
    """A host that a name stands for; None where that cannot be told."""
    if _NAME.fullmatch(name) is None:
        return None
    return name.replace("*", "lblint-probe", 1).rstrip(".").lower()


def _of_site(site: Site, host: str) -> Iterator[Question]:
    first, place = site.first, site.place
    root = first.context_root.text if first.context_root else ""
    path = root if _PATH.fullmatch(root) else "/"
    if site.redirects:
        for redirect in site.redirects:
            yield Question(Kind.REDIRECT, host, path, first, redirect.source.place, redirect.target.text)
    elif not first.ssl_passthrough or not site.tls:
        yield Question(Kind.HTTP, host, path, first, place)
    if site.tls:
        yield Question(Kind.HTTPS, host, path, first, first.ssl_cert.place if first.ssl_cert else place)
    if not root and not site.redirects and not first.ssl_passthrough:
        for endpoint in first.websocket_endpoints:
            if _PATH.fullmatch(endpoint.text):
                yield Question(Kind.WEBSOCKET, host, endpoint.text, first, endpoint.place)


def clusters(ingress: Ingress) -> Sequence[str]:
    """Return the service clusters among the routes, the default one, "", first."""
    return sorted({route.cluster for route in ingress.routes})
