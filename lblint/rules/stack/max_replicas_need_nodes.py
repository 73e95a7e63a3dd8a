"""A service needs a number of nodes for its replicas.

With max_replicas_per_node the tasks that find no node stay pending: `no suitable node (max replicas per node limit
exceed)`.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Hit, Severity
from lblint.rules import rule
from lblint.rules._setting import setting
from lblint.stack import Stack


@rule(
    on=Stack,
    severity=Severity.INFO,
    consequence="with fewer nodes, the tasks that are left stay pending",
    needs=("max_replicas_per_node",),
)
def check(stack: Stack) -> Iterator[Hit]:
    for service in stack.services:
        most = setting(service.config, "deploy", "placement", "max_replicas_per_node") or 0
        replicas = setting(service.config, "deploy", "replicas") or 0
        nodes = -(-replicas // most) if most else 0
        if nodes > 1:
            yield Hit(
                stack.place("services", service.key, "deploy", "placement", "max_replicas_per_node"),
                f"{replicas} replicas with at most {most} per node need {nodes} nodes that match the constraints",
            )
