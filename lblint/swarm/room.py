"""What nodes have for reservations (swarmkit manager/scheduler/filter.go ResourceFilter, api/genericresource)."""

from __future__ import annotations

from collections.abc import Mapping

from lblint.records import NamedTuple
from lblint.swarm.model import Node


class Wanted(NamedTuple):
    """What one task reserves: billionths of a CPU, bytes, and generic resources by their kind."""

    cpus: int = 0
    memory: int = 0
    generic: Mapping[str, int] = {}

    @property
    def nothing(self) -> bool:
        """Whether it may run anywhere."""
        return not (self.cpus or self.memory or self.generic)


def room(node: Node, wanted: Wanted) -> int:
    """How many tasks a node holds that has nothing else to run; `wanted` must want something."""
    parts = [(node.cpus, wanted.cpus), (node.memory, wanted.memory)]
    parts += [(node.generic.get(kind, 0), count) for kind, count in wanted.generic.items()]
    return min(has // wants for has, wants in parts if wants)
