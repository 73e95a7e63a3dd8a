"""A label looks like one of Interlock's, but its prefix is not com.docker.lb.

Interlock reads keys that begin with `com.docker.lb.`, in lower case, and ignores all others without a word: the route
works without the label, or not at all.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock import KEYS, PREFIX
from lblint.interlock.legacy import is_mesh, is_one
from lblint.interlock.names import held, meant
from lblint.rules import rule
from lblint.stack import Stack


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.ROUTE)
def check(stack: Stack) -> Iterator[Hit]:
    for service in stack.services:
        for label in service.labels:
            key = label.key
            if key.startswith(PREFIX) or held(key) or is_mesh(key) or is_one(key):
                continue
            wanted = meant(key)
            if wanted:
                from lblint.rules._mend import key_fix

                known = wanted in KEYS
                yield Hit(
                    label.key_place,
                    f'Interlock ignores the label "{key}": it does not begin with {PREFIX}'
                    if not key.strip().startswith(PREFIX)
                    else f'Interlock ignores the label "{key}": it begins with a space',
                    wanted,
                    severity=None if known else Severity.WARNING,
                    fixes=key_fix(service, label, wanted),
                )
