"""A subnet is not in CIDR notation.

A subnet is an address and the length of its prefix, such as 10.20.0.0/24. The daemon refuses anything else; client 29
drops what it cannot parse without a word, and the network gets another subnet.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.rules._setting import entries
from lblint.stack import Stack
from lblint.stack.client import client
from lblint.swarm.subnet import parse_cidr


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_NETWORK, needs=("subnet",))
def check(stack: Stack) -> Iterator[Hit]:
    dropped = client(stack.client).release >= (29, 0)
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
