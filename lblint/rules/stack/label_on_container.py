"""A label of Interlock stands under `labels` of the service, where it becomes a label of the containers.

Interlock reads the labels of services, which stack files write under `deploy: labels:`. Docker accepts both places, so
nothing is said at the deploy, and there is no route.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock import KEYS, PREFIX
from lblint.interlock.names import meant
from lblint.rules import rule
from lblint.stack import Service, Stack

_ROUTING = {PREFIX + "hosts", PREFIX + "port", PREFIX + "default_backend"}


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.ROUTE)
def check(stack: Stack) -> Iterator[Hit]:
    for service in stack.services:
        found = [label for label in service.container_labels if meant(label.key) in KEYS]
        routing = any(label.key in _ROUTING for label in found) and not _routed(service)
        for label in found:
            says = "Interlock reads only those of services"
            if service.label(label.key) is not None:
                says = "the one under deploy counts"
            yield Hit(
                label.key_place,
                f"{label.key} is a label of the containers here: {says}",
                f"deploy:\n  labels:\n    {meant(label.key)}: {_scalar(label.value)}",
                severity=None if routing and label.key in KEYS else Severity.WARNING,
            )


def _routed(service: Service) -> bool:
    return any(label.key in _ROUTING for label in service.labels)


def _scalar(value: str) -> str:
    """A value as it can stand in the map form."""
    return value if value not in ("true", "false", "") else f'"{value}"'
