"""A port that the stack publishes is held by a running service.

Asked of a running Swarm (`--live`). A port of the ingress belongs to one service per protocol, and excludes the same
port in host mode: `port '80' is already in use by service … as an ingress port`, a manager says. A service of the stack
itself counts as well where the files no longer have it: without `--prune` it stays. Where a service of the stack gives
the port up in the same deploy, it is a matter of luck which one is updated first.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.rules._live import owner
from lblint.rules._setting import certainty
from lblint.stack.model import Port
from lblint.swarm.live import Live
from lblint.swarm.model import Service


@rule(on=Live, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE)
def check(live: Live) -> Iterator[Hit]:
    certain = certainty(live.stack)
    held: dict[tuple[int, str], list[tuple[str, Service]]] = {}
    for service in live.snapshot.services:
        for port in service.published:
            held.setdefault((port.published, port.protocol), []).append((port.mode, service))
    own = {service.name: service for service in live.stack.services}
    for wanting in live.stack.services:
        for wanted in wanting.ports:
            for mode, holder in held.get((wanted.published, wanted.protocol), ()):
                if holder.name == wanting.name or (mode, wanted.mode) == ("host", "host"):
                    continue
                kept = live.replaced(holder) and holder.name in own
                if kept and _publishes(own[holder.name].ports, wanted, mode):
                    continue  # both want it: a rule on the stack alone says so
                said = f"port {wanted.published}/{wanted.protocol} is held by the running service {holder.name}"
                if kept:
                    yield Hit(
                        wanted.place,
                        f"{said}, which gives it up in this deploy: it is luck which one is updated first",
                        "two deploys: one that gives it up, one that takes it",
                        severity=Severity.WARNING,
                    )
                else:
                    yield Hit(
                        wanted.place,
                        f"{said}, {owner(holder.stack)}",
                        "another published port",
                        severity=certain(wanted.place),
                    )
                break


def _publishes(ports: tuple[Port, ...], wanted: Port, mode: str) -> bool:
    return any((p.published, p.protocol, p.mode) == (wanted.published, wanted.protocol, mode) for p in ports)
