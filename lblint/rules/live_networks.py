"""Rules on the networks and ports that the Swarm has already."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.interlock.networks import attached, host_mode
from lblint.rules import rule
from lblint.rules._access import certainty, entries, setting
from lblint.rules._spelling import owner
from lblint.stack import Network
from lblint.stack.model import Port
from lblint.swarm.comparison import Live
from lblint.swarm.model import Network as Running
from lblint.swarm.model import Service
from lblint.swarm.proxies import proxy_of
from lblint.swarm.validators import parse_cidr

_NOT_LOOKED_FOR = ("bridge", "host", "none", "default")
"""Names that the client does not look for (docker/cli cli/command/stack/swarm validateExternalNetworks)."""


@rule(
    on=Live,
    severity=Severity.ERROR,
    breaks=Breaks.DEPLOY,
    stage=Stage.CLIENT_BEFORE,
    consequence="docker stops before it creates anything, but with --prune, services are already removed",
)
def external_network_missing(live: Live) -> Iterator[Hit]:
    """An external network is not there, or is one of a node alone.

    Asked of a running Swarm (`--live`). The docker client looks for the external networks that services use before it
    creates anything, and takes those that are scoped to the Swarm alone: create it on a manager with the overlay
    driver. Its words are `declared as external, but could not be found`, or `not in the right scope`.

    Docker says `network "<name>" is declared as external, but could not be found. You need to create a swarm-scoped
    network before the stack is deployed`.
    """
    certain = certainty(live.stack)
    for network in live.stack.networks.values():
        name = network.name or ""
        if not (network.external and network.used) or name in _NOT_LOOKED_FOR or name.startswith("container:"):
            continue
        scopes = {found.scope for found in live.snapshot.named(name)}
        place = network.place.on_key()
        if not scopes:
            yield Hit(
                place,
                f'external network "{name}" is not there',
                f"docker network create --driver overlay {name}",
                severity=certain(network.place),
            )
        elif "swarm" not in scopes and name != "docker_gwbridge":
            yield Hit(
                place,
                f'external network "{name}" is in the scope "{min(scopes)}" of one node, and not of the Swarm',
                "a network of another name, made by docker network create --driver overlay",
            )


@rule(on=Live, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_NETWORK)
def network_name_taken(live: Live) -> Iterator[Hit]:
    """A network of another stack, or one made by hand, has the name already.

    Asked of a running Swarm (`--live`). The client takes a network for the stack's own by its label alone; one of the
    same name without the label is in the way, also one that docker compose made on the node that was asked. Managers
    compare names without regard to case. To use a network that is there already, declare it as external.

    Docker says `network with name <name> already exists`. If a network of the node and one of the Swarm have the same
    name, it may say `network <name> is ambiguous (2 matches found on name)`: `docker network ls --filter name=<name>`
    lists them; remove the one that nothing uses by its ID.
    """
    for network in live.stack.networks.values():
        if network.external or not network.used or not network.name:
            continue
        there = [found for found in live.snapshot.networks if _in_the_way(found, network.name)]
        if there and all(found.stack != live.stack.name or found.name != network.name for found in there):
            found = there[0]
            whose = owner(found.stack)
            help = f"external: true with name: {found.name} to use it, or another name"
            if found.scope != "swarm":
                by = ", made by docker compose" if "com.docker.compose.project" in found.labels else ""
                whose = f"a {found.driver} network of the node that was asked{by}"
                help = f"docker network rm {found.name} on that node, or another name"
            yield Hit(
                network.place.on_key(),
                f"the network {found.name} is there already, {whose}",
                help,
            )


def _in_the_way(found: Running, name: str) -> bool:
    return found.name.lower() == name.lower() if found.scope == "swarm" else found.name == name


@rule(on=Live, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE)
def network_of_one_node(live: Live) -> Iterator[Hit]:
    """A network of one node bears the name and the label of a network of the stack.

    Asked of a running Swarm (`--live`). The client takes it for the stack's own by its label, so it does not create the
    network, and every service on it is refused: `cannot be used with services. Only networks scoped to the swarm can be
    used`. Remove it from the node.
    """
    for network in live.stack.networks.values():
        own = [n for n in live.snapshot.networks if n.name == network.name and n.stack == live.stack.name]
        if network.used and not network.external and own and all(found.scope != "swarm" for found in own):
            yield Hit(
                network.place.on_key(),
                f"the network {network.name} is there with the label of this stack, but it is a {own[0].driver} "
                "network of one node: services cannot join it",
                f"docker network rm {network.name} on that node",
            )


_BUILT_IN = ("overlay", "bridge", "host", "null", "none", "macvlan", "ipvlan")
"""Drivers on which rules on the stack alone have the last word."""


@rule(on=Live, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_NETWORK)
def network_driver_missing(live: Live) -> Iterator[Hit]:
    """No node has the driver of a network, or of its addresses.

    Asked of a running Swarm (`--live`). A manager looks for the plugin when the network is created and refuses it:
    `plugin not found`, or `error during lookup of plugin`. Nodes report their plugins.
    """
    certain = certainty(live.stack)
    reported = {plugin for node in live.snapshot.nodes for plugin in node.plugins}
    if not live.snapshot.nodes or not all(any(kind == "Network" for kind, _ in n.plugins) for n in live.snapshot.nodes):
        return
    there = {found.name for found in live.snapshot.networks if found.stack == live.stack.name}
    for network in live.stack.networks.values():
        if network.external or not network.used or network.name in there:
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
                f'no node has the {what} driver "{driver}": the manager refuses network "{network.key}"',
                f"{' or '.join(known)}, or docker plugin install {driver} on every node",
                certain(place),
            )


_IPAM = ("ipamdriver", "IpamDriver")


@rule(on=Live, severity=Severity.WARNING, consequence="the network stays as it is, and docker does not say so")
def network_change_not_applied(live: Live) -> Iterator[Hit]:
    """A network of the stack is there already with other settings, and they stay.

    Asked of a running Swarm (`--live`). A network's settings are fixed when it is made: a later deploy with another
    driver, subnet, option or label changes nothing, and says nothing. Remove the network for the change to take effect,
    or give it another name.
    """
    there = {network.name: network for network in live.snapshot.networks if network.stack == live.stack.name}
    for network in live.stack.networks.values():
        found = there.get(network.name or "")
        if network.external or not network.used or found is None or found.dying:
            continue
        for key, wanted, now in _differing(network, found):
            yield Hit(
                live.stack.place("networks", network.key, *key),
                f"{found.name} is there with {now}, and here it has {wanted}",
                "another name for the network, or the stack removed before the deploy",
            )


def _differing(network: Network, found: Running) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Each setting of the file that the network does not have: its path, what is wanted and what there is."""
    config = network.config
    driver = setting(config, "driver")
    if driver and driver != found.driver:
        yield ("driver",), f"driver {driver}", f"driver {found.driver}"
    for flag, now in (("attachable", found.attachable), ("internal", found.internal)):
        wanted = setting(config, flag) is True
        if wanted is not now:
            yield (flag,), f"{flag} {str(wanted).lower()}", f"{flag} {str(now).lower()}"
    for section, existing in (("driver_opts", found.options), ("labels", found.labels)):
        for key, value in _texts(setting(config, section)):
            if existing.get(key) != value:
                said = f'{key} "{existing[key]}"' if key in existing else f"no {key}"
                yield (section, key), f'{key} "{value}"', said
    pools = {str(setting(pool, "subnet")) for _, pool in entries(config, "ipam", "config") if setting(pool, "subnet")}
    if pools and {parse_cidr(pool) for pool in pools} != {parse_cidr(pool) for pool in found.subnets}:
        yield ("ipam", "config"), f"subnet {', '.join(sorted(pools))}", f"subnet {', '.join(sorted(found.subnets))}"


