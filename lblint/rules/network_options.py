"""Rules on options and addresses of networks that managers accept and nodes cannot use."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.lazy_re import pattern
from lblint.rules import rule
from lblint.rules._access import VXLAN, certainty, entries, setting, vxlan_ids
from lblint.stack import Service, Stack
from lblint.swarm.name_grammar import parse_cidr

if TYPE_CHECKING:
    from ipaddress import IPv4Network, IPv6Network

    Subnet = IPv4Network | IPv6Network


_MTU = "com.docker.network.driver.mtu"
_MTUS = (118, 65585)
"""The smallest and largest MTU of an overlay, in bytes, besides 0 for the default: the VXLAN header takes 50, and Linux
accepts 68 to 65535 for the rest."""
_LARGEST_VXLAN = (1 << 24) - 1
_WHOLE = pattern(r"[+-]?[0-9]+")


@rule(
    on=Stack,
    severity=Severity.ERROR,
    breaks=Breaks.DEPLOY,
    stage=Stage.TASKS,
    consequence="the deploy is accepted, but no task on this network can run",
)
def network_option_invalid(stack: Stack) -> Iterator[Hit]:
    """The MTU or the VXLAN IDs of an overlay network are invalid.

    Managers still create the network. With an MTU that is not a number, or that no interface accepts, the nodes
    reject every task on the network. A VXLAN ID must be a number from 0 to 16777215 that no other network has.
    Otherwise the network gets no addresses, and its tasks stay `New`. Separate VXLAN IDs with commas, without spaces.
    """
    certain = certainty(stack)
    taken: dict[int, str] = {}
    for network in stack.networks.values():
        if network.external or not network.used or network.config.get("driver") not in (None, "", "overlay"):
            continue
        options = network.config.get("driver_opts") or {}
        place = stack.place("networks", network.key, "driver_opts", _MTU)
        mtu = str(options.get(_MTU) or "") if _MTU in options else "0"
        if not _is_mtu(mtu):
            yield Hit(
                place,
                f'{_MTU} "{mtu}" of network "{network.key}" is not a valid MTU',
                f"write a number from {_MTUS[0]} to {_MTUS[1]}, or 0 for the default",
                certain(place),
            )
        place = stack.place("networks", network.key, "driver_opts", VXLAN)
        ids = vxlan_ids(options)
        for text in ids:
            if not _is_vxlan(text):
                stripped = [other.strip() for other in ids]
                valid = all(map(_is_vxlan, stripped))
                fault = f"is not a number from 0 to {_LARGEST_VXLAN}"
                help = f"write {','.join(stripped)}" if valid else "write numbers separated by commas"
            elif int(text) and taken.setdefault(int(text), network.key) != network.key:
                fault = f'is already used by network "{taken[int(text)]}"'
                help = "write an ID that no other network has"
            else:
                continue
            message = f'VXLAN ID "{text}" of network "{network.key}" {fault}'
            yield Hit(place, message, f"{help}, or remove the option", certain(place))
            break


def _is_vxlan(text: str) -> bool:
    return _WHOLE.fullmatch(text) is not None and 0 <= int(text) <= _LARGEST_VXLAN


def _is_mtu(text: str) -> bool:
    return _WHOLE.fullmatch(text) is not None and (int(text) == 0 or _MTUS[0] <= int(text) <= _MTUS[1])


@rule(
    on=Stack,
    severity=Severity.ERROR,
    breaks=Breaks.DEPLOY,
    stage=Stage.TASKS,
    consequence="the deploy is accepted, but some tasks get no address and never start",
)
def subnet_too_small(stack: Stack) -> Iterator[Hit]:
    """A subnet has fewer addresses than its network needs.

    The first and the last address of a subnet are not used, and the gateway takes one. The network takes one more on
    each node, and one for each of its services (not with `endpoint_mode: dnsrr`). The rest is for tasks. A task without
    an address stays `New` or `Preparing`. A subnet of /31 or /32 has no addresses at all, and one of /30 has too few
    for a task.

    The manager's log says `could not find an available IP`, or `could not find an available IP while allocating VIP`.
    """
    certain = certainty(stack)
    for network in stack.networks.values():
        if network.external or not network.used or network.config.get("driver") not in (None, "", "overlay"):
            continue
        pools = [(at, str((pool or {}).get("subnet") or "")) for at, pool in entries(network.config, "ipam", "config")]
        subnets = [(at, subnet) for at, text in pools if text and (subnet := parse_cidr(text)) is not None]
        if not subnets or len(subnets) < len([text for _, text in pools if text]):
            continue
        if any(subnet.version != 4 for _, subnet in subnets):
            continue  # of a pair, tasks may have theirs from the other one
        place = stack.place("networks", network.key, "ipam", "config", subnets[0][0], "subnet")
        room = sum(max(0, subnet.num_addresses - 3) for _, subnet in subnets) - 1
        users = [s for s in stack.services if any(at.network == network.key for at in s.networks)]
        addresses = sum(_has_address(service) for service in users)
        tasks = sum(_tasks(service) for service in users)
        if tasks and addresses + tasks > room:
            fit = max(0, room - addresses)
            yield Hit(
                place,
                f'network "{network.key}" has addresses for {fit} {"task" if fit == 1 else "tasks"}, but its services '
                f"have {tasks}",
                f"use a larger subnet, such as {_larger(subnets[0][1], addresses + tasks + 4)}",
                certain(place),
            )


def _has_address(service: Service) -> bool:
    return str(setting(service.config, "deploy", "endpoint_mode") or "").lower() != "dnsrr"


def _tasks(service: Service) -> int:
    """How many tasks a service has at least; one where that depends on the nodes, or for a job."""
    replicas = setting(service.config, "deploy", "replicas")
    mode = setting(service.config, "deploy", "mode") or "replicated"
    if mode == "replicated":
        return replicas if isinstance(replicas, int) else 1
    return 0 if replicas == 0 else 1


def _larger(subnet: Subnet, addresses: int) -> str:
    length = max(0, min(24, 32 - (addresses - 1).bit_length()))
    return str(parse_cidr(f"{subnet.network_address}/{length}"))


@rule(
    on=Stack,
    severity=Severity.ERROR,
    breaks=Breaks.DEPLOY,
    stage=Stage.TASKS,
    consequence="the deploy is accepted, but no task on this network can run",
)
def subnet_ipv6_first(stack: Stack) -> Iterator[Hit]:
    """The first subnet of a network is an IPv6 subnet.

    Tasks get their addresses from the first subnet, and a stack cannot enable IPv6. So the nodes reject every task:
    `Invalid address … It does not belong to any of this network's subnets`. Put an IPv4 subnet first. If you need IPv6,
    create the network with `docker network create --ipv6` and declare it as external.
    """
    for network in stack.networks.values():
        if network.external or not network.used or network.config.get("driver") not in (None, "", "overlay"):
            continue
        pools = [(at, str((pool or {}).get("subnet") or "")) for at, pool in entries(network.config, "ipam", "config")]
        subnets = [(at, text, subnet) for at, text in pools if text and (subnet := parse_cidr(text)) is not None]
        if subnets and subnets[0][2].version == 6:
            index, text, _ = subnets[0]
            ipv4 = [other for _, other, subnet in subnets if subnet.version == 4]
            yield Hit(
                stack.place("networks", network.key, "ipam", "config", index, "subnet"),
                f'{text}, the first subnet of network "{network.key}", is an IPv6 subnet',
                f"move {ipv4[0]} before it" if ipv4 else "write an IPv4 subnet, or remove it",
            )
