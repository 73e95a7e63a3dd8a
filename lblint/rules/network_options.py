"""Rules on the options and addresses of networks, which managers take and the network cannot be made with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.lazy_re import pattern
from lblint.rules import rule
from lblint.rules._access import certainty, entries, setting
from lblint.rules._networks import VXLAN, vxlan_ids
from lblint.stack import Service, Stack
from lblint.swarm.validators import parse_cidr

if TYPE_CHECKING:
    from ipaddress import IPv4Network, IPv6Network

    Subnet = IPv4Network | IPv6Network


_MTU = "com.docker.network.driver.mtu"
_MTUS = (118, 65585)
"""What an overlay takes of an MTU besides 0, its default: 50 bytes go to the VXLAN header, and Linux takes 68 to 65535
for what is left."""
_LARGEST_VXLAN = (1 << 24) - 1
_WHOLE = pattern(r"[+-]?[0-9]+")


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.TASKS)
def network_option_invalid(stack: Stack) -> Iterator[Hit]:
    """The MTU or the list of VXLAN IDs of an overlay network cannot be used.

    Managers create the network. With an MTU that is not a number, or that no interface takes, every task on it is
    rejected by its node. With a VXLAN ID that is not a number from 0 to 16777215, or that another network has, the
    network gets no addresses and its tasks stay `New`.
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
                f'{_MTU} "{mtu}" of network "{network.key}" is not a valid MTU: every task on it is rejected',
                f"a number from {_MTUS[0]} to {_MTUS[1]}, such as 1450",
                certain(place),
            )
        place = stack.place("networks", network.key, "driver_opts", VXLAN)
        for text in vxlan_ids(options):
            if not _WHOLE.fullmatch(text) or not 0 <= int(text) <= _LARGEST_VXLAN:
                said = f'"{text}" is not a number from 0 to {_LARGEST_VXLAN}'
            elif int(text) and taken.setdefault(int(text), network.key) != network.key:
                said = f'{text} is that of network "{taken[int(text)]}"'
            else:
                continue
            yield Hit(
                place,
                f'VXLAN ID of network "{network.key}": {said}; tasks on it stay New for ever',
                "numbers that no other network has, separated by commas without spaces; or remove the option",
                certain(place),
            )
            break


def _is_mtu(text: str) -> bool:
    return _WHOLE.fullmatch(text) is not None and (int(text) == 0 or _MTUS[0] <= int(text) <= _MTUS[1])


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.TASKS)
def subnet_too_small(stack: Stack) -> Iterator[Hit]:
    """A subnet has fewer addresses than its network needs.

    Of a subnet, the first and the last address are not used, and the gateway takes one. The network takes one more on
    each node, and one for each of its services (not with `endpoint_mode: dnsrr`); the rest is for tasks. What gets no
    address stays `New` or `Preparing`. A subnet of /31 or /32 has no addresses at all, one of /30 too few for a task.
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
                f'network "{network.key}" has addresses for {fit} {"task" if fit == 1 else "tasks"}, and its services '
                f"have {tasks}: tasks stay New or Preparing for ever",
                f"a larger subnet, such as {_larger(subnets[0][1], addresses + tasks + 4)}",
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


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.TASKS)
def subnet_ipv6_first(stack: Stack) -> Iterator[Hit]:
    """The first subnet of a network is one of IPv6.

    Tasks get their addresses from the first subnet, and a stack cannot switch IPv6 on: every task is rejected by its
    node, `Invalid address … It does not belong to any of this network's subnets`. A subnet of IPv4 must come first; an
    external network can be made with `docker network create --ipv6`.
    """
    for network in stack.networks.values():
        if network.external or not network.used or network.config.get("driver") not in (None, "", "overlay"):
            continue
        for index, pool in entries(network.config, "ipam", "config"):
            text = str((pool or {}).get("subnet") or "")
            subnet = parse_cidr(text) if text else None
            if subnet is None:
                continue
            if subnet.version == 6:
                yield Hit(
                    stack.place("networks", network.key, "ipam", "config", index, "subnet"),
                    f'subnet {text} of network "{network.key}" is one of IPv6: every task on it is rejected',
                    "a subnet of IPv4, or none",
                )
            break
