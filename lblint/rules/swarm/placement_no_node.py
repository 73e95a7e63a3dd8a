"""No node meets the placement constraints of a service.

Asked of a running Swarm (`--live`). The manager accepts the service, and its tasks stay pending: `no suitable node`.
Nodes that meet them, but are drained, paused or down, take no tasks either until that changes.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.rules._nodes import constraints
from lblint.rules._setting import certainty, setting
from lblint.swarm.live import Live
from lblint.swarm.placement import meets


@rule(on=Live, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.TASKS)
def check(live: Live) -> Iterator[Hit]:
    certain = certainty(live.stack)
    for service in live.stack.services:
        read = list(constraints(live, service))
        if not read or not live.snapshot.nodes or setting(service.config, "deploy", "replicas") == 0:
            continue
        nodes = [node for node in live.snapshot.nodes if all(meets(node, one) for _, one in read)]
        if nodes and any(node.takes_tasks for node in nodes):
            continue
        alone = [(at, one) for at, one in read if not any(meets(node, one) for node in live.snapshot.nodes)]
        place, worst = (alone or read)[0]
        said = f"{worst.key} {worst.operator} {worst.value}" if alone or len(read) == 1 else "all of them together"
        if nodes:
            names = ", ".join(sorted(f"{node.hostname} ({_why(node.availability, node.state)})" for node in nodes))
            yield Hit(place, f"only {names} would do, and takes no tasks", severity=Severity.WARNING)
        else:
            yield Hit(
                place,
                f"of {len(live.snapshot.nodes)} nodes none meets {said}",
                "a constraint that some node meets, or docker node update --label-add for a node",
                severity=certain(place),
            )


def _why(availability: str, state: str) -> str:
    return state if availability == "active" else availability
