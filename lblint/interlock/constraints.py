"""Placement constraints of extensions and proxies: on which nodes they can run."""

from __future__ import annotations

from collections.abc import Iterable

from lblint.stack.constraint import Constraint, parse_constraint


def read(texts: Iterable[str]) -> list[Constraint]:
    """The constraints that a manager can read."""
    return [found for text in texts if isinstance(found := parse_constraint(text), Constraint)]


def apart(one: Iterable[str], other: Iterable[str]) -> bool:
    """Whether no node fulfils both lists: one wants a value that the other excludes, by asking for another or for any
    but that. Keys and values are compared without case (swarmkit constraint.NodeMatches)."""
    known: dict[str, tuple[set[str], set[str]]] = {}
    for constraint in read(one):
        wanted, excluded = known.setdefault(constraint.key.lower(), (set(), set()))
        (wanted if constraint.operator == "==" else excluded).add(constraint.value.lower())
    for constraint in read(other):
        wanted, excluded = known.get(constraint.key.lower(), (set[str](), set[str]()))
        value = constraint.value.lower()
        if value in excluded if constraint.operator == "==" else value in wanted:
            return True
        if constraint.operator == "==" and wanted - {value}:
            return True
    return False
