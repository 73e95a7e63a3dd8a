"""A service reserves more than it may use.

Managers accept it: the service gets a node with that much to spare and may use only what the limit says.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Hit, Severity
from lblint.rules import rule
from lblint.rules._setting import setting
from lblint.stack import Stack
from lblint.stack.cpus import parse_cpus


@rule(
    on=Stack,
    severity=Severity.WARNING,
    consequence="nodes are kept free for what the service may not use",
    needs=("reservations",),
)
def check(stack: Stack) -> Iterator[Hit]:
    for service in stack.services:
        for key in ("cpus", "memory"):
            limit = setting(service.config, "deploy", "resources", "limits", key)
            kept = setting(service.config, "deploy", "resources", "reservations", key)
            if _amount(kept) > _amount(limit) > 0:
                unit = " bytes" if key == "memory" else ""
                yield Hit(
                    stack.place("services", service.key, "deploy", "resources", "reservations", key),
                    f"{key}: {kept}{unit} reserved, {limit}{unit} allowed by the limit",
                    "at most what the limit allows",
                )


def _amount(text: str | None) -> int:
    """A number of CPUs or bytes, to compare with another one; 0 where there is none."""
    read = parse_cpus(text) if text else 0
    return read if isinstance(read, int) else 0
