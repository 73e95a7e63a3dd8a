"""Stacks -> what a `.lblint.yml` for them is to hold: names, hosts, service clusters, networks, Interlock's config."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from lblint.interlock import Ingress, Route
from lblint.interlock.networks import attached, host_mode
from lblint.settings import path_patterns, validators
from lblint.settings.write import Entry, Section, quoted
from lblint.stack import Stack

MANY = 5
"""More hosts than that below one domain stand for all hosts below it."""


def sections(folder: str, stacks: Sequence[Stack], ingress: Ingress, configs: Sequence[str]) -> Iterator[Section]:
    """What the keys are to hold, for the stacks in a folder and below; `configs` are those of Interlock, by their
    paths."""
    named = [entry for stack in stacks if (entry := _named(folder, stack)) is not None]
    if named:
        yield Section("stack-names", tuple(named))
    merged = tuple(_merged(folder, stacks))
    if merged:
        yield Section("stacks", merged)
    paths = [path for name in configs if not validators.text(path := _inside(folder, name))]
    if paths:
        yield Section("interlock", tuple(Entry("config", path, at == 0) for at, path in enumerate(paths)))
    hosts = {host.name.lower() for route in ingress.routes for host in route.hosts if not _unset(route, "hosts")}
    domains = _domains(sorted(host for host in hosts if "." in host and not validators.domain(host)))
    if domains:
        yield Section("domains", tuple(map(Entry, domains)))
    clusters = {route.cluster for route in ingress.routes if route.cluster and not _unset(route, "service_cluster")}
    clusters = {name for name in clusters if not validators.cluster(name)}
    if clusters and not paths:
        yield Section("service-clusters", tuple(map(Entry, sorted(clusters))))
    networks = {network.name for route in ingress.routes if not host_mode(route) and not _unset(route, "network")
                for network in attached(route)}  # fmt: skip
    sure = sorted(name for name in networks if name and not validators.network(name) and "*" not in name)
    if sure:
        yield Section("proxy-networks", tuple(map(Entry, sure)))


def _inside(folder: str, path: str) -> str:
    return os.path.relpath(path, folder).replace(os.sep, "/")


def _unset(route: Route, name: str) -> bool:
    label = route.label(name)
    return bool(label and label.unset)


def _named(folder: str, stack: Stack) -> Entry | None:
    """The name of a stack by the path of its file: the one that its labels give away, or a guess."""
    path = _inside(folder, stack.files[0])
    if (
        validators.text(path)
        or path_patterns.fault(path)
        or any(char in path for char in "*?[")
        or not path.isprintable()
    ):
        return None
    name = stack.name or _guess(path)
    return Entry(path, name, stack.name is not None) if name and not validators.stack_name(name) else None


def _guess(path: str) -> str:
    """A name by a path: `shop` of `shop/stack.yml`, `shop-stack.yml` and `stacks/shop.yml`."""
    stem = os.path.splitext(os.path.basename(path))[0].lower()
    words = [word for word in re.split(r"[._-]", stem) if word not in ("docker", "stack", "compose", "swarm", "prod")]
    return "-".join(words) or os.path.basename(os.path.dirname(path))


def _merged(folder: str, stacks: Sequence[Stack]) -> Iterator[Entry]:
    """Pairs of files of which one only changes services of the other: they may be one stack."""
    by_folder: dict[str, list[Stack]] = {}
    for stack in stacks:
        by_folder.setdefault(os.path.dirname(stack.files[0]), []).append(stack)
    for beside in by_folder.values():
        whole = [stack for stack in beside if stack.services and all("image" in s.config for s in stack.services)]
        for part in beside:
            keys = {service.key for service in part.services}
            if not keys or any("image" in service.config for service in part.services):
                continue
            for base in whole:
                if keys <= {service.key for service in base.services}:
                    paths = [_inside(folder, one.files[0]) for one in (base, part)]
                    name = base.name or _guess(paths[0])
                    if name and all(path.isprintable() for path in paths):
                        yield Entry(name, f"[{', '.join(map(quoted, paths))}]", sure=False)


def _domains(hosts: Sequence[str]) -> list[str]:
    """The hosts, with a wildcard for those that share a domain with many others."""
    parents = Counter(host.partition(".")[2] for host in hosts)
    wide = {parent for parent, count in parents.items() if count > MANY and "." in parent}
    names = {host for host in hosts if host.partition(".")[2] not in wide and not host.startswith("*.")}
    stars = {host for host in hosts if host.startswith("*.")}
    return [*sorted(names), *sorted({*stars, *(f"*.{parent}" for parent in wide)})]
