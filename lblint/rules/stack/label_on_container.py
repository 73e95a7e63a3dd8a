"""A label of Interlock stands under `labels` of the service, where it becomes a label of the containers.

Interlock reads the labels of services, which stack files write under `deploy: labels:`. Docker accepts both places, so
nothing is said at the deploy, and there is no route.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Edit, Fix, Hit, Severity
from lblint.interlock import KEYS, PREFIX
from lblint.interlock.names import meant
from lblint.rules import rule
from lblint.stack import Label, Service, Stack

_ROUTING = {PREFIX + "hosts", PREFIX + "port", PREFIX + "default_backend"}


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.ROUTE)
def check(stack: Stack) -> Iterator[Hit]:
    for service in stack.services:
        found = [label for label in service.container_labels if meant(label.key) in KEYS]
        routing = any(label.key in _ROUTING for label in found) and not _routed(service)
        fixes = _moved(service, found, _routed(service) or any(meant(label.key) in _ROUTING for label in found))
        for label in found:
            twin = service.label(label.key)
            says = "Interlock reads only those of services"
            if twin is not None:
                says = "the one under deploy counts"
            yield Hit(
                label.key_place,
                f"{label.key} is a label of the containers here: {says}",
                f"deploy:\n  labels:\n    {meant(label.key)}: {_scalar(label.value)}",
                severity=None if routing and label.key in KEYS else Severity.WARNING,
                fixes=fixes if twin is None else _removed(label, twin),
            )


def _moved(service: Service, found: list[Label], safe: bool) -> tuple[Fix, ...]:
    """All of them together, below `deploy`, but for those that are there. Without a route it may be no stack at all."""
    places = [label.place._replace(chars=None) for label in found if service.label(label.key) is None]
    edits = [Edit("move", place, to=(*place.path[:2], "deploy", "labels")) for place in places]
    title = "move it below deploy.labels" if len(edits) == 1 else f"move all {len(edits)} below deploy.labels"
    return (Fix(title, tuple(edits), safe),) if edits else ()


def _removed(label: Label, twin: Label) -> tuple[Fix, ...]:
    """The one that does nothing taken away, where it says the same as the other."""
    place = label.place._replace(chars=None)
    return (Fix("remove it here", (Edit("remove", place),)),) if label.value == twin.value else ()


def _routed(service: Service) -> bool:
    return any(label.key in _ROUTING for label in service.labels)


def _scalar(value: str) -> str:
    """A value as it can stand in the map form."""
    return value if value not in ("true", "false", "") else f'"{value}"'
