"""The IPAM driver of a network is a network driver.

`ipam.driver` names what hands out the addresses: `default`, or a plugin. The kinds of networks (overlay, bridge) are
named by `driver`, one level up. Managers look for a plugin of that name and refuse the network.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.rules._setting import setting
from lblint.stack import Stack

_NETWORK_DRIVERS = ("overlay", "bridge", "host", "macvlan", "ipvlan")


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_NETWORK, needs=("ipam",))
def check(stack: Stack) -> Iterator[Hit]:
    for network in stack.networks.values():
        driver = setting(network.config, "ipam", "driver")
        if network.used and not network.external and driver in _NETWORK_DRIVERS:
            from lblint.rules._mend import write

            place = stack.place("networks", network.key, "ipam", "driver")
            yield Hit(
                place,
                f"{driver} hands out no addresses: error during lookup of plugin {driver}",
                "ipam: {driver: default}, or nothing",
                fixes=write(place, "default", driver == "overlay" and network.driver == "overlay"),
            )
