"""Rules on the networks of a stack; those on what the proxy does with them are in ingress_networks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from lblint.finding import Breaks, Hit, Place, Severity, Stage
from lblint.rules import _fixes, rule
from lblint.rules._access import entries, setting
from lblint.stack import Stack
from lblint.stack.docker_versions import client
from lblint.swarm.name_grammar import is_stack_name, name_fault, parse_cidr

if TYPE_CHECKING:
    from ipaddress import IPv4Network, IPv6Network

    Subnet = IPv4Network | IPv6Network


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.CLIENT_MIDWAY)
def undeclared_network(stack: Stack) -> Iterator[Hit]:
    """A service is on a network that the stack does not declare.

    Docker first creates a network named `<stack>_<name>`, and only then notices that it is not declared. It stops when
    all networks, secrets and configs have been created, and leaves them there. Only `default` needs no declaration.
    """
    declared = {key for key, network in stack.networks.items() if network.declared}
    for service in stack.services:
        for attachment in service.networks:
            if attachment.network not in declared and attachment.network != "default":
                fixes = _fixes.corrected(attachment.place, attachment.network, declared, safe=False)
                yield Hit(
                    attachment.place,
                    f'network "{attachment.network}" is not declared',
                    fixes[0].title if fixes else _declaration(attachment.network),
                    fixes=fixes,
                    docker=f'service {service.key}: undefined network "{attachment.network}"',
                )


def _declaration(key: str) -> str:
    return f"declare it at the top level, with external: true if it already exists\nnetworks:\n  {key}: {{}}"


_PREDEFINED = ("host", "bridge", "none", "default", "ingress", "docker_gwbridge")


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_NETWORK)
def network_name_invalid(stack: Stack) -> Iterator[Hit]:
    """The name of a network is one that managers refuse.

    A network is named `<stack>_<key>`, or by its `name` if that is set. The name has at most 63 characters: letters,
    digits, `-` and `_`, with a letter or digit at both ends. Two names must not differ only in case. The names host,
    bridge, none, default, ingress and docker_gwbridge are taken by docker's own networks.
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
        refusal = name_fault(name)
        other = first.get(name.lower())
        if own in _PREDEFINED:
            message = f'"{own}" is the name of a network that docker creates itself'
            help = "add external: true to use that network" if own in ("host", "bridge") else "write another name"
            yield Hit(place, message, help, docker=_EXISTS.format(own) if own in _CHECKED else "")
        elif other is not None and other[0] != name:
            message = f'the names of the networks "{network.key}" and "{other[1]}" differ only in case'
            help = f"rename {network.key} or {other[1]}"
            yield Hit(place, message, help, docker="name conflicts with an existing object")
        elif refusal:
            from lblint.rules._wording import name_words

            message, help = name_words("network", own or network.key, own or (name if stack.name else ""), refusal)
            yield Hit(place, message, help, docker=refusal)
        first.setdefault(name.lower(), (name, network.key))


_CHECKED = ("host", "bridge", "ingress")
_EXISTS = "network with name {} already exists"


