"""Two services of the stack publish one port.

A port of the ingress belongs to one service per protocol, and cannot be published in host mode by another either.
Services are created in random order, so either of them may be the one that is missing afterwards. Two services may
share a port where both publish it in host mode: the scheduler puts them on different nodes.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Place, Severity, Stage
from lblint.rules import rule
from lblint.stack import Stack


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE, needs=("ports",))
def check(stack: Stack) -> Iterator[Hit]:
    owners: dict[tuple[int, str], dict[str, str]] = {}
    said: set[tuple[Place, str]] = set()
    for service in stack.services:
        for port in service.ports:
            if not port.published:
                continue
            key = (port.published, port.protocol)
            mode = port.mode
            known = owners.setdefault(key, {})
            for other_mode in ("ingress", "host"):
                other = known.get(other_mode)
                if other is None or other == service.key or (mode, other_mode) == ("host", "host"):
                    continue
                if (port.place, other) not in said:
                    said.add((port.place, other))
                    kind = "an ingress port" if other_mode == "ingress" else "a host-published port"
                    yield Hit(
                        port.place,
                        f"port {port.published}/{key[1]} is already in use by service '{other}' as {kind}",
                        "another published port",
                    )
                break
            known.setdefault(mode, service.key)
