"""Ingress and findings -> picture."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from lblint.interlock import Ingress, Route
from lblint.interlock.networks import attached, host_mode, host_port
from lblint.interlock.redirects import parse_url
from lblint.interlock.routes import replicas
from lblint.lint import Result
from lblint.report.diagram.broken import Notes
from lblint.report.diagram.graph import Address, Backend, Note, Picture, Proxy, Way, count, numbered
from lblint.report.diagram.order import beside
from lblint.report.names import text
from lblint.report.routes import paths, tls
from lblint.source import Source

if TYPE_CHECKING:
    from lblint.interlock.config import Extension


def picture(ingress: Ingress, result: Result) -> Picture:
    """The picture of an ingress and of what a check of it has found."""
    notes = numbered(result.findings)
    known = Notes(notes)
    folder = _folder(text(file) for stack in ingress.stacks for file in stack.files[:1])
    clusters: dict[str, list[tuple[Route, Backend]]] = {}
    for extension in ingress.config.extensions if ingress.config else ():
        clusters.setdefault(extension.cluster, [])
    for number, route in enumerate(ingress.routes, 1):
        backend = _backend(number, route, known.on_route(route), _where(route, result.sources, folder))
        clusters.setdefault(route.cluster, []).append((route, backend))
    order = sorted(clusters, key=lambda cluster: (cluster != "", cluster))
    proxies = (_proxy(ingress, cluster, clusters[cluster], known) for cluster in order)
    return Picture(tuple(proxies), notes, len(ingress.stacks))


def _proxy(ingress: Ingress, cluster: str, routes: list[tuple[Route, Backend]], notes: Notes) -> Proxy:
    extension = ingress.config.extension(cluster) if ingress.config else None
    ways: dict[tuple[bool, tuple[str, ...]], list[Backend]] = {}
    for route, backend in routes:
        key = (host_mode(route), tuple(sorted({network.shown for network in attached(route)})))
        ways.setdefault(key, []).append(backend)
    name = str(extension.value("ProxyServiceName")) if extension else ""
    facts = tuple(_facts(extension)) if extension else ("no proxy serves it",) if ingress.config else ()
    stops = notes.on_proxy(ingress, [route for route, _ in routes], extension.name if extension else "")
    found = tuple(Way(*key, tuple(beside(ways[key]))) for key in sorted(ways))
    return Proxy(cluster, name, facts, found, stops)


def _facts(extension: Extension) -> Iterator[str]:
    ports = [extension.value(name) for name in ("PublishedPort", "PublishedSSLPort")]
    shown = ", ".join(str(port) for port in ports if port)
    if shown:
        yield f"ports {shown} ({extension.value('PublishMode')})"
    networks = extension.value("Networks")
    if networks:
        yield "joins only " + ", ".join(map(str, networks))


def _backend(number: int, route: Route, notes: tuple[Note, ...], where: str) -> Backend:
    service = route.service
    published = host_port(route)
    port = route.port.text if route.port is not None else "?"
    if published is not None and host_mode(route):
        port += f", {published.published or 'any'} on the nodes"
    return Backend(
        number=number,
        service=service.name or service.key,
        stack=route.stack.name or "?",
        where=where,
        port=port,
        replicas=_replicas(route),
        mode="vip" if route.vip else "task",
        tls=tls(route),
        secret=route.ssl_cert.text if route.ssl_cert is not None and not route.ssl_passthrough else "",
        options=tuple(_options(route)),
        addresses=tuple(_addresses(route)),
        notes=notes,
    )


def _folder(files: Iterable[str]) -> str:
    """The folder that all files lie in, with a slash at its end; what they share of their names is not said of each."""
    folders = [file[: file.rfind("/") + 1] for file in files]
    first, last = min(folders, default=""), max(folders, default="")
    same = next((at for at, (a, b) in enumerate(zip(first, last)) if a != b), min(len(first), len(last)))  # noqa: B905
    return first[: first.rfind("/", 0, same) + 1]


def _where(route: Route, sources: Mapping[str, Source], folder: str) -> str:
    source = sources.get(route.place.file)
    line = f":{source.position(route.place).line}" if source is not None else ""
    return text(route.place.file).removeprefix(folder) + line


def _replicas(route: Route) -> str:
    deploy = route.service.config.get("deploy")
    if isinstance(deploy, Mapping) and deploy.get("mode") in ("global", "global-job"):
        return "one on each node"
    return count(replicas(route.service.config), "replica")


def _options(route: Route) -> Iterator[str]:
    """What the labels ask for besides, in the order of the documentation."""
    if route.sticky_session_cookie is not None:
        yield f"sticky by cookie {route.sticky_session_cookie.text}"
    if route.ip_hash:
        yield "sticky by client address"
    if route.context_root is not None and route.context_root_rewrite:
        yield "context root cut off"
    if route.websocket_endpoints and route.context_root is None and not route.ssl_passthrough:
        yield "websockets at " + ", ".join(dict.fromkeys(word.text for word in route.websocket_endpoints))


def _addresses(route: Route) -> Iterator[Address]:
    served = tuple(paths(route))
    pairs = [(redirect.source.text, redirect.target.text) for redirect in route.redirects]
    hosts = list(dict.fromkeys(host.name for host in route.hosts))
    urls = [parse_url(source) for source, _ in pairs]
    known = {host.lower() for host in hosts}
    rest = tuple(pair for pair, url in zip(pairs, urls, strict=True) if url is None or url.host not in known)
    for at, host in enumerate(hosts):
        own = tuple(p for p, url in zip(pairs, urls, strict=True) if url is not None and url.host == host.lower())
        yield Address(host, served, own + (rest if at == 0 else ()))
    if route.default_backend:
        yield Address("*", served, () if hosts else rest)
