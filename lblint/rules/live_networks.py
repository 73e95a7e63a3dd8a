"""Rules on the networks and ports that the Swarm already has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.interlock.networks import attached, host_mode
from lblint.interlock.owner_policy import ACCESS_LABEL, in_collection
from lblint.rules import rule
from lblint.rules._access import certainty, entries, setting
from lblint.rules._wording import owner
from lblint.stack import Network
from lblint.stack.model import Port
from lblint.swarm.comparison import Live
from lblint.swarm.model import Network as Running
from lblint.swarm.model import Service
from lblint.swarm.name_grammar import parse_cidr
from lblint.swarm.proxies import proxy_of

_NOT_LOOKED_FOR = ("bridge", "host", "none", "default")
"""Names that the client does not look for (docker/cli cli/command/stack/swarm validateExternalNetworks)."""


@rule(
    on=Live,
    severity=Severity.ERROR,
    breaks=Breaks.DEPLOY,
    stage=Stage.CLIENT_BEFORE,
    consequence="docker stops before it creates anything; with --prune, services are already removed",
)
def external_network_missing(live: Live) -> Iterator[Hit]:
    """An external network does not exist, or exists only on one node.

    Needs a running Swarm (`--live`). The docker client looks for the external networks that services use before it
    creates anything. It accepts only networks of the scope `swarm`: create them on a manager with the overlay driver.

    Docker says `network "<name>" is declared as external, but could not be found. You need to create a swarm-scoped
    network before the stack is deployed`.
    """
    certain = certainty(live.stack)
    for network in live.stack.networks.values():
        name = network.name or ""
        if not (network.external and network.used) or name in _NOT_LOOKED_FOR or name.startswith("container:"):
            continue
        scopes = {existing.scope for existing in live.snapshot.named(name)}
        place = network.place.on_key()
        if not scopes:
            yield Hit(
                place,
                f"external network {name} does not exist",
                f"run docker network create --driver overlay {name}",
                severity=certain(network.place),
                docker=f'network "{name}" is declared as external, but could not be found. You need to create a '
                "swarm-scoped network before the stack is deployed",
            )
        elif "swarm" not in scopes and name != "docker_gwbridge":
            yield Hit(
                place,
                f"external network {name} exists only on one node, not in the Swarm",
                "create a network with another name by docker network create --driver overlay, and use that",
                docker=f'network "{name}" is declared as external, but it is not in the right scope: "{min(scopes)}" '
                'instead of "swarm"',
            )


@rule(on=Live, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_NETWORK)
def network_name_taken(live: Live) -> Iterator[Hit]:
    """The name of a network already belongs to another one.

    Needs a running Swarm (`--live`). The client recognises the networks of the stack by their label. If another stack,
    `docker network create`, or docker compose on the node that is asked has created one of the same name, the deploy
    stops. Managers compare names without regard to case. To use an existing network, declare it as external.

    Docker says `network with name <name> already exists`. If a network of the node and one of the Swarm have the same
    name, it may say `network <name> is ambiguous (2 matches found on name)`: `docker network ls --filter name=<name>`
    lists them; remove the one that nothing uses by its ID.
    """
    for network in live.stack.networks.values():
        if network.external or not network.used or not network.name:
            continue
        same = [existing for existing in live.snapshot.networks if _same_name(existing, network.name)]
        if same and all(existing.stack != live.stack.name or existing.name != network.name for existing in same):
            existing = same[0]
            kind = owner(existing.stack)
            help = f"write external: true and name: {existing.name} to use it, or choose another name"
            if existing.scope != "swarm":
                compose = " created by docker compose" if "com.docker.compose.project" in existing.labels else ""
                kind = f"a {existing.driver} network{compose} on the node that was asked"
                help = f"run docker network rm {existing.name} on that node, or choose another name"
            yield Hit(
                network.place.on_key(),
                f"network {existing.name} already exists, {kind}",
                help,
                docker=f"network with name {network.name} already exists",
            )


def _same_name(existing: Running, name: str) -> bool:
    return existing.name.lower() == name.lower() if existing.scope == "swarm" else existing.name == name


@rule(on=Live, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE)
def network_of_one_node(live: Live) -> Iterator[Hit]:
    """A network of one node has the name and the label of a network of the stack.

    Needs a running Swarm (`--live`). The client recognises it as the stack's own by its label and does not create the
    network. The manager then refuses every service on it. Remove it from the node.
    """
    for network in live.stack.networks.values():
        own = [n for n in live.snapshot.networks if n.name == network.name and n.stack == live.stack.name]
        if network.used and not network.external and own and all(existing.scope != "swarm" for existing in own):
            yield Hit(
                network.place.on_key(),
                f"network {network.name} of this stack exists as a {own[0].driver} network of one node, which services "
                "cannot join",
                f"run docker network rm {network.name} on that node",
                docker=f"The network {network.name} cannot be used with services. Only networks scoped to the swarm "
                "can be used, such as those created with the overlay driver.",
            )


_BUILT_IN = ("overlay", "bridge", "host", "null", "none", "macvlan", "ipvlan")
"""Drivers that rules on the stack alone judge."""


@rule(on=Live, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_NETWORK)
def network_driver_missing(live: Live) -> Iterator[Hit]:
    """No node has the driver of a network, or of its IPAM.

    Needs a running Swarm (`--live`), whose nodes report their plugins. A manager looks for the plugin when it creates
    the network, and refuses it: `plugin not found`, or `error during lookup of plugin`.
    """
    certain = certainty(live.stack)
    reported = {plugin for node in live.snapshot.nodes for plugin in node.plugins}
    if not live.snapshot.nodes or not all(any(kind == "Network" for kind, _ in n.plugins) for n in live.snapshot.nodes):
        return
    existing = {network.name for network in live.snapshot.networks if network.stack == live.stack.name}
    for network in live.stack.networks.values():
        if network.external or not network.used or network.name in existing:
            continue
        for path, kinds, what in ((("driver",), ("Network",), "network"), (("ipam", "driver"), _IPAM, "IPAM")):
            driver = str(setting(network.config, *path) or "default")
            own = {(kind, name) for kind in kinds for name in (driver, f"{driver}:latest")}
            if driver == "default" or driver in _BUILT_IN or own & reported:
                continue
            place = live.stack.place("networks", network.key, *path)
            plugins = {name.removesuffix(":latest") for kind, name in reported if kind in kinds} - set(_BUILT_IN)
            known = ["overlay" if what == "network" else "default", *sorted(plugins)]
            yield Hit(
                place,
                f"no node has the {what} driver {driver} of network {network.key}",
                f"write {' or '.join(known)}, or run docker plugin install {driver} on every node",
                certain(place),
            )


_IPAM = ("ipamdriver", "IpamDriver")


@rule(on=Live, severity=Severity.WARNING, consequence="the network keeps its settings, without a warning from docker")
def network_change_not_applied(live: Live) -> Iterator[Hit]:
    """A network of the stack already exists with other settings, which stay.

    Needs a running Swarm (`--live`). The settings of a network are fixed when it is created. A later deploy with
    another driver, subnet, option or label changes nothing, and docker gives no message. Give the network another name,
    or remove the stack first.
    """
    existing = {network.name: network for network in live.snapshot.networks if network.stack == live.stack.name}
    for network in live.stack.networks.values():
        running = existing.get(network.name or "")
        if network.external or not network.used or running is None or running.dying:
            continue
        for key, wanted, now in _differing(network, running):
            yield Hit(
                live.stack.place("networks", network.key, *key),
                f"network {running.name} already exists with {now}, not with {wanted}",
                "give the network another name, or remove the stack before the deploy",
            )


def _differing(network: Network, running: Running) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Yield each setting of the file that the network does not have: its path, the wanted and the present value."""
    config = network.config
    driver = setting(config, "driver")
    if driver and driver != running.driver:
        yield ("driver",), f"driver {driver}", f"driver {running.driver}"
    for flag, now in (("attachable", running.attachable), ("internal", running.internal)):
        wanted = setting(config, flag) is True
        if wanted is not now:
            yield (flag,), f"{flag} {str(wanted).lower()}", f"{flag} {str(now).lower()}"
    for section, existing in (("driver_opts", running.options), ("labels", running.labels)):
        for key, value in _texts(setting(config, section)):
            if existing.get(key) != value:
                present = f'{key} "{existing[key]}"' if key in existing else f"no {key}"
                yield (section, key), f'{key} "{value}"', present
    pools = {str(setting(pool, "subnet")) for _, pool in entries(config, "ipam", "config") if setting(pool, "subnet")}
    if pools and {parse_cidr(pool) for pool in pools} != {parse_cidr(pool) for pool in running.subnets}:
        yield ("ipam", "config"), f"subnet {', '.join(sorted(pools))}", f"subnet {', '.join(sorted(running.subnets))}"


