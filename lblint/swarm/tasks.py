"""The tasks of services: what became of each container, and which containers are of no task.

Source: the Engine API's reference (Task); the states stand in swarmkit's api/types.proto.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from lblint.records import NamedTuple
from lblint.swarm import api_decode
from lblint.swarm.api_decode import OddAnswerError
from lblint.swarm.connection import Swarm
from lblint.swarm.errors import SwarmError
from lblint.swarm.model import STACK_LABEL

OVER = frozenset({"complete", "shutdown", "failed", "rejected", "remove", "orphaned"})
"""States that a task does not leave."""


class Task(NamedTuple):
    """A task. `slot` is its place among the replicas (0 for those that run once per node: `node` tells them apart),
    `desired` the state that the managers want; `error` is what went wrong; `stamp` orders tasks by their creation;
    `iteration` counts the runs of a job, to one of which the task belongs; `since` is when it came to its state."""

    id: str
    service: str
    slot: int = 0
    node: str = ""
    state: str = "running"
    desired: str = "running"
    error: str = ""
    stamp: str = ""
    iteration: int = 0
    since: str = ""

    @property
    def place(self) -> tuple[str, int, str]:
        """What a failed task and the one that replaces it have in common."""
        return self.service, self.slot, "" if self.slot else self.node

    @property
    def age(self) -> float:
        """Seconds from its creation to its state; 0 where the managers do not tell."""
        return max(0.0, seconds(self.since) - seconds(self.stamp)) if self.since and self.stamp else 0.0


def seconds(stamp: str) -> float:
    """A time of the Engine API, which is in UTC, as seconds; 0 for what is none."""
    from datetime import datetime

    try:
        return datetime.fromisoformat(stamp[:19] + "+00:00").timestamp()
    except ValueError:
        return 0.0


def tasks_of_services(swarm: Swarm, services: Collection[str]) -> tuple[Task, ...]:
    """The tasks of services (by id), oldest first. Raises `SwarmError`."""
    return _tasks(swarm, {"service": list(services)}) if services else ()


def tasks_of_stack(swarm: Swarm, stack: str) -> tuple[Task, ...]:
    """The tasks of a stack, also those whose service is gone already. Raises `SwarmError`."""
    return _tasks(swarm, {"label": [f"{STACK_LABEL}={stack}"]})


def service_log(swarm: Swarm, service: str, lines: int) -> str:
    """The last lines of the log of a service's tasks, in no certain order; "" where nobody tells."""
    try:
        with swarm.asking("the log of a service"):
            pieces = swarm.client.service_logs(service, stdout=True, stderr=True, tail=lines, is_tty=False)
            return b"".join(pieces).decode("utf-8", "replace")
    except SwarmError:
        return ""


def _tasks(swarm: Swarm, filters: dict[str, Any]) -> tuple[Task, ...]:
    with swarm.asking("the list of tasks"):
        answer = swarm.client.tasks(filters=filters)
        if answer is None:  # Go's empty list
            return ()
        if not isinstance(answer, list):
            raise OddAnswerError("it is no list")
        return tuple(sorted(map(_task, answer), key=lambda task: (task.stamp, task.id)))


def _task(answer: Any) -> Task:
    status = api_decode.part(answer, "Status")
    return Task(
        id=api_decode.identity(answer),
        service=api_decode.text(answer, "ServiceID"),
        slot=api_decode.number(answer, "Slot"),
        node=api_decode.text(answer, "NodeID"),
        state=api_decode.text(status, "State"),
        desired=api_decode.text(answer, "DesiredState"),
        error=api_decode.text(status, "Err"),
        stamp=api_decode.text(answer, "CreatedAt"),
        iteration=api_decode.number(api_decode.part(answer, "JobIteration"), "Index"),
        since=api_decode.text(status, "Timestamp"),
    )


_TASK = "com.docker.swarm.task.id"


def containers_on(swarm: Swarm, networks: Collection[str]) -> dict[str, tuple[str, ...]]:
    """The networks (by id) that running containers are on which are not tasks, with the names of those, in order.

    A daemon tells of its own node alone. Raises `SwarmError`.
    """
    if not networks:
        return {}
    with swarm.asking("the list of containers"):
        answer = swarm.client.containers(filters={"network": sorted(networks)})
        if answer is None:  # Go's empty list
            return {}
        if not isinstance(answer, list):
            raise OddAnswerError("it is not a list")
        on: dict[str, list[str]] = {}
        for container in answer:
            names = api_decode.words(container, "Names")
            name = names[0].lstrip("/") if names else str(container.get("Id"))[:12]
            joined = api_decode.part(api_decode.part(container, "NetworkSettings"), "Networks")
            for network in {api_decode.text(at, "NetworkID") for at in joined.values()} & set(networks):
                if _TASK not in api_decode.texts(container, "Labels"):
                    on.setdefault(network, []).append(name)
    return {network: tuple(sorted(names)) for network, names in sorted(on.items())}
