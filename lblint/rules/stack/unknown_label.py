"""A label begins with com.docker.lb. and is none that Interlock knows.

Interlock ignores it without a word, so the route works without it, or not at all. `lblint labels` lists all there are.
There are no indexed labels (`hosts.1`): a service has one port and one path; for a second one write a second service.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock import KEYS, PREFIX
from lblint.interlock.names import held, meant
from lblint.rules import rule
from lblint.stack import Stack


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.ROUTE)
def check(stack: Stack) -> Iterator[Hit]:
    for service in stack.services:
        for label in service.labels:
            if not label.key.startswith(PREFIX) or label.key in KEYS or held(label.key):
                continue
            wanted = meant(label.key)
            if wanted in KEYS:
                index = ": there are no labels with an index" if label.key[-1:].isdigit() else ""
                from lblint.rules._mend import key_fix

                fixes = key_fix(service, label, wanted)
                yield Hit(label.key_place, f'Interlock ignores the label "{label.key}"{index}', wanted, fixes=fixes)
            else:
                says = f'Interlock does not know the label "{label.key}"'
                help_ = "the label's whole name: docker puts variables into values alone" if "$" in label.key else ""
                yield Hit(label.key_place, says, help_, Severity.WARNING)
