"""A label that this version of UCP or MKE does not know, or that only the latest ones know.

Older versions ignore it without a word. `max_fails` and `fail_timeout` came with MKE 3.8.16 and 3.9.6, `backend_mode`
with UCP 3.0.8 and 3.1.2. `--interlock-version` says which version it is.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock import LABELS, Ingress
from lblint.interlock.version import reached
from lblint.rules import rule
from lblint.rules._labels import labels


@rule(
    on=Ingress,
    severity=Severity.WARNING,
    breaks=Breaks.ROUTE,
    consequence="this version ignores the label without a word",
)
def check(ingress: Ingress) -> Iterator[Hit]:
    version = ingress.version
    for name, spec in LABELS.items():
        known = reached(version, spec.since)
        if known or (known is None and not spec.since.startswith("MKE")):
            continue
        for stack in ingress.stacks:
            for _, label in labels(stack, name):
                says = f"{label.key} is known from {spec.since} on, and "
                if known is None:
                    yield Hit(label.key_place, f"{says}ignored before", "", Severity.INFO, Breaks.NOTHING)
                else:
                    yield Hit(label.key_place, f"{says}{version} ignores it")
