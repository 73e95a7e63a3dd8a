"""The model of a diagram: hosts -> proxy -> network -> service, with the findings that break each, in drawing order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from lblint.finding import Breaks, Finding, Severity, by_file
from lblint.interlock import Ingress, Route
from lblint.interlock.networks import attached, host_mode, host_port
from lblint.interlock.redirects import parse_url
from lblint.interlock.routes import replicas
from lblint.lint import Result
from lblint.records import NamedTuple
from lblint.report.escape import text
from lblint.report.routes import paths, tls
from lblint.source import Source

if TYPE_CHECKING:
    from lblint.interlock.config import Extension


class Note(NamedTuple):
    """A finding with the number that a picture gives it, from 1."""

    number: int
    finding: Finding

    @property
    def error(self) -> bool:
        """Whether it says that something will break."""
        return self.finding.severity is Severity.ERROR

    @property
    def warning(self) -> bool:
        """Whether it says that something is almost surely not what was meant."""
        return self.finding.severity is Severity.WARNING


class Address(NamedTuple):
    """A host (`*` for the default backend) with the paths that lead to one service, and what is redirected from it:
    pairs of URLs."""

    host: str
    paths: tuple[str, ...]
    redirects: tuple[tuple[str, str], ...]

    @property
    def shown(self) -> str:
        """The host with its path, where it has only one and that is not the whole host."""
        return self.host + self.paths[0] if len(self.paths) == 1 and self.paths[0] != "/" else self.host

    @property
    def redirected(self) -> tuple[str, ...]:
        """The redirects in words, in short where they only add TLS."""
        return tuple(
            "http → https" if target == f"https{source.removeprefix('http')}" else f"{source} → {target}"
            for source, target in self.redirects
        )


class Backend(NamedTuple):
    """A service with a route. `number` counts from 1; `where` is `file:line` of its hosts, below the folder of all;
    `stack` is "?" while its name is not known; `tls` is who ends TLS (`proxy`, `service`, `-`) and `secret` the
    certificate; `mode` is `task` or `vip`; `options` are the labels that change how requests are handed on, in words.
    """

    number: int
    service: str
    stack: str
    where: str
    port: str
    replicas: str
    mode: str
    tls: str
    secret: str
    options: tuple[str, ...]
    addresses: tuple[Address, ...]
    notes: tuple[Note, ...]

    @property
    def errors(self) -> tuple[Note, ...]:
        """What breaks it."""
        return tuple(note for note in self.notes if note.error)

    @property
    def warnings(self) -> tuple[Note, ...]:
        """What may break it."""
        return tuple(note for note in self.notes if note.warning)

    @property
    def drawn(self) -> tuple[Note, ...]:
        """The findings that a picture shows at it: all errors, and the first few warnings."""
        return (*self.errors, *self.warnings[:WARNED])

    @property
    def undrawn(self) -> int:
        """How many warnings a picture only counts."""
        return len(self.warnings[WARNED:])


class Way(NamedTuple):
    """How the proxy reaches some services: over one of these networks, or by a port that is published on the nodes
    (host mode), whatever networks it is attached to besides."""

    nodes: bool
    networks: tuple[str, ...]
    backends: tuple[Backend, ...]

    @property
    def lines(self) -> tuple[str, ...]:
        """What it is, in one or more short lines."""
        if not self.nodes:
            return tuple(f"{'or ' if at else ''}{name}" for at, name in enumerate(self.networks)) or ("no network",)
        return ("ports of the nodes", *(f"(joins {name}, too)" for name in self.networks))

    @property
    def what(self) -> str:
        """What the lines name, where it is not one network."""
        return "host mode" if self.nodes else "one of these:" if len(self.networks) > 1 else ""


class Proxy(NamedTuple):
    """The proxy of a service cluster ("" is the default one). `name` is that of its service, "" where it is not known;
    `facts` are its ports and the like; `notes` are the errors that hit all of it, `warnings` those on its config."""

    cluster: str
    name: str
    facts: tuple[str, ...]
    ways: tuple[Way, ...]
    notes: tuple[Note, ...]
    warnings: tuple[Note, ...]

    @property
    def shown(self) -> str:
        """What it is called."""
        return self.name or (f"proxy of {self.cluster}" if self.cluster else "proxy")

    @property
    def backends(self) -> Iterator[Backend]:
        """All services behind it."""
        for way in self.ways:
            yield from way.backends

    @property
    def hosts(self) -> set[str]:
        """The hosts that it serves, beside those that it has never heard of."""
        return {address.host.lower() for backend in self.backends for address in backend.addresses} - {"*"}


class Picture(NamedTuple):
    """All proxies of an ingress, and all findings: errors first."""

    proxies: tuple[Proxy, ...]
    notes: tuple[Note, ...]
    stacks: int

    @property
    def backends(self) -> Iterator[Backend]:
        """All services with a route."""
        for proxy in self.proxies:
            yield from proxy.backends

    @property
    def summary(self) -> str:
        """How much there is, and how much of it is broken."""
        backends = list(self.backends)
        hosts = len({(proxy.cluster, host) for proxy in self.proxies for host in proxy.hosts})
        counted = ", ".join((count(hosts, "host"), count(len(backends), "service"), count(self.stacks, "stack")))
        broken = sum(bool(backend.errors) for backend in backends)
        warned = sum(bool(backend.warnings) and not backend.errors for backend in backends)
        errors = sum(note.error for note in self.notes)
        state = f"{count(broken, 'service')} broken" if broken else ""
        state = state or (f"{count(errors, 'error')} outside of them" if errors else "no route is broken")
        return f"{counted}; {state}" + (f", {warned} with warnings" if warned else "")


def numbered(findings: Iterable[Finding]) -> tuple[Note, ...]:
    """The findings as notes: errors first, in the order of the files."""
    ordered = sorted(findings, key=lambda finding: -finding.severity)
    return tuple(Note(number, finding) for number, finding in enumerate(ordered, 1))


def count(number: int, noun: str) -> str:
    """`1 host`, `2 hosts`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


