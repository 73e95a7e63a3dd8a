"""The config object that Interlock's core runs with, and what else of Interlock uses or resembles it.

UCP names the objects com.docker.ucp.interlock.conf-<n>; a change is made by a new object with the next number, as a
config of the Swarm cannot be changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from lblint.interlock.config import InterlockConfig
from lblint.lazy_re import pattern
from lblint.records import NamedTuple
from lblint.swarm.errors import SwarmError
from lblint.swarm.model import Service, Snapshot, Use
from lblint.swarm.proxies import CORE, CORE_CONFIGS, config_of, is_core, is_proxy

_NUMBERED = pattern(r"(.*?)-?([0-9]{1,9})")
_OF_INTERLOCK = pattern(r"ucp-interlock-(?:extension|proxy|config)(?:-.+)?", re.DOTALL)


class CoreConfig(NamedTuple):
    """The core's service, and the config object that it mounts: its name, id and path in the container (`use`), text,
    labels and creation (a time of the Engine API). `others` are other services that use the same object."""

    service: Service
    use: Use
    text: str
    labels: Mapping[str, str] = {}
    created: str = ""
    others: tuple[str, ...] = ()


def core_config(snapshot: Snapshot, service: str = "") -> CoreConfig:
    """Return the config that Interlock's core runs with; `service` names the core where several services may be it.

    Raises `SwarmError` where there is no core, more than one, or none whose config can be read.
    """
    if "configs" in snapshot.refused:
        raise SwarmError(snapshot.refused["configs"])
    cores = list(_cores(snapshot))
    found = [(core, use) for core, use in cores if not service or core.name == service]
    if service and not found:
        known = f": {', '.join(core.name for core, _ in cores)} would" if cores else ""
        raise SwarmError(f"{service} does not run with a config of Interlock's core{known}")
    if not found:
        raise SwarmError(
            f"there is no service {CORE} in this Swarm: layer 7 routing is off, or this is another cluster"
        )
    if len(found) > 1:
        listed = " and ".join(f"{core.name} ({use.name if use else 'no config'})" for core, use in cores)
        raise SwarmError(
            f"{len(found)} services may be Interlock's core: {listed}; name one with --service, or remove the others"
        )
    core, use = found[0]
    if use is None:
        raise SwarmError(f"{core.name} does not run with a config object, so there is none to show or to replace")
    config = next((config for config in snapshot.configs if config.id == use.id), None)
    if config is None or not config.text:
        raise SwarmError(f"config {use.name}, which {core.name} runs with, is not shown by the managers or is empty")
    others = (s.name for s in snapshot.services if s.id != core.id and any(own.id == use.id for own in s.configs))
    return CoreConfig(core, use, config.text, config.labels, config.created, tuple(others))


def _cores(snapshot: Snapshot) -> Iterator[tuple[Service, Use | None]]:
    """Yield the services that may be the core: the one of that name, and those that mount a config named as its own."""
    for service in snapshot.services:
        named = [use for use in service.configs if use.name.startswith(CORE_CONFIGS)]
        if is_core(service):
            yield service, config_of(service)
        elif named and not is_proxy(service):
            yield service, named[0]


def next_name(name: str, snapshot: Snapshot) -> str:
    """Return the name of the next config object: the same with a number above all that there are."""
    match = _NUMBERED.fullmatch(name)
    stem = match[1] if match else name
    numbers = [int(match[2])] if match else [0]
    for config in snapshot.configs:
        other = _NUMBERED.fullmatch(config.name)
        if other and other[1] == stem:
            numbers.append(int(other[2]))
    return f"{stem}-{max(numbers) + 1}"


def service_names(config: InterlockConfig) -> frozenset[str]:
    """Return the names of all services that Interlock makes for a config."""
    names = ("ServiceName", "ProxyServiceName", "ConfigServiceName")
    return frozenset(str(extension.value(name)) for extension in config.extensions for name in names)


def leftovers(snapshot: Snapshot, new: InterlockConfig, old: InterlockConfig | None) -> tuple[Service, ...]:
    """Return the services of Interlock's extensions that a config no longer has: those of the config that runs (`old`),
    and, if there is one core, what is named or labelled as one of them."""
    kept = service_names(new)
    single = sum(1 for _ in _cores(snapshot)) < 2
    gone = service_names(old) if old is not None else frozenset[str]()
    return tuple(
        service for service in snapshot.services
        if service.name not in kept and not is_core(service)
        and (service.name in gone or (single and (is_proxy(service) or _OF_INTERLOCK.fullmatch(service.name))))
    )  # fmt: skip
