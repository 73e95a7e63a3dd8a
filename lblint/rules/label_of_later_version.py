"""A label that only the latest versions of MKE know.

Older ones ignore it without a word. `max_fails` and `fail_timeout` came with MKE 3.8.16 and 3.9.6.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Hit, Severity
from lblint.interlock import LABELS
from lblint.rules import rule
from lblint.rules._labels import labels
from lblint.stack import Stack


@rule(on=Stack, severity=Severity.INFO)
def check(stack: Stack) -> Iterator[Hit]:
    for name, spec in LABELS.items():
        if spec.since.startswith("MKE"):
            for _, label in labels(stack, name):
                yield Hit(label.key_place, f"{label.key} is known from {spec.since} on, and ignored before")
