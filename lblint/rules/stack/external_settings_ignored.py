"""A network is external and has settings as well.

An external network exists already: its driver, options, labels and subnet stay as they are, and what the file says of
them is ignored without a word.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Hit, Severity
from lblint.rules import rule
from lblint.stack import Stack

_KEYS = ("driver", "driver_opts", "ipam", "internal", "attachable", "labels")


@rule(on=Stack, severity=Severity.INFO, consequence="the network stays as it was created", needs=("external",))
def check(stack: Stack) -> Iterator[Hit]:
    for network in stack.networks.values():
        for key in _KEYS if network.external else ():
            if network.config.get(key):
                from lblint.rules._mend import remove

                place = stack.place("networks", network.key, key)
                yield Hit(
                    place.on_key(),
                    f'{key} of the external network "{network.key}" is ignored',
                    "one of them: the setting, or `external: true`",
                    fixes=remove(place, key, safe=False),
                )
