"""Services of two stacks get the same name in the Swarm.

A service is called `<stack>_<key>`, and the underscore is all that divides the two: the service `b_c` of a stack `a`
collides with the service `c` of a stack `a_b`. The manager refuses whichever comes second.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.interlock import Ingress
from lblint.rules import rule
from lblint.stack import Service, Stack


@rule(
    on=Ingress,
    severity=Severity.WARNING,
    breaks=Breaks.DEPLOY,
    stage=Stage.MANAGER_SERVICE,
    needs=("ingress.stacks",),
    others=True,
)
def check(ingress: Ingress) -> Iterator[Hit]:
    named: dict[str, tuple[Stack, Service]] = {}
    for stack in ingress.stacks:
        for service in stack.services:
            if service.name is None:
                continue
            other_stack, other = named.setdefault(service.name.lower(), (stack, service))
            if other_stack.name != stack.name:
                yield Hit(
                    service.place.on_key(),
                    f"{service.name} is also the name of the service {other.key} of the stack {other_stack.name} in "
                    f"{other.place.file}",
                    f"another name for {service.key}, or for one of the stacks",
                )
