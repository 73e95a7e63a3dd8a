"""A service reserves more than any node has, or more than all nodes have together.

Asked of a running Swarm (`--live`). The manager accepts it, and its tasks stay pending: `no suitable node (insufficient
resources)`. The nodes are those that meet the constraints of the service, as if nothing else ran on them: what other
services have reserved is not counted here. Generic resources are those that a node is told to have
(`node-generic-resources` of dockerd).
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.rules._nodes import RESERVATIONS, candidates, replicas, size, wanted
from lblint.rules._setting import certainty, entries, setting
from lblint.stack import Service
from lblint.swarm.live import Live
from lblint.swarm.model import Node
from lblint.swarm.room import Wanted, room


@rule(on=Live, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.TASKS)
def check(live: Live) -> Iterator[Hit]:
    certain = certainty(live.stack)
    for service in live.stack.services:
        wants = wanted(service)
        nodes = [] if wants.nothing else candidates(live, service)
        if not nodes or not all(node.cpus and node.memory for node in nodes):
            continue  # none, or some do not tell what they have
        alone = list(_alone(live, service, wants, nodes))
        for hit in alone or _together(live, service, wants, nodes):
            yield hit._replace(severity=certain(hit.place))


def _alone(live: Live, service: Service, wants: Wanted, nodes: list[Node]) -> Iterator[Hit]:
    """What is too much for every node by itself."""
    place = live.stack.place("services", service.key, *RESERVATIONS)
    which = "the largest node" if len(nodes) == len(live.snapshot.nodes) else "the largest node that it may run on"
    cpus, memory = max(node.cpus for node in nodes), max(node.memory for node in nodes)
    if wants.cpus > cpus:
        text, has = setting(service.config, *RESERVATIONS, "cpus"), f"{cpus / 1e9:g}"
        yield Hit(
            place.child("cpus"),
            f"cpus: {text} reserved, and {which} has {has}",
            f"at most {has}, with room for what else runs there",
        )
    if wants.memory > memory:
        yield Hit(
            place.child("memory"),
            f"memory: {size(wants.memory)} reserved, and {which} has {size(memory)}",
            f"at most {size(memory)}, with room for what else runs there",
        )
    for index, item in entries(service.config, *RESERVATIONS, "generic_resources"):
        kind = setting(item, "discrete_resource_spec", "kind")
        most = max(node.generic.get(kind, 0) for node in nodes)
        if wants.generic.get(kind, 0) > most:
            found = f"{which} has {most}" if most else "no node has any"
            yield Hit(
                place.child("generic_resources", index),
                f'{wants.generic[kind]} of "{kind}" reserved, and {found}',
                f"at most {most}" if most else f"node-generic-resources with {kind} in the daemon.json of a node",
            )


def _together(live: Live, service: Service, wants: Wanted, nodes: list[Node]) -> Iterator[Hit]:
    """What each by itself is somewhere, and is not on one node, or not for all tasks."""
    place = live.stack.place("services", service.key, *RESERVATIONS)
    fit = sum(room(node, wants) for node in nodes)
    tasks = replicas(service)
    if not fit:
        yield Hit(place, "no single node has all that is reserved here", "what one node has")
    elif tasks is not None and tasks > fit:
        many = "1 node" if len(nodes) == 1 else f"{len(nodes)} nodes"
        yield Hit(
            place,
            f"with what they reserve, {fit} of {tasks} tasks fit on {many}, even if nothing else runs there",
            f"replicas: {fit}, or less reserved",
        )
