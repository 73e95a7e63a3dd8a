"""The ingress that runs: its routes with their tasks, its proxies with their networks, its service clusters."""

from __future__ import annotations

from collections.abc import Iterator

from lblint.interlock.networks import attached
from lblint.interlock.routes import Ingress, Route, read_routes
from lblint.records import NamedTuple
from lblint.swarm.comparison import interlock_config, proxies_beside
from lblint.swarm.model import Proxy, Service, Snapshot
from lblint.swarm.proxies import CORE, PROXY, is_proxy, proxy_of
from lblint.swarm.service_as_stack import as_stack

_NO_NAMES = frozenset(("", "_"))
"""Server names that stand for all others."""


class Served(NamedTuple):
    """A route that runs: its service as the managers have it, and the proxy that is to serve it, None for none."""

    route: Route
    service: Service
    proxy: Proxy | None


class Attached(NamedTuple):
    """A proxy, its service clusters ("" is the default one), the names of its networks, and which of them no service
    that it serves is on: those keep it, and `docker stack rm`, from going on. `unasked` are hosts in the config that it
    runs with, and that no label asks for."""

    proxy: Proxy
    clusters: tuple[str, ...]
    networks: tuple[str, ...]
    orphaned: tuple[str, ...]
    unasked: tuple[str, ...] = ()


class Cluster(NamedTuple):
    """A service cluster of Interlock's config: its extension, its proxy's service, ports and mode, and how many routes
    it has. `known` is False for one that services name and no extension serves."""

    name: str
    extension: str
    proxy: str
    ports: tuple[int, ...]
    mode: str
    routes: int
    known: bool = True


class Inventory(NamedTuple):
    """What runs of an ingress."""

    ingress: Ingress
    routes: tuple[Served, ...]
    proxies: tuple[Attached, ...]
    clusters: tuple[Cluster, ...]


def inventory(snapshot: Snapshot) -> Inventory:
    """What of the ingress is in a snapshot: each service is read as its own stack. Never raises."""
    names = snapshot.network_names()
    stacks = [as_stack(service, names) for service in snapshot.services]
    config = interlock_config(snapshot)
    ingress = read_routes(stacks)._replace(config=config, version=config.version if config else None)
    ingress = ingress._replace(running=proxies_beside(ingress, snapshot))
    services = {service.name: service for service in snapshot.services}
    routes = tuple(
        Served(route, services[route.service.key], proxy_of(snapshot, route.cluster, config))
        for route in ingress.routes
    )
    proxies = tuple(_attached(proxy, routes, snapshot, ingress) for proxy in snapshot.proxies)
    return Inventory(ingress, routes, proxies, tuple(_clusters(ingress)))


def _attached(proxy: Proxy, routes: tuple[Served, ...], snapshot: Snapshot, ingress: Ingress) -> Attached:
    names = snapshot.network_names()
    networks = sorted(names.get(at.network, at.network) for at in proxy.service.networks)
    used = _of_interlock(snapshot, names)
    clusters: set[str] = set()
    for extension in ingress.config.extensions if ingress.config else ():
        if str(extension.value("ProxyServiceName")) == proxy.service.name:
            clusters.add(extension.cluster)
            used.update(map(str, extension.value("Networks") or ()))
    for served in routes:
        if served.proxy is not None and served.proxy.service.name == proxy.service.name:
            clusters.add(served.route.cluster)
            used.update(network.shown for network in attached(served.route))
    if not clusters and proxy.service.name == PROXY:
        clusters.add("")
    orphaned = tuple(name for name in networks if name not in used)
    running = [running_proxy for running_proxy in ingress.running if running_proxy.proxy == proxy.service.name]
    unasked = {
        served.name
        for running_proxy in running
        for host, served in running_proxy.hosts.items()
        if host not in running_proxy.told | _NO_NAMES
    }
    return Attached(proxy, tuple(sorted(clusters)), tuple(networks), orphaned, tuple(sorted(unasked)))


def _of_interlock(snapshot: Snapshot, names: dict[str, str]) -> set[str]:
    """The networks that the proxy shares with Interlock's core and extensions."""
    own = (service for service in snapshot.services if service.name.startswith(CORE) and not is_proxy(service))
    return {names.get(at.network, at.network) for service in own for at in service.networks}


def _clusters(ingress: Ingress) -> Iterator[Cluster]:
    counts: dict[str, int] = {}
    for route in ingress.routes:
        counts[route.cluster] = counts.get(route.cluster, 0) + 1
    config = ingress.config
    for extension in config.extensions if config else ():
        ports = (extension.value("PublishedPort"), extension.value("PublishedSSLPort"))
        yield Cluster(
            name=extension.cluster,
            extension=extension.name,
            proxy=str(extension.value("ProxyServiceName")),
            ports=tuple(port for port in ports if isinstance(port, int)),
            mode=str(extension.value("PublishMode")),
            routes=counts.pop(extension.cluster, 0),
        )
    for name, count in sorted(counts.items()):
        yield Cluster(name, "", "", (), "", count, known=config is None)