def _texts(value: Any) -> Iterator[tuple[str, str]]:
    yield from ((str(k), str(v)) for k, v in value.items()) if isinstance(value, Mapping) else ()


@rule(on=Live, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE)
def network_half_removed(live: Live) -> Iterator[Hit]:
    """A network of the stack is being removed.

    Asked of a running Swarm (`--live`). After `docker stack rm` a node keeps a network until the last task has left it,
    and the proxy leaves it only with its next update. Meanwhile the client takes the network for there and does not
    make it, and managers refuse every service that is to join it (`network ... not found`). Wait until `docker network
    ls` no longer has it.

    The manager says `network <name> not found`.
    """
    dying = {network.name for network in live.snapshot.networks if network.dying and network.stack == live.stack.name}
    for network in live.stack.networks.values():
        if network.used and not network.external and network.name in dying:
            yield Hit(
                network.place.on_key(),
                f"the network {network.name} is being removed: services cannot join it, and it is not made anew",
                f"wait until docker network ls has no {network.name} any more, and deploy then",
            )


SECONDS = (1, 2)
"""What one overlay network costs one task of a proxy, at least and at most."""


@rule(on=Live, severity=Severity.INFO)
def proxy_joins_networks(live: Live) -> Iterator[Hit]:
    """The deploy attaches the proxy to more networks, which takes time.

    Asked of a running Swarm (`--live`). A proxy joins the network of every service that it serves, unless Interlock's
    config names its networks. With each change all its tasks are replaced, and each new task is attached to each of its
    networks, at 1 to 2 seconds for each overlay network (Docker's page on service clusters). The sum is an estimate.
    One network that all stacks share, declared as external, or host mode, keeps it short.
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
            f"{proxy.service.name} joins {', '.join(new)}: it is then on {after} networks, and replacing its "
            f"{proxy.replicas} tasks takes an estimated {_time(least)} to {_time(most)}",
        )


def _fixed(live: Live, cluster: str) -> bool:
    """Whether Interlock's config names the networks of the proxy: then it joins no other."""
    extension = live.ingress.config.extension(cluster) if live.ingress.config else None
    return extension is not None and bool(extension.value("Networks"))


