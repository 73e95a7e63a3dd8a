"""A stack, or a config.toml of Interlock, beside what the managers have now: what rules on a deploy are asked about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from lblint.finding import RunningService
from lblint.interlock.routes import Ingress
from lblint.interlock.running_proxy import Running
from lblint.records import NamedTuple
from lblint.stack import safe_read
from lblint.stack.model import Stack
from lblint.swarm.model import Proxy, Service, Snapshot
from lblint.swarm.proxies import proxy_of
from lblint.swarm.service_as_stack import as_stack

if TYPE_CHECKING:
    from lblint.interlock.config import Extension, InterlockConfig
    from lblint.interlock.version import Version


from lblint.interlock.config import Extension, InterlockConfig
from lblint.interlock.routes import Route, read_routes
from lblint.swarm.core_config import leftovers, service_names

LARGEST_CONFIG = 1024 * 1024
"""Most bytes that are read of a config's file; managers take less (swarmkit MaxConfigSize)."""


class Live(NamedTuple):
    """A stack of known name, the snapshot, and the ingress as it will be: routes that run, then those of the run.

    `data` has the SHA-256, in hex, of the files of the stack's configs on the deployer's disk, by the config's key.
    """

    stack: Stack
    ingress: Ingress
    snapshot: Snapshot
    data: Mapping[str, str] = {}

    def replaced(self, service: Service) -> bool:
        """Whether the deploy updates this service."""
        return service.stack == self.stack.name and any(service.name == own.name for own in self.stack.services)


def beside(stack: Stack, ingress: Ingress, snapshot: Snapshot) -> Live:
    """The stack beside the snapshot; reads the files of its configs."""
    return Live(stack, ingress, snapshot, dict(_data(stack)))


def running_beside(stacks: Sequence[Stack], snapshot: Snapshot) -> list[Stack]:
    """The services that run and stay as they are when the stacks are deployed, each as a stack of its own.

    A service stays that no stack of the run has: also one of an earlier version of the stack, as docker stack deploy
    removes none without --prune.
    """
    replaced = {service.name for stack in stacks for service in stack.services}
    names = snapshot.network_names()
    return [as_stack(service, names) for service in snapshot.services if service.name not in replaced]


def without_pruned(stacks: Sequence[Stack], snapshot: Snapshot) -> Snapshot:
    """The snapshot without what `docker stack deploy --prune` removes before all else: services of the stacks that
    their files no longer have."""
    own = {stack.name: {service.name for service in stack.services} for stack in stacks if stack.name}
    kept = (s for s in snapshot.services if s.stack not in own or s.name in own[s.stack])
    return snapshot._replace(services=tuple(kept))


def interlock_config(snapshot: Snapshot, version: Version | None = None) -> InterlockConfig | None:
    """The config that Interlock's core runs with; None where there is none, or none that can be read."""
    if snapshot.interlock is None or not snapshot.interlock.text:
        return None
    from lblint.interlock.config import read_config
    from lblint.source.toml import read_toml

    file = RunningService(snapshot.interlock.service.name, "/config.toml")
    config = read_config(read_toml(snapshot.interlock.text.encode(), str(file)), version, file)
    return config if config.sound else None


def proxies_beside(ingress: Ingress, snapshot: Snapshot) -> tuple[Running, ...]:
    """What the proxies serve by the configs that they run with, one for each service cluster among the routes.

    `told` are the hosts that the labels of any service that runs ask for, also of those that are to be replaced: they
    are known from there. A config that the managers do not show, or that lblint does not understand, is `unchecked`;
    HAProxy has none.
    """
    if not any(proxy.config for proxy in snapshot.proxies):
        return ()
    from lblint.interlock.routes import read_routes
    from lblint.proxy.running_config import existing

    names = snapshot.network_names()
    routes = read_routes([as_stack(service, names) for service in snapshot.services]).routes
    asked = {host.name.lower() for route in routes for host in route.hosts}
    result = []
    for cluster in sorted({route.cluster for route in ingress.routes}):
        proxy = proxy_of(snapshot, cluster, ingress.config)
        extension = ingress.config.extension(cluster) if ingress.config else None
        if proxy is None or not proxy.config or _is_haproxy(proxy, extension):
            continue
        if proxy.text:
            running = existing(proxy.text.encode("utf-8", "surrogateescape"), proxy.config)
        else:
            running = Running(proxy.config, unchecked="is not shown by the managers")
        if any(route.default_backend for route in routes if route.cluster == cluster):
            running = running._replace(default=None)
        asked_for = frozenset(asked & running.hosts.keys())
        result.append(running._replace(proxy=proxy.service.name, cluster=cluster, told=asked_for))
    return tuple(result)


def _is_haproxy(proxy: Proxy, extension: Extension | None) -> bool:
    return "haproxy" in proxy.service.image or (extension is not None and extension.haproxy)


def _data(stack: Stack) -> Iterator[tuple[str, str]]:
    import hashlib

    for key, config in stack.configs.items():
        if not config.external and config.file is not None:
            data = safe_read.read(config.file, LARGEST_CONFIG)
            if isinstance(data, bytes):
                yield key, hashlib.sha256(data).hexdigest()


class LiveConfig(NamedTuple):
    """A config, the snapshot, the config that the core runs with (None where it is not known), and the routes that
    running services ask for."""

    config: InterlockConfig
    snapshot: Snapshot
    running: InterlockConfig | None = None
    routes: tuple[Route, ...] = ()

    @property
    def leftovers(self) -> tuple[Service, ...]:
        """The services of extensions that the config no longer has."""
        return leftovers(self.snapshot, self.config, self.running)

    def holders(self, extension: Extension) -> list[tuple[str, Service]]:
        """The services that hold a port of an extension's proxies, each with the key that names the port. Services that
        the config itself makes do not count: they get its ports."""
        own = service_names(self.config)
        ports = {name: extension.value(name) for name in ("PublishedPort", "PublishedSSLPort")}
        return [
            (name, service)
            for name, port in ports.items()
            for service in self.snapshot.services
            if service.name not in own
            and any(held.published == port and held.protocol == "tcp" for held in service.published)
        ]


def config_beside(config: InterlockConfig, snapshot: Snapshot) -> LiveConfig:
    """Return the config beside the snapshot. Never raises."""
    names = snapshot.network_names()
    routes = read_routes([as_stack(service, names) for service in snapshot.services]).routes
    return LiveConfig(config, snapshot, interlock_config(snapshot), tuple(routes))
