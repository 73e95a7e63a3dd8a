"""Aliases that multiply: what go-yaml refuses as excessive aliasing.

Source of the facts: go.yaml.in/yaml/v3 decode.go (allowedAliasRatio), the same in the v2 of older clients.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Path
from lblint.source.nodes import MAPPING, SCALAR, Node

_SMALL, _LARGE = 400_000, 4_000_000
"""Nodes decoded: up to the first, 99 % of them may come from aliases; from the second on, 10 %."""


def excessive(root: Node) -> Path | None:
    """The path of the alias at which go-yaml gives up; None where it reads the whole document."""
    return _Count().walk(root, ())


def _children(node: Node) -> Iterator[tuple[str | int, Node]]:
    if node.kind is MAPPING:
        for key, value in node.value:
            step = key.value if key.kind is SCALAR else ""
            yield step, key
            yield step, value
    elif node.kind is not SCALAR:
        yield from enumerate(node.value)


class _Count:
    """go-yaml's two counters: nodes decoded (the document is one), and those of them below an alias."""

    def __init__(self) -> None:
        self.decoded = 1
        self.aliased = 0
        self._totals: dict[int, int] = {}

    def walk(self, node: Node, path: Path) -> Path | None:
        self.decoded += 1
        at = node.start
        for step, child in _children(node):
            if child.start < at:  # written earlier in the text than its elder: it stands for an alias
                below = self._total(child)
                self.decoded += 1 + below
                self.aliased += below
                if self._too_many():
                    return (*path, step)
            else:
                found = self.walk(child, (*path, step))
                if found is not None:
                    return found
                at = max(at, child.end)
        return None

    def _total(self, node: Node) -> int:
        """Nodes below and with this one, aliases expanded."""
        known = self._totals.get(id(node))
        if known is None:
            known, at = 1, node.start
            for _, child in _children(node):
                known += self._total(child) + (child.start < at)
                at = max(at, child.end)
            self._totals[id(node)] = known
        return known

    def _too_many(self) -> bool:
        if self.aliased <= 100 or self.decoded <= 1000:
            return False
        beyond = min(max(self.decoded - _SMALL, 0) / (_LARGE - _SMALL), 1.0)
        return self.aliased / self.decoded > 0.99 - 0.89 * beyond