def _texts(value: Any) -> Iterator[tuple[str, str]]:
    yield from ((str(k), str(v)) for k, v in value.items()) if isinstance(value, Mapping) else ()


@rule(on=Live, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE)
def network_half_removed(live: Live) -> Iterator[Hit]:
    """A network of the stack is being removed.

    Needs a running Swarm (`--live`). After `docker stack rm` a node keeps a network until the last task has left it,
    and the proxy leaves it only with its next update. Until then the client finds the network and does not create it,
    and managers refuse every service that should join it. Wait until `docker network ls` no longer lists it.

    The manager says `network <name> not found`.
    """
    dying = {network.name for network in live.snapshot.networks if network.dying and network.stack == live.stack.name}
    for network in live.stack.networks.values():
        if network.used and not network.external and network.name in dying:
            yield Hit(
                network.place.on_key(),
                f"network {network.name} is still being removed, so services cannot join it",
                f"deploy when docker network ls no longer lists {network.name}",
                docker=f"network {network.name} not found",
            )


SECONDS = (1, 2)
"""What one overlay network costs one task of a proxy, at least and at most."""


@rule(on=Live, severity=Severity.INFO)
def proxy_joins_networks(live: Live) -> Iterator[Hit]:
    """The deploy attaches the proxy to more networks, which takes time.

    Needs a running Swarm (`--live`). A proxy joins the networks of every service that it serves, unless Interlock's
    config names its networks. Each change replaces all its tasks, and each new task joins all networks, which takes 1
    to 2 seconds for each overlay (Docker's page on service clusters). The sum is an estimate. An external network that
    all stacks share, or host mode, keeps it short.
    """
    names = live.snapshot.network_names()
    joining: dict[str, set[str]] = {}
    for route in live.ingress.routes:
        proxy = proxy_of(live.snapshot, route.cluster, live.ingress.config)
        if route.stack is not live.stack or proxy is None or host_mode(route):
            continue
        on = {names.get(at.network, at.network) for at in proxy.service.networks}
        wanted = {network.shown for network in attached(route)}
        new = sorted(wanted - on - joining.setdefault(proxy.service.name, set()))
        if not new or _fixed(live, route.cluster):
            continue
        joining[proxy.service.name].update(new)
        after = len(on | joining[proxy.service.name])
        least, most = (after * proxy.replicas * each for each in SECONDS)
        yield Hit(
            route.place,
            f"{proxy.service.name} joins {', '.join(new)}; replacing its {proxy.replicas} tasks on {after} networks "
            f"takes an estimated {_time(least)} to {_time(most)}",
        )


