"""Interlock among the services: its core and its proxies, and the configs that they run with.

Source: MKE's pages on the configurations that Interlock uses; the proxies bear the label
`type=com.docker.interlock.core.proxy`, the core's config is mounted at /config.toml, nginx's below /out or /etc.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from lblint.swarm.model import Interlock, Proxy, Service, Snapshot, Use

if TYPE_CHECKING:
    from lblint.interlock.config import InterlockConfig

CORE = "ucp-interlock"
PROXY = "ucp-interlock-proxy"
PROXY_LABEL = ("type", "com.docker.interlock.core.proxy")
CORE_FILE = "/config.toml"
CORE_CONFIGS = ("com.docker.ucp.interlock.conf", "com.docker.ucp.interlock.service-clusters.conf")
_PROXY_CONFIGS = "com.docker.interlock.proxy."


def is_proxy(service: Service) -> bool:
    """Whether a service is one of Interlock's proxies."""
    name, value = PROXY_LABEL
    return service.labels.get(name) == value or service.name == PROXY or service.name.startswith(PROXY + "-")


def is_core(service: Service) -> bool:
    """Whether a service is Interlock's core."""
    return service.name == CORE


def config_of(service: Service) -> Use | None:
    """The config that a proxy or the core runs with; None where it has none."""
    if is_core(service):
        wanted = [use for use in service.configs if use.target == CORE_FILE or use.name.startswith(CORE_CONFIGS)]
    else:
        wanted = [use for use in service.configs if use.name.startswith(_PROXY_CONFIGS)]
        wanted += [use for use in service.configs if use.target.endswith("nginx.conf")]
    return next(iter([*wanted, *service.configs]), None)


def with_interlock(snapshot: Snapshot, texts: Mapping[str, str]) -> Snapshot:
    """The snapshot with its proxies and core; `texts` are the data of configs by their names."""
    proxies = tuple(Proxy(s, *_running_with(s, texts)) for s in snapshot.services if is_proxy(s))
    core = next((service for service in snapshot.services if is_core(service)), None)
    interlock = Interlock(core, *_running_with(core, texts)) if core else None
    return snapshot._replace(proxies=proxies, interlock=interlock)


def wanted(services: Sequence[Service]) -> frozenset[str]:
    """The names of the configs whose text belongs into the snapshot."""
    uses = [config_of(service) for service in services if is_proxy(service) or is_core(service)]
    uses += [use for service in services for use in service.configs if use.name.startswith(CORE_CONFIGS)]
    return frozenset(use.name for use in uses if use)


def _running_with(service: Service, texts: Mapping[str, str]) -> tuple[str, str]:
    use = config_of(service)
    return (use.name, texts.get(use.name, "")) if use else ("", "")


def proxy_name(cluster: str, config: InterlockConfig | None = None) -> str:
    """What the service of a service cluster's proxy is called ("" is the default cluster): by Interlock's config, and
    without one as MKE calls it."""
    extension = config.extension(cluster) if config else None
    if extension is not None:
        return str(extension.value("ProxyServiceName"))
    return f"{PROXY}-{cluster}" if cluster else PROXY


def proxy_of(snapshot: Snapshot, cluster: str, config: InterlockConfig | None = None) -> Proxy | None:
    """The proxy of a service cluster ("" is the default one): the one that Interlock's config names, or else the one
    that bears the cluster's name; None where there is none, or more than one that it may be."""
    extension = config.extension(cluster) if config else None
    name = proxy_name(cluster, config)
    for proxy in snapshot.proxies:
        if proxy.service.name == name:
            return proxy
    return snapshot.proxies[0] if len(snapshot.proxies) == 1 and not cluster and not extension else None
