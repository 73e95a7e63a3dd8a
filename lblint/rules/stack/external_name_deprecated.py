"""The name of an external object is written below `external`.

From schema 3.5 on (volumes: 3.4) the name stands beside it. Docker warns, and does what is meant.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Edit, Fix, Hit, Place, Severity
from lblint.rules import rule
from lblint.stack import Stack


@rule(on=Stack, severity=Severity.INFO, consequence="it still works", needs=("deprecated.external-name",))
def check(stack: Stack) -> Iterator[Hit]:
    for fault in stack.faults:
        if fault.kind == "deprecated.external-name":
            kind, key, name = (fault.facts[part] for part in ("kind", "key", "name"))
            yield Hit(
                fault.place,
                f"{kind} {key}: {kind}.external.name is deprecated in favor of {kind}.name",
                f"`external: true` and `name: {name}`",
                fixes=_fix(fault.place),
            )


def _fix(place: Place) -> tuple[Fix, ...]:
    """The name one level up."""
    external = Place(place.file, place.path[:-1])
    if place.path[-2:] != ("external", "name"):
        return ()
    around = external.path[:-1]
    return (Fix("write external: true and the name beside it", (Edit("raise", place, True, to=around),)),)
