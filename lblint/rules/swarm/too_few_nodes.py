"""A service has more replicas than its nodes may take.

Asked of a running Swarm (`--live`). With `max_replicas_per_node` each node takes so many tasks of the service, and with
a port that is published in host mode only one. The manager accepts it, and the tasks that are left stay pending: `no
suitable node (max replicas per node limit exceed)` or `(host-mode port already in use)`. The nodes are those that meet
the constraints of the service; where only those that are drained, paused or down would make it enough, it is a warning.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Place, Severity, Stage
from lblint.rules import rule
from lblint.rules._nodes import candidates, replicas
from lblint.rules._setting import certainty, setting
from lblint.stack import Service
from lblint.swarm.live import Live

_PATH = ("deploy", "placement", "max_replicas_per_node")


@rule(on=Live, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.TASKS)
def check(live: Live) -> Iterator[Hit]:
    certain = certainty(live.stack)
    for service in live.stack.services:
        tasks, nodes = replicas(service), candidates(live, service)
        limit, place, because = _limit(live, service)
        ready = sum(node.takes_tasks for node in nodes)
        if tasks is None or not nodes or not limit:
            continue
        all_nodes = f"{len(nodes)} {'node' if len(nodes) == 1 else 'nodes'}"
        if tasks > limit * len(nodes):
            help = f"replicas: {limit * len(nodes)}, or more nodes"
            yield Hit(place, f"{tasks} replicas, {because}, and {all_nodes}", help, severity=certain(place))
        elif ready and tasks > limit * ready:  # with none that is ready, nothing runs at all
            yield Hit(
                place,
                f"{tasks} replicas, {because}, and {ready} of {all_nodes} {'takes' if ready == 1 else 'take'} tasks",
                f"replicas: {limit * ready}, or the other nodes made active",
                severity=Severity.WARNING,
            )


def _limit(live: Live, service: Service) -> tuple[int, Place, str]:
    """How many tasks a node takes at most (0 for any number), where that is written, and how it is told."""
    for port in service.ports:
        if port.mode == "host" and port.published:
            return 1, port.place, f"each of which needs port {port.published} of its node"
    most = setting(service.config, *_PATH) or 0
    return most, live.stack.place("services", service.key, *_PATH), f"at most {most} per node"
