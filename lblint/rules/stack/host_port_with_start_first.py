"""A service with a port in host mode is updated start-first.

The new task needs the port of its node while the old one still holds it. Unless there is a free node, it stays pending
on `host-mode port already in use`, and the update hangs in `updating`.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.rules._setting import setting
from lblint.stack import Stack


@rule(
    on=Stack,
    severity=Severity.WARNING,
    breaks=Breaks.DEPLOY,
    stage=Stage.TASKS,
    consequence="the first deploy works, an update of the service may hang",
    needs=("order",),
)
def check(stack: Stack) -> Iterator[Hit]:
    for service in stack.services:
        held = [port.published for port in service.ports if port.published and port.mode == "host"]
        for part in ("update_config", "rollback_config"):
            if held and setting(service.config, "deploy", part, "order") == "start-first":
                from lblint.rules._mend import write

                place = stack.place("services", service.key, "deploy", part, "order")
                yield Hit(
                    place,
                    f"start-first with port {held[0]} in host mode: the new task waits for the port of the old one",
                    "`order: stop-first`",
                    fixes=write(place, "stop-first", safe=False),
                )
