"""A service is on an external network that exists on each node by itself.

The client takes an external network only if it is scoped to the Swarm. docker_gwbridge, which every node of a Swarm
has, is a local one.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.stack import Stack


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.CLIENT_BEFORE, needs=("external",))
def check(stack: Stack) -> Iterator[Hit]:
    for network in stack.networks.values():
        if network.external and network.used and network.name == "docker_gwbridge":
            yield Hit(
                network.place.on_key(),
                'network "docker_gwbridge" is declared as external, but it is not in the right scope: "local" instead '
                'of "swarm"',
                "an overlay network of your own",
            )
