"""Which nodes a service can run on: placement constraints, and room for its reservations.

Source: swarmkit manager/constraint/constraint.go NodeMatches, manager/scheduler/filter.go ResourceFilter,
api/genericresource.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping

from lblint.records import NamedTuple
from lblint.stack.constraint import Constraint
from lblint.swarm.model import Node
from lblint.swarm.name_grammar import parse_cidr


def meets(node: Node, constraint: Constraint) -> bool:
    """Whether a node meets a constraint. Values are compared without case, names of labels with it; a node without the
    label meets `!=` alone; a key that no scheduler knows is met by none."""
    wanted = constraint.operator == "=="
    key = constraint.key.lower()
    plain = {
        "node.id": node.id,
        "node.hostname": node.hostname,
        "node.role": node.role,
        "node.platform.os": node.os,
        "node.platform.arch": node.arch,
    }
    if key in plain:
        return _same(plain[key], constraint.value) is wanted
    if key == "node.ip":
        return _address(node.address, constraint.value) is wanted
    for prefix, labels in (("node.labels.", node.labels), ("engine.labels.", node.engine_labels)):
        if key.startswith(prefix) and len(key) > len(prefix):
            return _same(labels.get(constraint.key[len(prefix) :], ""), constraint.value) is wanted
    return False


def _same(value: str, pattern: str) -> bool:
    return value.casefold() == pattern.casefold()


def _address(address: str, wanted: str) -> bool:
    subnet = parse_cidr(wanted) if "/" in wanted else None
    try:
        own = ipaddress.ip_address(address)
        return own in subnet if subnet else own == ipaddress.ip_address(wanted)
    except ValueError:
        return False


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
