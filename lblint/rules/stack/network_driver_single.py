"""A network is to be made with a driver that has its one network already.

There is one `host` network and one `null` network per node, and docker makes them itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.stack import Stack


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_NETWORK, needs=("driver",))
def check(stack: Stack) -> Iterator[Hit]:
    for network in stack.networks.values():
        driver = network.config.get("driver")
        if network.used and not network.external and driver in ("host", "null"):
            yield Hit(
                stack.place("networks", network.key, "driver"),
                f'only one instance of "{driver}" network is allowed',
                "`name: host` and `external: true` to use the nodes' own network"
                if driver == "host"
                else "nothing in its place",
            )
