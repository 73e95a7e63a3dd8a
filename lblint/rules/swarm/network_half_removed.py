"""A network of the stack is being removed.

Asked of a running Swarm (`--live`). After `docker stack rm` a node keeps a network until the last task has left it,
and the proxy leaves it only with its next update. Meanwhile the client takes the network for there and does not make
it, and managers refuse every service that is to join it (`network ... not found`). Wait until `docker network ls` no
longer has it.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.swarm.live import Live


@rule(on=Live, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE)
def check(live: Live) -> Iterator[Hit]:
    dying = {network.name for network in live.snapshot.networks if network.dying and network.stack == live.stack.name}
    for network in live.stack.networks.values():
        if network.used and not network.external and network.name in dying:
            yield Hit(
                network.place.on_key(),
                f"the network {network.name} is being removed: services cannot join it, and it is not made anew",
                f"wait until docker network ls has no {network.name} any more, and deploy then",
            )
