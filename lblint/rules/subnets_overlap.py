"""Two networks of the stack have subnets that overlap.

Managers accept both networks. The second one never gets its addresses, and the tasks of its services stay `New`.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.rules._setting import entries
from lblint.stack import Stack
from lblint.swarm.subnet import Subnet, parse_cidr


@rule(on=Stack, severity=Severity.WARNING, breaks=Breaks.DEPLOY, stage=Stage.TASKS)
def check(stack: Stack) -> Iterator[Hit]:
    known: list[tuple[Subnet, str, str]] = []
    for network in stack.networks.values():
        if network.external or not network.used:
            continue
        for index, pool in entries(network.config, "ipam", "config"):
            text = str((pool or {}).get("subnet") or "")
            subnet = parse_cidr(text)
            if subnet is None:
                continue
            for other, written, key in known:
                if subnet.version == other.version and subnet.overlaps(other):
                    yield Hit(
                        stack.place("networks", network.key, "ipam", "config", index, "subnet"),
                        f'subnet {text} overlaps with {written} of network "{key}": one of the networks gets no '
                        "addresses",
                        "a subnet of its own for each network",
                    )
                    break
            known.append((subnet, text, network.key))