@rule(on=Stack, severity=Severity.WARNING, consequence="docker makes one network of the two")
def network_name_twice(stack: Stack) -> Iterator[Hit]:
    """Two networks of the stack have the same name.

    Docker makes one network of them, with the driver and subnet of the one that it creates first. A service on both is
    attached to it twice, with two addresses.
    """
    first: dict[str, str] = {}
    for network in stack.networks.values():
        if network.name is None or not network.used:
            continue
        other = first.setdefault(network.name, network.key)
        if other != network.key:
            yield Hit(
                network.place.on_key(),
                f'the networks "{network.key}" and "{other}" have the same name, {network.name}',
                f"give {network.key} another name, or use {other} in its place",
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

    Services need a network that is scoped to the Swarm. Of docker's own drivers only overlay creates such networks.
    With another driver the network is created on one node, and then the manager refuses the service. The external
    networks none, default and ingress are refused as well.
    """
    for network in stack.networks.values():
        if not network.used:
            continue
        if network.external and network.name in _REFUSED:
            yield Hit(
                network.place.on_key(),
                f'services cannot use the predefined network "{network.name}"',
                "use an overlay network instead",
                docker=_REFUSED[network.name],
            )
        driver = str(network.config.get("driver") or "")
        if not network.external and driver in _LOCAL:
            place = stack.place("networks", network.key, "driver")
            fixes = _fixes.write(place, "overlay", safe=False)
            yield Hit(
                place,
                f'services cannot use network "{network.key}", because its driver is {driver}',
                fixes[0].title,
                fixes=fixes,
                docker=f"The network {network.name or f'<stack>_{network.key}'} cannot be used with services. "
                "Only networks scoped to the swarm can be used, such as those created with the overlay driver.",
            )


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_NETWORK)
def network_driver_single(stack: Stack) -> Iterator[Hit]:
    """A network has a driver that allows only one network.

    Each node has one network with the driver `host` and one with `null`. Docker creates both itself, and the manager
    refuses another one.
    """
    for network in stack.networks.values():
        driver = network.config.get("driver")
        if network.used and not network.external and driver in ("host", "null"):
            yield Hit(
                stack.place("networks", network.key, "driver"),
                f'network "{network.key}" cannot be created, because docker has the only {driver} network',
                "replace driver with external: true and name: host" if driver == "host" else "remove driver",
                docker=f'only one instance of "{driver}" network is allowed',
            )


_NETWORK_DRIVERS = ("overlay", "bridge", "host", "macvlan", "ipvlan")


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_NETWORK)
def network_driver_as_ipam(stack: Stack) -> Iterator[Hit]:
    """The IPAM driver of a network is a network driver.

    `ipam.driver` names the driver that assigns addresses: `default`, or a plugin. The network's own driver, such as
    overlay or bridge, belongs into `driver`, one level up. Managers look for an IPAM plugin of that name, do not find
    it, and refuse the network.
    """
    for network in stack.networks.values():
        driver = setting(network.config, "ipam", "driver")
        if network.used and not network.external and driver in _NETWORK_DRIVERS:
            place = stack.place("networks", network.key, "ipam", "driver")
            fixes = _fixes.write(place, "default", driver == "overlay" and network.driver == "overlay")
            yield Hit(
                place,
                f"{driver} is a network driver, not an IPAM driver",
                fixes[0].title,
                fixes=fixes,
                docker=f"error during lookup of plugin {driver}",
            )


@rule(
    on=Stack,
    severity=Severity.ERROR,
    breaks=Breaks.DEPLOY,
    stage=Stage.CLIENT_BEFORE,
    consequence="docker stops before it creates anything, but --prune may already have removed services",
)
def external_network_local(stack: Stack) -> Iterator[Hit]:
    """A service is on an external network that is local to each node.

    The client accepts an external network only if it is scoped to the Swarm. Every node has a network docker_gwbridge,
    but it is a local one.
    """
    for network in stack.networks.values():
        if network.external and network.used and network.name == "docker_gwbridge":
            yield Hit(
                network.place.on_key(),
                'the external network "docker_gwbridge" is local to each node, and services need one of the Swarm',
                "use an overlay network instead",
                docker='network "docker_gwbridge" is declared as external, but it is not in the right scope: '
                '"local" instead of "swarm"',
            )


_KEYS = ("driver", "driver_opts", "ipam", "internal", "attachable", "labels")


@rule(on=Stack, severity=Severity.INFO, consequence="the network stays as it was created")
def external_settings_ignored(stack: Stack) -> Iterator[Hit]:
    """An external network has settings, which docker ignores.

    An external network already exists. Its driver, options, labels and subnet stay as they are, and docker ignores
    these settings in the file without a warning.
    """
    for network in stack.networks.values():
        for key in _KEYS if network.external else ():
            if network.config.get(key):
                place = stack.place("networks", network.key, key)
                fixes = _fixes.remove(place, key, safe=False)
                message = f'docker ignores {key} of the external network "{network.key}"'
                yield Hit(place.on_key(), message, fixes[0].title, fixes=fixes)


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_NETWORK)
def subnet_not_a_cidr(stack: Stack) -> Iterator[Hit]:
    """A subnet is not in CIDR notation.

    A subnet is an address and the length of its prefix, such as 10.20.0.0/24. The manager refuses anything else. Docker
    clients from 29.0 on drop what they cannot parse without a warning, and the network gets another subnet.
    """
    dropped = stack.client_given and client(stack.client).release >= (29, 0)
    for network in stack.networks.values():
        if network.external or not network.used:
            continue
        for index, pool in entries(network.config, "ipam", "config"):
            subnet = str((pool or {}).get("subnet") or "")
            if subnet and parse_cidr(subnet) is None:
                message = f'subnet "{subnet}" is not in CIDR notation'
                yield Hit(
                    stack.place("networks", network.key, "ipam", "config", index, "subnet"),
                    f"{message}; docker clients from 29.0 on drop it" if dropped else message,
                    _cidr_help(subnet),
                    severity=Severity.WARNING if dropped else None,
                    breaks=Breaks.NOTHING if dropped else None,
                    docker="" if dropped else f"invalid CIDR address: {subnet}",
                )


def _cidr_help(text: str) -> str:
    """What to write in the place of a subnet that is not in CIDR notation, from the user's own digits."""
    address, slash, length = text.strip().partition("/")
    largest, usual = (128, 64) if ":" in address else (32, 24)
    padded = address + ".0" * (3 - address.count("."))
    if slash and parse_cidr(f"{padded}/{length}") is not None:
        return f"write {padded}/{length}"
    if parse_cidr(f"{address}/{usual}") is not None:
        return (
            f"write a prefix length from 1 to {largest}" if slash else f"add a prefix length, such as {address}/{usual}"
        )
    return "write an address and a prefix length, such as 10.20.0.0/24"


@rule(
    on=Stack,
    severity=Severity.ERROR,
    breaks=Breaks.DEPLOY,
    stage=Stage.TASKS,
    consequence="the deploy is accepted, but one of the networks gets no addresses, and its tasks cannot run",
)
def subnets_overlap(stack: Stack) -> Iterator[Hit]:
    """Two networks of the stack have subnets that overlap.

    Managers accept both networks. The second one never gets its addresses, and the tasks of its services stay `New`.
    """
    subnets = sorted(
        _subnets(stack), key=lambda entry: (entry[0].version, int(entry[0].network_address), entry[0].prefixlen)
    )
    widest: tuple[Subnet, str, str, Place] | None = None
    for entry in subnets:
        if widest is None or not _overlap(widest[0], entry[0]):
            widest = entry
            continue
        _, text, own, place = entry
        _, wider, key, _ = widest
        yield Hit(
            place,
            f'subnet {text} of network "{own}" overlaps with {wider} of network "{key}"',
            f"change the subnet of {own} or {key}" if own != key else f"change {text} or {wider}",
        )


def _overlap(first: Subnet, other: Subnet) -> bool:
    return first.version == other.version and int(other.network_address) <= int(first.broadcast_address)


def _subnets(stack: Stack) -> Iterator[tuple[Subnet, str, str, Place]]:
    """Yield the subnets of the networks that docker creates: parsed, as written, the network's key, the place."""
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
    """A network is encrypted, which some modes of MKE switch off.

    With `driver_opts: {encrypted: ...}` nodes encrypt the traffic of an overlay network. The ipvs and eBPF modes of MKE
    3.5 to 3.9 switch encrypted overlays off. Whoever runs the cluster knows its mode.
    """
    for network in stack.networks.values():
        options = setting(network.config, "driver_opts")
        if network.used and not network.external and isinstance(options, Mapping) and "encrypted" in options:
            yield Hit(
                stack.place("networks", network.key, "driver_opts", "encrypted").on_key(),
                f'MKE does not encrypt network "{network.key}" in its ipvs and eBPF modes',
                "ask whoever runs the cluster for its mode, or encrypt in the application",
            )
