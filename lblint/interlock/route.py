"""Routes: what Interlock makes of a service's labels, and the ingress they share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lblint.finding import Place
from lblint.interlock.running_proxy import Running
from lblint.records import NamedTuple
from lblint.stack.model import Label, Service, Stack

if TYPE_CHECKING:
    from lblint.interlock.config import InterlockConfig
    from lblint.interlock.site import Site
    from lblint.interlock.version import Version


class Host(NamedTuple):
    """One name of `com.docker.lb.hosts`, and where it stands in the label."""

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