def _fixed(live: Live, cluster: str) -> bool:
    """Whether Interlock's config names the networks of the proxy: then it joins no other."""
    extension = live.ingress.config.extension(cluster) if live.ingress.config else None
    return extension is not None and bool(extension.value("Networks"))


def _time(seconds: int) -> str:
    return f"{seconds} s" if seconds < 120 else f"{seconds // 60} min"


@rule(on=Live, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE)
def port_held_by_service(live: Live) -> Iterator[Hit]:
    """A running service already publishes a port of the stack.

    Needs a running Swarm (`--live`). In ingress mode a port belongs to one service per protocol, and no service can
    publish it in host mode either. The manager refuses the second one: `port '80' is already in use by service … as an
    ingress port`. A service of the stack that the files no longer have counts too, as it stays without `--prune`. If
    another service of the stack gives up the port in the same deploy, it depends on the order of the updates: a
    warning. If services exchange ports, the first update is always refused.
    """
    certain = certainty(live.stack)
    held: dict[tuple[int, str], list[tuple[str, Service]]] = {}
    for service in live.snapshot.services:
        for port in service.published:
            held.setdefault((port.published, port.protocol), []).append((port.mode, service))
    own = {service.name: service for service in live.stack.services}
    waits = _waits(live, held)
    reported: set[str] = set()
    for wanting in live.stack.services:
        for wanted in wanting.ports:
            for mode, holder in held.get((wanted.published, wanted.protocol), ()):
                if holder.name == wanting.name or (mode, wanted.mode) == ("host", "host"):
                    continue
                kept = live.replaced(holder) and holder.name in own
                if kept and _publishes(own[holder.name].ports, wanted, mode):
                    continue  # both want it: a rule on the stack alone says so
                message = f"port {wanted.published}/{wanted.protocol} is already published by service {holder.name}"
                circle = _reached(waits, holder.name) if kept else set()
                if str(wanting.name) in circle:
                    if str(wanting.name) in reported:
                        break  # one mistake: two services that swap their ports
                    reported |= circle
                    yield Hit(
                        wanted.place,
                        f"{message}, which in turn needs a port of {wanting.name}",
                        "deploy twice: first without these ports, then with them",
                        severity=certain(wanted.place),
                    )
                elif kept:
                    yield Hit(
                        wanted.place,
                        f"{message}, which may give it up too late in this deploy",
                        f"deploy twice: first without the port in {wanting.key}, then with it",
                        severity=Severity.WARNING,
                    )
                else:
                    yield Hit(
                        wanted.place,
                        f"{message}, {owner(holder.stack)}",
                        f"deploy with --prune, which removes {holder.name} first, or publish another port"
                        if holder.stack == live.stack.name
                        else "publish another port, or remove it from that service first",
                        severity=certain(wanted.place),
                    )
                break


