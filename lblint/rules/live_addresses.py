"""Rules on the addresses and VXLAN IDs of the networks that the Swarm already has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.rules._access import VXLAN, certainty, entries, vxlan_ids
from lblint.rules._wording import owner
from lblint.stack import Network
from lblint.swarm.comparison import Live
from lblint.swarm.model import Network as Running
from lblint.swarm.name_grammar import parse_cidr

if TYPE_CHECKING:
    from ipaddress import IPv4Network, IPv6Network


def _made(live: Live) -> Iterator[Network]:
    """Yield the networks that the deploy creates."""
    existing = {network.name for network in live.snapshot.networks if network.stack == live.stack.name}
    for network in live.stack.networks.values():
        if network.used and not network.external and network.name not in existing:
            yield network


def _description(network: Running) -> str:
    return "the ingress network" if network.ingress else f"network {network.name}, {owner(network.stack)}"


_STAY_NEW = "the deploy is accepted, but tasks on this network stay in the state New"


@rule(on=Live, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.TASKS, consequence=_STAY_NEW)
def subnet_taken(live: Live) -> Iterator[Hit]:
    """A subnet overlaps with the subnet of an existing network.

    Needs a running Swarm (`--live`). The manager creates the network, but never gives it addresses, and the tasks of
    its services stay in the state `New`. The ingress network has a subnet as well: 10.0.0.0/24, unless another one was
    chosen.

    A node that has the subnet in use itself, for example for a network of docker compose, says `Pool overlaps with
    other one on this address space`. `docker network ls` and `docker network inspect` on that node show which network
    has it.
    """
    certain = certainty(live.stack)
    taken = [
        (subnet, text, existing)
        for existing in live.snapshot.networks
        if existing.scope == "swarm" and not existing.dying
        for text in existing.subnets
        if (subnet := parse_cidr(text)) is not None
    ]
    for network in _made(live):
        for index, pool in entries(network.config, "ipam", "config"):
            text = str((pool or {}).get("subnet") or "")
            wanted = parse_cidr(text) if text else None
            for subnet, other, existing in taken if wanted is not None else ():
                if wanted is not None and _overlap(wanted, subnet):
                    place = live.stack.place("networks", network.key, "ipam", "config", index, "subnet")
                    yield Hit(
                        place,
                        f"subnet {text} of network {network.key} overlaps with {other} of {_description(existing)}",
                        "write a subnet that no network has, or remove it to let the managers choose one",
                        severity=certain(place),
                    )
                    break


def _overlap(first: IPv4Network | IPv6Network, other: IPv4Network | IPv6Network) -> bool:
    return first.version == other.version and not (
        int(first.broadcast_address) < int(other.network_address)
        or int(other.broadcast_address) < int(first.network_address)
    )


@rule(on=Live, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.TASKS, consequence=_STAY_NEW)
def vxlan_id_taken(live: Live) -> Iterator[Hit]:
    """An existing network already has this VXLAN ID.

    Needs a running Swarm (`--live`). The manager creates the network, but it never becomes usable, and the tasks of its
    services stay in the state `New`. Networks without the option get IDs from 4097 on.
    """
    certain = certainty(live.stack)
    taken = {
        number.strip(): existing
        for existing in live.snapshot.networks
        if existing.scope == "swarm" and not existing.dying
        for number in vxlan_ids(existing.options)
    }
    for network in _made(live):
        for number in vxlan_ids(network.config.get("driver_opts") or {}):
            existing = taken.get(number.lstrip("+0"))
            if existing is not None:
                place = live.stack.place("networks", network.key, "driver_opts", VXLAN)
                yield Hit(
                    place,
                    f"VXLAN ID {number} of network {network.key} is already used by {_description(existing)}",
                    "write an ID that no network has, or remove the option",
                    severity=certain(place),
                )
                break
