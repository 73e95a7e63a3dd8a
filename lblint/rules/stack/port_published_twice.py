"""A service publishes one port twice.

Within a service a published port may stand once per protocol; ingress and host mode count together.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Place, Severity, Stage
from lblint.rules import rule
from lblint.stack import Stack


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE, needs=("ports",))
def check(stack: Stack) -> Iterator[Hit]:
    for service in stack.services:
        first: set[tuple[int, str]] = set()
        said: set[Place] = set()
        for port in service.ports:
            key = (port.published, port.protocol)
            if port.published and key in first and port.place not in said:
                said.add(port.place)
                yield Hit(
                    port.place,
                    f"published port {port.published}/{key[1]} stands twice: duplicate published ports provided",
                    "another published port for each target",
                )
            first.add(key)
