"""A network of the stack is there already with other settings, and they stay.

Asked of a running Swarm (`--live`). A network's settings are fixed when it is made: a later deploy with another driver,
subnet, option or label changes nothing, and says nothing. Remove the network for the change to take effect, or give it
another name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lblint.finding import Hit, Severity
from lblint.rules import rule
from lblint.rules._setting import entries, setting
from lblint.stack import Network
from lblint.swarm.live import Live
from lblint.swarm.model import Network as Running
from lblint.swarm.subnet import parse_cidr


@rule(on=Live, severity=Severity.WARNING, consequence="the network stays as it is, and docker does not say so")
def check(live: Live) -> Iterator[Hit]:
    there = {network.name: network for network in live.snapshot.networks if network.stack == live.stack.name}
    for network in live.stack.networks.values():
        found = there.get(network.name or "")
        if network.external or not network.used or found is None or found.dying:
            continue
        for key, wanted, now in _differing(network, found):
            yield Hit(
                live.stack.place("networks", network.key, *key),
                f"{found.name} is there with {now}, and here it has {wanted}",
                "another name for the network, or the stack removed before the deploy",
            )


def _differing(network: Network, found: Running) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Each setting of the file that the network does not have: its path, what is wanted and what there is."""
    config = network.config
    driver = setting(config, "driver")
    if driver and driver != found.driver:
        yield ("driver",), f"driver {driver}", f"driver {found.driver}"
    for flag, now in (("attachable", found.attachable), ("internal", found.internal)):
        wanted = setting(config, flag) is True
        if wanted is not now:
            yield (flag,), f"{flag} {str(wanted).lower()}", f"{flag} {str(now).lower()}"
    for section, existing in (("driver_opts", found.options), ("labels", found.labels)):
        for key, value in _texts(setting(config, section)):
            if existing.get(key) != value:
                said = f'{key} "{existing[key]}"' if key in existing else f"no {key}"
                yield (section, key), f'{key} "{value}"', said
    pools = {str(setting(pool, "subnet")) for _, pool in entries(config, "ipam", "config") if setting(pool, "subnet")}
    if pools and {parse_cidr(pool) for pool in pools} != {parse_cidr(pool) for pool in found.subnets}:
        yield ("ipam", "config"), f"subnet {', '.join(sorted(pools))}", f"subnet {', '.join(sorted(found.subnets))}"


def _texts(value: Any) -> Iterator[tuple[str, str]]:
    yield from ((str(k), str(v)) for k, v in value.items()) if isinstance(value, Mapping) else ()
