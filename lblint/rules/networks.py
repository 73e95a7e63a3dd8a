"""Rules on the networks of a stack by themselves; what the proxy does with them is in ingress_networks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from lblint.finding import Breaks, Hit, Place, Severity, Stage
from lblint.rules import _fixes, rule
from lblint.rules._access import entries, setting
from lblint.stack import Network, Stack
from lblint.stack.docker_versions import client
from lblint.swarm.validators import is_stack_name, name_fault, parse_cidr

if TYPE_CHECKING:
    from ipaddress import IPv4Network, IPv6Network

    Subnet = IPv4Network | IPv6Network


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.CLIENT_MIDWAY)
def undeclared_network(stack: Stack) -> Iterator[Hit]:
    """A service is on a network that the stack does not declare.

    Docker first creates a network of that name, `<stack>_<name>`, and only then finds that it is not declared: it stops
    with all networks, secrets and configs made and no service. Only `default` needs no declaration.
    """
    declared = {key for key, network in stack.networks.items() if network.declared}
    for service in stack.services:
        for attachment in service.networks:
            if attachment.network not in declared and attachment.network != "default":
                yield Hit(
                    attachment.place,
                    f'undefined network "{attachment.network}": docker creates it all the same, and then stops',
                    f"networks: {{{attachment.network}: {{}}}} on the top level, {{external: true}} if it exists",
                    fixes=_fixes.corrected(attachment.place, attachment.network, declared, safe=False),
                )


_PREDEFINED = ("host", "bridge", "none", "default", "ingress", "docker_gwbridge")


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_NETWORK)
def network_name_invalid(stack: Stack) -> Iterator[Hit]:
    """A network would have a name that managers refuse.

    A network is called `<stack>_<key>`, or what its `name` says: at most 63 characters, letters, digits, `-` and `_`, a
    letter or digit at both ends. Names are unique without regard to case, and host, bridge, none, default, ingress and
    docker_gwbridge exist already.
    """
    first: dict[str, tuple[str, str]] = {}
    for network in stack.networks.values():
        if network.external or not network.used:
            continue
        own = str(network.config.get("name") or "")
        if not own and stack.name is not None and not is_stack_name(stack.name):
            continue
        name = own or f"{stack.name or 's'}_{network.key}"
        place = stack.place("networks", network.key, "name") if own else network.place.on_key()
        if network.key == "default" and not network.declared:
            place = next((a.place for s in stack.services for a in s.networks if a.network == "default"), place)
        told = _fault(own, name, first)
        if told:
            yield Hit(place, f'network "{name if stack.name or own else network.key}": {told}', _help(network, own))
        first.setdefault(name.lower(), (name, network.key))


def _fault(own: str, name: str, first: dict[str, tuple[str, str]]) -> str:
    if own in _PREDEFINED:
        return "operation is not permitted on predefined networks, which exist already"
    other = first.get(name.lower())
    if other is not None and other[0] != name:
        return f'name conflicts with an existing object, network "{other[1]}"'
    return name_fault(name)


def _help(network: Network, own: str) -> str:
    if own in ("host", "bridge"):
        return "`external: true` beside the name to use the predefined network"
    return "letters, digits and inner dashes, at most 63 characters" + ("" if own else " with the stack's name")


@rule(on=Stack, severity=Severity.WARNING, consequence="the networks are not apart, though the file has two of them")
def network_name_twice(stack: Stack) -> Iterator[Hit]:
    """Two networks of the stack have one name.

    They are one network: what is written last about its driver or subnet may be lost, and a service on both is attached
    to it twice, with two addresses.
    """
    first: dict[str, str] = {}
    for network in stack.networks.values():
        if network.name is None or not network.used:
            continue
        other = first.setdefault(network.name, network.key)
        if other != network.key:
            yield Hit(
                network.place.on_key(),
                f'network "{network.key}" has the name {network.name}, as network "{other}": they are one',
                "a name of its own for each, or one of them",
            )


_LOCAL = ("bridge", "macvlan", "ipvlan")
_REFUSED = {
    "none": "could not find the corresponding predefined swarm network: network none not found",
    "default": "network default not found",
    "ingress": 'Service cannot be explicitly attached to the ingress network "ingress"',
}


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE)
def network_not_for_services(stack: Stack) -> Iterator[Hit]:
    """A service is on a network that services cannot use.

    Services use networks that are scoped to the Swarm, which of docker's own drivers only overlay makes. A network with
    another driver is created on one node, and then refused by the manager. The external networks none, default and
    ingress are refused, too.
    """
    for network in stack.networks.values():
        if not network.used:
            continue
        if network.external and network.name in _REFUSED:
            yield Hit(
                network.place.on_key(),
                f'external network "{network.name}": {_REFUSED[network.name]}',
                "an overlay network of your own",
            )
        driver = str(network.config.get("driver") or "")
        if not network.external and driver in _LOCAL:
            place = stack.place("networks", network.key, "driver")
            yield Hit(
                place,
                f'driver {driver}: the network "{network.key}" cannot be used with services, only networks scoped to '
                "the swarm can be used",
                "`driver: overlay`, or nothing",
                fixes=_fixes.write(place, "overlay", safe=False),
            )


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_NETWORK)
def network_driver_single(stack: Stack) -> Iterator[Hit]:
    """A network is to be made with a driver that has its one network already.

    There is one `host` network and one `null` network per node, and docker makes them itself.
    """
    for network in stack.networks.values():
        driver = network.config.get("driver")
        if network.used and not network.external and driver in ("host", "null"):
            yield Hit(
                stack.place("networks", network.key, "driver"),
                f'only one instance of "{driver}" network is allowed',
                "`name: host` and `external: true` to use the nodes' own network"
                if driver == "host"
                else "nothing in its place",
            )


_NETWORK_DRIVERS = ("overlay", "bridge", "host", "macvlan", "ipvlan")


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_NETWORK)
def network_driver_as_ipam(stack: Stack) -> Iterator[Hit]:
    """The IPAM driver of a network is a network driver.

    `ipam.driver` names what hands out the addresses: `default`, or a plugin. The kinds of networks (overlay, bridge)
    are named by `driver`, one level up. Managers look for a plugin of that name and refuse the network.
    """
    for network in stack.networks.values():
        driver = setting(network.config, "ipam", "driver")
        if network.used and not network.external and driver in _NETWORK_DRIVERS:
            place = stack.place("networks", network.key, "ipam", "driver")
            yield Hit(
                place,
                f"{driver} hands out no addresses: error during lookup of plugin {driver}",
                "ipam: {driver: default}, or nothing",
                fixes=_fixes.write(place, "default", driver == "overlay" and network.driver == "overlay"),
            )


@rule(
    on=Stack,
    severity=Severity.ERROR,
    breaks=Breaks.DEPLOY,
    stage=Stage.CLIENT_BEFORE,
    consequence="docker stops before it creates anything, but with --prune, services are already removed",
)
def external_network_local(stack: Stack) -> Iterator[Hit]:
    """A service is on an external network that exists on each node by itself.

    The client takes an external network only if it is scoped to the Swarm. docker_gwbridge, which every node of a Swarm
    has, is a local one.
    """
    for network in stack.networks.values():
        if network.external and network.used and network.name == "docker_gwbridge":
            yield Hit(
                network.place.on_key(),
                'network "docker_gwbridge" is declared as external, but it is not in the right scope: "local" instead '
                'of "swarm"',
                "an overlay network of your own",
            )


_KEYS = ("driver", "driver_opts", "ipam", "internal", "attachable", "labels")


@rule(on=Stack, severity=Severity.INFO, consequence="the network stays as it was created")
def external_settings_ignored(stack: Stack) -> Iterator[Hit]:
    """A network is external and has settings as well.

    An external network exists already: its driver, options, labels and subnet stay as they are, and what the file says
    of them is ignored without a word.
    """
    for network in stack.networks.values():
        for key in _KEYS if network.external else ():
            if network.config.get(key):
                place = stack.place("networks", network.key, key)
                yield Hit(
                    place.on_key(),
                    f'{key} of the external network "{network.key}" is ignored',
                    "one of them: the setting, or `external: true`",
                    fixes=_fixes.remove(place, key, safe=False),
                )


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_NETWORK)
def subnet_not_a_cidr(stack: Stack) -> Iterator[Hit]:
    """A subnet is not in CIDR notation.

    A subnet is an address and the length of its prefix, such as 10.20.0.0/24. The daemon refuses anything else; client
    29 drops what it cannot parse without a word, and the network gets another subnet.
    """
    dropped = stack.client_given and client(stack.client).release >= (29, 0)
    for network in stack.networks.values():
        if network.external or not network.used:
            continue
        for index, pool in entries(network.config, "ipam", "config"):
            subnet = str((pool or {}).get("subnet") or "")
            if subnet and parse_cidr(subnet) is None:
                told = "client 29 drops it without a word" if dropped else f"invalid CIDR address: {subnet}"
                yield Hit(
                    stack.place("networks", network.key, "ipam", "config", index, "subnet"),
                    f'subnet "{subnet}": {told}',
                    "an address and a prefix length, such as 10.20.0.0/24",
                    severity=Severity.WARNING if dropped else None,
                    breaks=Breaks.NOTHING if dropped else None,
                )


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.TASKS)
def subnets_overlap(stack: Stack) -> Iterator[Hit]:
    """Two networks of the stack have subnets that overlap.

    Managers accept both networks. The second one never gets its addresses, and the tasks of its services stay `New`.
    """
    subnets = sorted(_subnets(stack), key=lambda one: (one[0].version, int(one[0].network_address), one[0].prefixlen))
    widest: tuple[Subnet, str, str, Place] | None = None
    for one in subnets:
        if widest is None or not _overlap(widest[0], one[0]):
            widest = one
            continue
        _, text, _, place = one
        _, written, key, _ = widest
        yield Hit(
            place,
            f'subnet {text} overlaps with {written} of network "{key}": one of the networks gets no addresses',
            "a subnet of its own for each network",
        )


def _overlap(one: Subnet, other: Subnet) -> bool:
    return one.version == other.version and int(other.network_address) <= int(one.broadcast_address)


def _subnets(stack: Stack) -> Iterator[tuple[Subnet, str, str, Place]]:
    """The subnets of the networks that docker creates: parsed, as written, the network's key, the place."""
    for network in stack.networks.values():
        if network.external or not network.used:
            continue
        for index, pool in entries(network.config, "ipam", "config"):
            text = str((pool or {}).get("subnet") or "")
            subnet = parse_cidr(text)
            if subnet is not None:
                yield (
                    subnet, text, network.key,
                    stack.place("networks", network.key, "ipam", "config", index, "subnet"),
                )  # fmt: skip


@rule(on=Stack, severity=Severity.INFO, consequence="traffic may not be encrypted")
def encrypted_network_unsure(stack: Stack) -> Iterator[Hit]:
    """A network is to be encrypted, which MKE may switch off.

    With `driver_opts: {encrypted: ...}` nodes encrypt the traffic of an overlay network. The ipvs and eBPF modes of MKE
    3.5 to 3.9 switch encrypted overlays off. Whoever runs the cluster knows its mode.
    """
    for network in stack.networks.values():
        options = setting(network.config, "driver_opts")
        if network.used and not network.external and isinstance(options, Mapping) and "encrypted" in options:
            yield Hit(
                stack.place("networks", network.key, "driver_opts", "encrypted").on_key(),
                f'network "{network.key}": MKE does not encrypt it in its ipvs and eBPF modes',
                "ask whoever runs the cluster, or encrypt in the application",
            )