def _waits(live: Live, held: Mapping[tuple[int, str], list[tuple[str, Service]]]) -> dict[str, set[str]]:
    """Return the running services of the stack, each with those of them that hold a port which it needs."""
    running = {service.name for service in live.snapshot.services if live.replaced(service)}
    result: dict[str, set[str]] = {}
    for service in live.stack.services:
        for port in service.ports if service.name in running else ():
            for mode, holder in held.get((port.published, port.protocol), ()):
                if live.replaced(holder) and holder.name != service.name and (mode, port.mode) != ("host", "host"):
                    result.setdefault(str(service.name), set()).add(holder.name)
    return result


def _reached(waits: Mapping[str, set[str]], name: str) -> set[str]:
    """Return all services for which one waits, directly or through others."""
    reached: set[str] = set()
    todo = [name]
    while todo:
        new = waits.get(todo.pop(), set()) - reached
        reached |= new
        todo += new
    return reached


def _publishes(ports: tuple[Port, ...], wanted: Port, mode: str) -> bool:
    return any((p.published, p.protocol, p.mode) == (wanted.published, wanted.protocol, mode) for p in ports)


@rule(on=Live, severity=Severity.INFO)
def network_in_other_collection(live: Live) -> Iterator[Hit]:
    """A service and the network that its route uses are in different collections.

    Needs a running Swarm (`--live`). The label `com.docker.ucp.access.label` puts services and networks into
    collections of UCP and MKE, and who deploys needs access to both. Usually a service and its network for the ingress
    have the same label. It is not documented how UCP judges a service on a network of another collection.
    """
    for route in live.ingress.routes:
        label = route.service.label(ACCESS_LABEL)
        if route.stack is not live.stack or label is None or label.unset or host_mode(route):
            continue
        own = label.value.strip()
        for network in attached(route):
            labels = {found.labels.get(ACCESS_LABEL, "").strip() for found in live.snapshot.named(network.name or "")}
            other = next((path for path in sorted(labels) if path), "")
            if own and other and not in_collection(own, other) and not in_collection(other, own):
                yield Hit(
                    label.place,
                    f"{route.service.key} is in the collection {own}, but its network {network.shown} is in {other}",
                    f"write {ACCESS_LABEL}: {other}, or use a network of {own}",
                )
