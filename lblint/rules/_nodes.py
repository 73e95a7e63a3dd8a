"""What the rules on nodes share: which of them a service may run on, and how many of its tasks there shall be."""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Place
from lblint.rules._access import entries, setting
from lblint.stack import Service
from lblint.stack.constraint import Constraint, parse_constraint
from lblint.stack.cpus import parse_cpus
from lblint.swarm.live import Live
from lblint.swarm.model import Node
from lblint.swarm.placement import meets
from lblint.swarm.room import Wanted

CONSTRAINTS = ("deploy", "placement", "constraints")
RESERVATIONS = ("deploy", "resources", "reservations")


def constraints(live: Live, service: Service) -> Iterator[tuple[Place, Constraint]]:
    """The constraints with their places, but for those that other rules refuse: of bad grammar or with unknown keys."""
    for index, text in entries(service.config, *CONSTRAINTS):
        read = parse_constraint(text) if isinstance(text, str) else None
        if isinstance(read, Constraint) and read.known:
            yield live.stack.place("services", service.key, *CONSTRAINTS, index), read


def candidates(live: Live, service: Service) -> list[Node]:
    """The nodes that meet all constraints of a service, also those that take no tasks at the moment; none where no
    task is wanted."""
    if setting(service.config, "deploy", "replicas") == 0:
        return []
    read = [constraint for _, constraint in constraints(live, service)]
    return [node for node in live.snapshot.nodes if all(meets(node, one) for one in read)]


def replicas(service: Service) -> int | None:
    """How many tasks shall run side by side; None for those that run once per node, and for jobs."""
    if setting(service.config, "deploy", "mode") not in (None, "", "replicated"):
        return None
    given = setting(service.config, "deploy", "replicas")
    return given if isinstance(given, int) else 1


def wanted(service: Service) -> Wanted:
    """What a task of a service reserves; what other rules refuse counts as nothing."""
    cpus, memory = (setting(service.config, *RESERVATIONS, key) for key in ("cpus", "memory"))
    read = parse_cpus(cpus) if isinstance(cpus, str) else 0
    generic: dict[str, int] = {}
    for _, item in entries(service.config, *RESERVATIONS, "generic_resources"):
        kind, value = (setting(item, "discrete_resource_spec", key) for key in ("kind", "value"))
        if isinstance(kind, str) and isinstance(value, int) and value > 0:
            generic[kind] = generic.get(kind, 0) + value
    return Wanted(
        cpus=read if isinstance(read, int) and read > 0 else 0,
        memory=int(memory) if isinstance(memory, str) and memory.isascii() and memory.isdecimal() else 0,
        generic=generic,
    )


def size(count: int) -> str:
    """Bytes for a message, in the units that a stack file is written with."""
    for unit, shift in (("g", 30), ("m", 20), ("k", 10)):
        if count >= 1 << shift:
            return f"{count / (1 << shift):.4g}{unit}"
    return f"{count}b"
