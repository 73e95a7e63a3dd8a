"""The name of an external object is written below `external`.

From schema 3.5 on (volumes: 3.4) the name stands beside it. Docker warns, and does what is meant.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Hit, Severity
from lblint.rules import rule
from lblint.stack import Stack


@rule(on=Stack, severity=Severity.INFO, consequence="it still works")
def check(stack: Stack) -> Iterator[Hit]:
    for fault in stack.faults:
        if fault.kind == "deprecated.external-name":
            kind, key, name = (fault.facts[part] for part in ("kind", "key", "name"))
            yield Hit(
                fault.place,
                f"{kind} {key}: {kind}.external.name is deprecated in favor of {kind}.name",
                f"`external: true` and `name: {name}`",
            )
