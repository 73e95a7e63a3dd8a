"""A label stands without the one that it needs.

A certificate is nothing without its key, which nginx says by refusing the whole config; a key without certificate, or
a rewrite without context root, just does nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock import LABELS, PREFIX
from lblint.rules import rule
from lblint.rules._labels import labels, on
from lblint.stack import Stack


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.PROXY)
def check(stack: Stack) -> Iterator[Hit]:
    for name, spec in LABELS.items():
        for service, label in labels(stack, name) if spec.needs else ():
            for other in spec.needs:
                if on(service, name) and not on(service, other.name, other.value):
                    yield Hit(
                        label.key_place,
                        f"{label.key} without {PREFIX}{other.name}: {other.says}",
                        f"{PREFIX}{other.name}: {LABELS[other.name].example}",
                        other.severity,
                        other.breaks,
                    )
