"""A network of another stack, or one made by hand, has the name already.

Asked of a running Swarm (`--live`). The client takes a network for the stack's own by its label alone; one of the same
name without the label is in the way. To use a network that is there already, declare it as external.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.rules._live import owner
from lblint.swarm.live import Live


@rule(on=Live, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_NETWORK)
def check(live: Live) -> Iterator[Hit]:
    for network in live.stack.networks.values():
        if network.external or not network.used:
            continue
        there = [found for found in live.snapshot.networks if found.name == network.name and found.scope == "swarm"]
        if there and all(found.stack != live.stack.name for found in there):
            yield Hit(
                network.place.on_key(),
                f"the network {network.name} is there already, {owner(there[0].stack)}",
                f"external: true with name: {network.name} to use it, or another name",
            )
