"""A service has labels of Interlock, but neither hosts nor default_backend.

A route begins with the host names that it is for; without them Interlock makes none, and the other labels say nothing.
Only a default backend, which takes what no other host does, goes without.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock import KEYS, PREFIX
from lblint.interlock.names import held, meant
from lblint.rules import rule
from lblint.stack import Stack

_NAMING = {PREFIX + "hosts", PREFIX + "default_backend"}


@rule(on=Stack, severity=Severity.WARNING, breaks=Breaks.ROUTE)
def check(stack: Stack) -> Iterator[Hit]:
    for service in stack.services:
        labels = [label for label in service.labels if label.key in KEYS]
        named = any((held(label.key) or (meant(label.key),))[0] in _NAMING for label in service.labels)
        inner = any(label.key == "labels" for label in service.labels)  # the hosts may stand below it
        beside = any(meant(label.key) in _NAMING for label in service.container_labels)
        if labels and not (named or inner or beside):
            first = next((label for label in labels if label.key == PREFIX + "port"), labels[0])
            yield Hit(
                first.key_place,
                f"{service.key} has {first.key}, but no {PREFIX}hosts: there is no route to it",
                f"{PREFIX}hosts: app.example.org",
            )
