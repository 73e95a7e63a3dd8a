"""Routes: what Interlock makes of services' labels, and the ingress that all routes of a proxy share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lblint.finding import File, Place, RunningService
from lblint.interlock.hosts import parse_hosts
from lblint.interlock.label_table import PREFIX
from lblint.interlock.label_words import is_port, is_true
from lblint.interlock.paths import parse_paths
from lblint.interlock.redirects import parse_redirects
from lblint.interlock.running_proxy import Running
from lblint.interlock.value_problems import Part, place_of, trim
from lblint.records import NamedTuple
from lblint.stack.model import Label, Service, Stack

if TYPE_CHECKING:
    from lblint.interlock.config import InterlockConfig
    from lblint.interlock.owner_policy import Site
    from lblint.interlock.version import Version


class Host(NamedTuple):
    """One name of `com.docker.lb.hosts`, and its place in the label."""

    name: str
    place: Place


class Word(NamedTuple):
    """A part of a label's value that reaches nginx.conf, and the place of that part."""

    text: str
    place: Place


class Redirect(NamedTuple):
    """One `source,target` pair of `com.docker.lb.redirects`; both are URLs."""

    source: Word
    target: Word


class Route(NamedTuple):
    """What one service asks of the proxy (one backend of the template), defaults filled in.

    `targets` is the number of upstream servers: the replicas in task mode, 1 in vip mode. `port` is None where the
    label is missing or no number. `cluster` is "" for the default service cluster. `network` is the label's value, or
    "" without the label.
    """

    stack: Stack
    service: Service
    place: Place
    hosts: tuple[Host, ...]
    port: Word | None
    network: str
    cluster: str
    context_root: Word | None
    context_root_rewrite: bool
    websocket_endpoints: tuple[Word, ...]
    ssl_cert: Word | None
    ssl_key: Word | None
    ssl_passthrough: bool
    redirects: tuple[Redirect, ...]
    sticky_session_cookie: Word | None
    ip_hash: bool
    default_backend: bool
    vip: bool
    max_fails: Word | None
    fail_timeout: Word | None
    targets: int

    @property
    def files(self) -> tuple[File, ...]:
        """The files that the service was merged from, as its places name them; or the service, if it runs already."""
        return (self.place.file,) if isinstance(self.place.file, RunningService) else self.stack.files

    def label(self, name: str) -> Label | None:
        """The label `com.docker.lb.<name>` of the service."""
        return self.service.label("com.docker.lb." + name)


class Ingress(NamedTuple):
    """All stacks given in one run, and the routes that the proxies would carry for them.

    `config` is Interlock's own, with an extension for each service cluster; None where it is not known, and each
    cluster then has a proxy with default settings. `version` is that of UCP or MKE, None where it is not known: then
    only what holds for all versions is certain. `running` is what proxies serve already. `site` is what the people
    behind the ingress say of it, None where they say nothing.
    """

    stacks: tuple[Stack, ...]
    routes: tuple[Route, ...]
    config: InterlockConfig | None = None
    version: Version | None = None
    running: tuple[Running, ...] = ()
    site: Site | None = None


_Labels = Mapping[str, Label]


def read_routes(stacks: Sequence[Stack]) -> Ingress:
    """The routes of all services that ask for one, in the order of the files.

    A service asks for one with at least one host, or with default_backend. Values are trimmed and empty ones dropped;
    all else is handed on as written, whatever nginx will say to it. Never raises on what labels hold.
    """
    routes = []
    for stack in stacks:
        for service in stack.services:
            route = read_route(stack, service)
            if route is not None:
                routes.append(route)
    return Ingress(tuple(stacks), tuple(routes))


def read_route(stack: Stack, service: Service) -> Route | None:
    """What one service asks of the proxy; None if nothing."""
    labels = {label.key: label for label in service.labels}
    hosts = _label(labels, "hosts")
    names = parse_hosts(hosts.value) if hosts else []
    default = _flag(labels, "default_backend")
    if not names and not default:
        return None
    asked = hosts if hosts and names else _label(labels, "default_backend")
    vip = _text(labels, "backend_mode") == "vip"
    port = _word(labels, "port")
    return Route(
        stack=stack,
        service=service,
        place=asked.place if asked else service.place,
        hosts=tuple(Host(part.text, place_of(hosts, part.start, part.end)) for part in names) if hosts else (),
        port=port if port and is_port(port.text) else None,
        network=_text(labels, "network"),
        cluster=_text(labels, "service_cluster"),
        context_root=_word(labels, "context_root"),
        context_root_rewrite=_flag(labels, "context_root_rewrite"),
        websocket_endpoints=_words(labels, "websocket_endpoints"),
        ssl_cert=_word(labels, "ssl_cert"),
        ssl_key=_word(labels, "ssl_key"),
        ssl_passthrough=_flag(labels, "ssl_passthrough"),
        redirects=_redirects(labels),
        sticky_session_cookie=_word(labels, "sticky_session_cookie"),
        ip_hash=_flag(labels, "ip_hash"),
        default_backend=default,
        vip=vip,
        max_fails=_word(labels, "max_fails"),
        fail_timeout=_word(labels, "fail_timeout"),
        targets=1 if vip else replicas(service.config),
    )


def _label(labels: _Labels, name: str) -> Label | None:
    return labels.get(PREFIX + name)


def _text(labels: _Labels, name: str) -> str:
    label = _label(labels, name)
    return label.value.strip(" ") if label else ""


def _flag(labels: _Labels, name: str) -> bool:
    return is_true(_text(labels, name))


def _word(labels: _Labels, name: str) -> Word | None:
    """The label's value as one word; None where it is missing or empty, which has the same effect."""
    label = _label(labels, name)
    if label is None:
        return None
    part = trim(Part(label.value, 0, len(label.value)))
    return _placed(label, part) if part.text else None


def _words(labels: _Labels, name: str) -> tuple[Word, ...]:
    label = _label(labels, name)
    return tuple(_placed(label, part) for part in parse_paths(label.value)) if label else ()


def _redirects(labels: _Labels) -> tuple[Redirect, ...]:
    label = _label(labels, "redirects")
    if label is None:
        return ()
    pairs = parse_redirects(label.value)
    return tuple(Redirect(_placed(label, source), _placed(label, target)) for source, target in pairs)


def _placed(label: Label, part: Part) -> Word:
    return Word(part.text, place_of(label, part.start, part.end))


def replicas(config: Mapping[str, Any]) -> int:
    """How many tasks the file asks for: 1 by default, and for what runs once per node, whose number is not known."""
    deploy = config.get("deploy")
    if not isinstance(deploy, Mapping) or deploy.get("mode") in ("global", "global-job"):
        return 1
    replicas = deploy.get("replicas")
    return replicas if isinstance(replicas, int) and not isinstance(replicas, bool) and replicas >= 0 else 1