WARNED = 2
"""So many warnings of a service are shown at it; the list of findings has them all."""
OF_STACK = 3
"""So many errors of a whole stack are told at each of its routes; the list of findings has them all."""


class Notes:
    """The findings, by what they are about."""

    def __init__(self, notes: Iterable[Note]) -> None:
        self.all = tuple(notes)
        self.of_service: dict[tuple[str, str | None], list[Note]] = {}
        self.refusals: dict[str, list[Note]] = {}
        for note in self.all:
            finding = note.finding
            self.of_service.setdefault((finding.file, finding.service), []).append(note)
            if note.error and finding.breaks is Breaks.DEPLOY:
                self.refusals.setdefault(finding.file, []).append(note)

    def on_route(self, route: Route) -> tuple[Note, ...]:
        """What is said of a route: of its service, and the errors that keep its whole stack from being deployed, which
        no service has, or for which docker refuses the files."""
        files, key = route.stack.files, route.service.key
        own = [note for file in files for note in self.of_service.get((file, key), ())]
        of_stack = (note for file in files for note in self.refusals.get(file, ()) if note.finding.service != key)
        wide = [note for note in of_stack if note.finding.service is None or route.stack.refused]
        return (*own, *wide[:OF_STACK])

    def on_proxy(self, ingress: Ingress, routes: Iterable[Route], extension: str) -> tuple[Note, ...]:
        """The errors and warnings on a proxy as a whole: the errors of its routes that hit everybody's, what is said of
        its extension, and the errors that keep Interlock's core from starting."""
        own = {(file, route.service.key) for route in routes for file in route.stack.files}
        config = ingress.config.file if ingress.config else None

        def hits(note: Note) -> bool:
            finding = note.finding
            if config is not None and finding.file == config:
                everywhere = note.error and finding.breaks is Breaks.DEPLOY
                return everywhere or len(finding.path) < 2 or finding.path[1] == extension
            return note.error and finding.breaks is Breaks.PROXY and (finding.file, finding.service) in own

        return tuple(note for note in self.all if (note.error or note.warning) and hits(note))


def beside(backends: Iterable[Backend]) -> list[Backend]:
    """The services in the order of their hosts, the default backend last; each has at least one host."""
    result = list(backends)
    parent: dict[str, str] = {}

    def root(host: str) -> str:
        """The host that stands for all that are connected with this one by services."""
        while parent.setdefault(host, host) != host:
            parent[host] = parent[parent[host]]
            host = parent[host]
        return host

    for backend in result:
        for address in backend.addresses:
            parent[root(address.host)] = root(backend.addresses[0].host)
    first: dict[str, tuple[bool, str]] = {}
    for host in list(parent):
        own = (host == "*", host)
        first[root(host)] = min(first.get(root(host), own), own)
    return sorted(result, key=lambda backend: (first[root(backend.addresses[0].host)], _rank(backend)))


def _rank(backend: Backend) -> tuple[list[tuple[str, tuple[str, ...]]], str, str]:
    """The order of services that share hosts."""
    return sorted((address.host, address.paths) for address in backend.addresses), backend.service, backend.stack


def picture(ingress: Ingress, result: Result) -> Picture:
    """The picture of an ingress and of what a check of it has found."""
    notes = numbered(result.findings)
    known = Notes(notes)
    folder = _folder(text(file) for stack in ingress.stacks for file in stack.files[:1])
    clusters: dict[str, list[tuple[Route, Backend]]] = {}
    for extension in ingress.config.extensions if ingress.config else ():
        clusters.setdefault(extension.cluster, [])
    for number, route in enumerate(ingress.routes, 1):
        backend = _backend(number, route, known.on_route(route), _where(route, result.checked.sources, folder))
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
    notes_of_all = notes.on_proxy(ingress, [route for route, _ in routes], extension.name if extension else "")
    stops, warnings = (tuple(note for note in notes_of_all if note.error is error) for error in (True, False))
    all_ways = tuple(Way(*key, tuple(beside(ways[key]))) for key in sorted(ways))
    return Proxy(cluster, name, facts, all_ways, stops, warnings)


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
    source = by_file(sources, route.place)
    line = f":{source.position(route.place).line}" if source is not None else ""
    return text(str(route.place.file)).removeprefix(folder) + line


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
