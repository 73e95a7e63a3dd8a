"""What a deploy would change, against what the managers have: services, networks, hosts, and the proxies' networks.

Sources: docker/cli cli/command/stack/swarm/deploy_composefile.go (what is created, updated, pruned);
lblint.interlock.networks (what a proxy joins for a route).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lblint.interlock import PREFIX, Ingress
from lblint.interlock.clusters import joined_by_proxy
from lblint.interlock.hosts import parse_hosts
from lblint.records import NamedTuple
from lblint.report.escape import printable
from lblint.stack import Stack
from lblint.swarm.model import Service, Snapshot
from lblint.swarm.proxies import PROXY, proxy_name, proxy_of


class Move(NamedTuple):
    """A host and the services behind it, before and after; none before: it is added, none after: removed."""

    host: str
    before: tuple[str, ...]
    after: tuple[str, ...]


class Plan(NamedTuple):
    """What will change. `attached` maps a proxy to the networks that it joins, `kept` are services of the stack that
    the files no longer have and that stay, as nobody asked for --prune. `proxies` are those that carry a route of the
    stack which changes."""

    created: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    pruned: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    attached: Mapping[str, tuple[str, ...]] = {}
    hosts: tuple[Move, ...] = ()
    proxies: tuple[str, ...] = ()


def plan(ingress: Ingress, stack: Stack, live: Snapshot, prune: bool) -> Plan:
    """What deploying a stack would change; `ingress` holds its routes (and may hold others')."""
    wanted = {str(service.name) for service in stack.services}
    own = {service.name for service in live.services if service.stack == stack.name}
    gone = own - wanted
    known = {network.name for network in live.networks if not network.dying}
    made = {str(net.name) for net in stack.networks.values() if net.used and not net.external}
    replaced = (wanted & own) | (gone if prune else set())
    attached = _attached(ingress, stack, live)
    hosts = tuple(_moves(ingress, stack, live, replaced))
    return Plan(
        created=tuple(sorted(wanted - own)),
        updated=tuple(sorted(wanted & own)),
        pruned=tuple(sorted(gone)) if prune else (),
        kept=() if prune else tuple(sorted(gone)),
        networks=tuple(sorted(made - known)),
        attached=attached,
        hosts=hosts,
        proxies=tuple(sorted({*attached, *_changed(ingress, stack, live, replaced, hosts)})),
    )


def _proxy(ingress: Ingress, live: Snapshot, cluster: str) -> str:
    """The name of a service cluster's proxy: of the one that runs, unless its name is that of another cluster's, or of
    the one that will."""
    proxy = proxy_of(live, cluster, ingress.config)
    if proxy is None or proxy.service.name.startswith(PROXY + "-"):
        return proxy_name(cluster, ingress.config)
    return proxy.service.name


def _changed(
    ingress: Ingress, stack: Stack, live: Snapshot, replaced: set[str], moves: tuple[Move, ...]
) -> Iterator[str]:
    """The proxies that serve a host of the stack which is added, moved or dropped."""
    moved = {move.host for move in moves}
    for route in ingress.routes:
        if route.stack is stack and any(host.name in moved for host in route.hosts):
            yield _proxy(ingress, live, route.cluster)
    for service in live.services:
        if service.name in replaced and not moved.isdisjoint(live_hosts(service)):
            yield _proxy(ingress, live, service.labels.get(PREFIX + "service_cluster", ""))


def live_hosts(service: Service) -> list[str]:
    """The hosts that a running service asks for, as its label has them."""
    return [part.text for part in parse_hosts(service.labels.get(PREFIX + "hosts", ""))]


def _attached(ingress: Ingress, stack: Stack, live: Snapshot) -> dict[str, tuple[str, ...]]:
    names = live.network_names()
    joined = {
        proxy.service.name: {names.get(at.network, at.network) for at in proxy.service.networks}
        for proxy in live.proxies
    }
    asked: dict[str, set[str]] = {}
    for route in ingress.routes:
        if route.stack is stack:
            asked.setdefault(_proxy(ingress, live, route.cluster), set()).update(joined_by_proxy(ingress, route))
    missing = {proxy: tuple(sorted(networks - joined.get(proxy, set()))) for proxy, networks in sorted(asked.items())}
    return {proxy: networks for proxy, networks in missing.items() if networks}


def _moves(ingress: Ingress, stack: Stack, live: Snapshot, replaced: set[str]) -> Iterator[Move]:
    before: dict[str, set[str]] = {}
    after: dict[str, set[str]] = {}
    for service in live.services:
        for host in live_hosts(service):
            before.setdefault(host, set()).add(service.name)
            if service.name not in replaced:
                after.setdefault(host, set()).add(service.name)
    for route in ingress.routes:
        if route.stack is stack:
            for named in route.hosts:
                after.setdefault(named.name, set()).add(str(route.service.name))
    for host in sorted(before.keys() | after.keys()):
        old, new = before.get(host, set()), after.get(host, set())
        if old != new:
            yield Move(host, tuple(sorted(old)), tuple(sorted(new)))


def render(plan: Plan, stack: str) -> str:
    """The plan for people, a line for each kind of change."""
    rows = [
        ("create", "network", plan.networks),
        ("create", "service", plan.created),
        ("update", "service", plan.updated),
        ("remove", "service", plan.pruned),
        ("keep", "service", tuple(f"{name} (not in the files; --prune removes it)" for name in plan.kept)),
        *(("attach", proxy, networks) for proxy, networks in plan.attached.items()),
        *((*_verb(move), (_said(move),)) for move in plan.hosts),
    ]
    lines = [f"  {verb + ':':<8} {what} {name}" for verb, what, names in rows for name in names]
    if not lines:
        return f"deploying {printable(stack)} changes no service, network or host\n"
    return f"deploying {printable(stack)} will\n" + "".join(printable(line) + "\n" for line in lines)


def _verb(move: Move) -> tuple[str, str]:
    return ("move" if move.before and move.after else "add" if move.after else "drop"), "host"


def _said(move: Move) -> str:
    before, after = ", ".join(move.before), ", ".join(move.after)
    arrow = f"{before} -> {after}" if before and after else f"-> {after}" if after else f"(was {before})"
    return f"{move.host} {arrow}"
