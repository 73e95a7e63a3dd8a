"""The containers that somebody attached to a network by hand, on the node that is asked.

Source: the Engine API's reference (ContainerSummary); a container of a task bears the label `com.docker.swarm.task.id`.
"""

from __future__ import annotations

from collections.abc import Collection

from lblint.swarm import api_decode
from lblint.swarm.api_decode import OddAnswerError
from lblint.swarm.connection import Swarm

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
