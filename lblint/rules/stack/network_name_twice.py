"""Two networks of the stack have one name.

They are one network: what is written last about its driver or subnet may be lost, and a service on both is attached
to it twice, with two addresses.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Hit, Severity
from lblint.rules import rule
from lblint.stack import Stack


@rule(
    on=Stack,
    severity=Severity.WARNING,
    consequence="the networks are not apart, though the file has two of them",
    needs=("name", "external"),
)
def check(stack: Stack) -> Iterator[Hit]:
    first: dict[str, str] = {}
    for network in stack.networks.values():
        if network.name is None or not network.used:
            continue
        other = first.setdefault(network.name, network.key)
        if other != network.key:
            yield Hit(
                network.place.on_key(),
                f'network "{network.key}" has the name {network.name}, as network "{other}": they are one',
                "a name of its own for each, or one of them",
            )
