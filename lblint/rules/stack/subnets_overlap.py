"""Two networks of the stack have subnets that overlap.

Managers accept both networks. The second one never gets its addresses, and the tasks of its services stay `New`.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Place, Severity, Stage
from lblint.rules import rule
from lblint.rules._setting import entries
from lblint.stack import Stack
from lblint.swarm.subnet import Subnet, parse_cidr


@rule(on=Stack, severity=Severity.WARNING, breaks=Breaks.DEPLOY, stage=Stage.TASKS, needs=("subnet",))
def check(stack: Stack) -> Iterator[Hit]:
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
