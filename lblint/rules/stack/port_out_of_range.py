"""A port is outside 1 to 65535.

The long syntax is not checked for its range: managers accept the service. With a published port above 65535 its tasks
stay `New` for ever; a target of 0 publishes nothing that can be reached.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.stack import Stack


@rule(on=Stack, severity=Severity.WARNING, breaks=Breaks.DEPLOY, stage=Stage.TASKS, needs=("ports",))
def check(stack: Stack) -> Iterator[Hit]:
    for service in stack.services:
        for port in service.ports:
            if port.published > 65535:
                yield Hit(
                    port.place,
                    f"published port {port.published} is above 65535: the tasks of the service stay New for ever",
                    "a port from 1 to 65535",
                )
            elif not 0 < port.target <= 65535:
                yield Hit(
                    port.place,
                    f"target port {port.target}: there is no such port in a container, nothing answers",
                    "`target`, the port that the container listens on",
                )