def _time(seconds: int) -> str:
    return f"{seconds} s" if seconds < 120 else f"{seconds // 60} min"


@rule(on=Live, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE)
def port_held_by_service(live: Live) -> Iterator[Hit]:
    """A port that the stack publishes is held by a running service.

    Asked of a running Swarm (`--live`). A port of the ingress belongs to one service per protocol, and excludes the
    same port in host mode: `port '80' is already in use by service … as an ingress port`, a manager says. A service of
    the stack itself counts as well where the files no longer have it: without `--prune` it stays. Where a service of
    the stack gives the port up in the same deploy, it is a matter of luck which one is updated first: a warning. Where
    services take ports from each other, whichever is first is refused.
    """
    certain = certainty(live.stack)
    held: dict[tuple[int, str], list[tuple[str, Service]]] = {}
    for service in live.snapshot.services:
        for port in service.published:
            held.setdefault((port.published, port.protocol), []).append((port.mode, service))
    own = {service.name: service for service in live.stack.services}
    waits = _waits(live, held)
    told: set[str] = set()
    for wanting in live.stack.services:
        for wanted in wanting.ports:
            for mode, holder in held.get((wanted.published, wanted.protocol), ()):
                if holder.name == wanting.name or (mode, wanted.mode) == ("host", "host"):
                    continue
                kept = live.replaced(holder) and holder.name in own
                if kept and _publishes(own[holder.name].ports, wanted, mode):
                    continue  # both want it: a rule on the stack alone says so
                said = f"port {wanted.published}/{wanted.protocol} is held by the running service {holder.name}"
                circle = _reached(waits, holder.name) if kept else set()
                if str(wanting.name) in circle:
                    if str(wanting.name) in told:
                        break  # one mistake: two services that swap their ports
                    told |= circle
                    yield Hit(
                        wanted.place,
                        f"{said}, which waits for a port of {wanting.name}: whichever is updated first is refused",
                        "two deploys: one that gives the ports up, one that takes them",
                        severity=certain(wanted.place),
                    )
                elif kept:
                    yield Hit(
                        wanted.place,
                        f"{said}, which gives it up in this deploy: it is luck which one is updated first",
                        "two deploys: one that gives it up, one that takes it",
                        severity=Severity.WARNING,
                    )
                else:
                    yield Hit(
                        wanted.place,
                        f"{said}, {owner(holder.stack)}",
                        "another published port",
                        severity=certain(wanted.place),
                    )
                break


def _waits(live: Live, held: Mapping[tuple[int, str], list[tuple[str, Service]]]) -> dict[str, set[str]]:
    """The services of the stack that run, each with those of them that hold a port which it is to get."""
    there = {service.name for service in live.snapshot.services if live.replaced(service)}
    found: dict[str, set[str]] = {}
    for service in live.stack.services:
        for port in service.ports if service.name in there else ():
            for mode, holder in held.get((port.published, port.protocol), ()):
                if live.replaced(holder) and holder.name != service.name and (mode, port.mode) != ("host", "host"):
                    found.setdefault(str(service.name), set()).add(holder.name)
    return found


def _reached(waits: Mapping[str, set[str]], name: str) -> set[str]:
    """All services for which one waits, and for which those wait in turn."""
    found: set[str] = set()
    todo = [name]
    while todo:
        new = waits.get(todo.pop(), set()) - found
        found |= new
        todo += new
    return found


def _publishes(ports: tuple[Port, ...], wanted: Port, mode: str) -> bool:
    return any((p.published, p.protocol, p.mode) == (wanted.published, wanted.protocol, mode) for p in ports)
