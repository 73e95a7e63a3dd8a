"""Rules on the addresses and VXLAN IDs that networks of the Swarm have already."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.rules._access import certainty, entries
from lblint.rules._networks import VXLAN, vxlan_ids
from lblint.rules._spelling import owner
from lblint.stack import Network
from lblint.swarm.comparison import Live
from lblint.swarm.model import Network as Running
from lblint.swarm.validators import parse_cidr

if TYPE_CHECKING:
    from ipaddress import IPv4Network, IPv6Network


def _made(live: Live) -> Iterator[Network]:
    """The networks that the deploy creates."""
    there = {found.name for found in live.snapshot.networks if found.stack == live.stack.name}
    for network in live.stack.networks.values():
        if network.used and not network.external and network.name not in there:
            yield network


def _whose(found: Running) -> str:
    return "the ingress network" if found.ingress else f"network {found.name}, {owner(found.stack)}"


@rule(on=Live, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.TASKS)
def subnet_taken(live: Live) -> Iterator[Hit]:
    """A subnet overlaps with that of a network that is there.

    Asked of a running Swarm (`--live`). The manager creates the network, which never gets its addresses: the tasks of
    its services stay `New`. The ingress network has a subnet as well, 10.0.0.0/24 if nothing else was chosen.

    A node that has the subnet in use itself, for example for a network of docker compose, says `Pool overlaps with
    other one on this address space`. `docker network ls` and `docker network inspect` on that node show which network
    has it.
    """
    certain = certainty(live.stack)
    taken = [
        (subnet, text, found)
        for found in live.snapshot.networks
        if found.scope == "swarm" and not found.dying
        for text in found.subnets
        if (subnet := parse_cidr(text)) is not None
    ]
    for network in _made(live):
        for index, pool in entries(network.config, "ipam", "config"):
            text = str((pool or {}).get("subnet") or "")
            wanted = parse_cidr(text) if text else None
            for subnet, other, found in taken if wanted is not None else ():
                if wanted is not None and _overlap(wanted, subnet):
                    place = live.stack.place("networks", network.key, "ipam", "config", index, "subnet")
                    yield Hit(
                        place,
                        f'subnet {text} of network "{network.key}" overlaps with {other} of {_whose(found)}: it gets '
                        "no addresses",
                        "a subnet that no network has, or none: the managers then choose one",
                        severity=certain(place),
                    )
                    break


def _overlap(one: IPv4Network | IPv6Network, other: IPv4Network | IPv6Network) -> bool:
    return one.version == other.version and not (
        int(one.broadcast_address) < int(other.network_address)
        or int(other.broadcast_address) < int(one.network_address)
    )


@rule(on=Live, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.TASKS)
def vxlan_id_taken(live: Live) -> Iterator[Hit]:
    """A VXLAN ID is that of a network that is there.

    Asked of a running Swarm (`--live`). The manager creates the network, which never comes up: the tasks of its
    services stay `New`. Managers give IDs from 4097 on to networks that ask for none.
    """
    certain = certainty(live.stack)
    taken = {
        number.strip(): found
        for found in live.snapshot.networks
        if found.scope == "swarm" and not found.dying
        for number in vxlan_ids(found.options)
    }
    for network in _made(live):
        for number in vxlan_ids(network.config.get("driver_opts") or {}):
            found = taken.get(number.lstrip("+0"))
            if found is not None:
                place = live.stack.place("networks", network.key, "driver_opts", VXLAN)
                yield Hit(
                    place,
                    f'VXLAN ID {number} of network "{network.key}" is that of {_whose(found)}: tasks on it stay New '
                    "for ever",
                    "an ID that no network has, or remove the option",
                    severity=certain(place),
                )
                break
