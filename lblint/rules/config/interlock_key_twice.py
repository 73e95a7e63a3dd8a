"""Two keys of one table in Interlock's config that differ in case alone.

Interlock matches keys without regard to case, so that both set the same; which of the two it takes is not documented.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock.config import InterlockConfig
from lblint.rules import rule


@rule(
    on=InterlockConfig,
    severity=Severity.WARNING,
    breaks=Breaks.NOTHING,
    consequence="one of the two values is lost, and nobody says which",
)
def check(config: InterlockConfig) -> Iterator[Hit]:
    for fault in config.faults:
        if fault.kind == "config.twice":
            key, other = fault.facts["key"], fault.facts["other"]
            says = f"{key} is the same key as {other} above: case makes no difference"
            yield Hit(fault.place, says, "one of the two")
