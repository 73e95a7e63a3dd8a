"""Two services have names that differ in case alone.

Names are unique without regard to case. The second one that docker creates, in random order, is refused.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.stack import Stack


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE)
def check(stack: Stack) -> Iterator[Hit]:
    first: dict[str, str] = {}
    for service in stack.services:
        other = first.setdefault(service.key.lower(), service.key)
        if other != service.key:
            yield Hit(
                service.place.on_key(),
                f'service "{service.key}": name conflicts with an existing object, service "{other}"',
                "another name for one of them",
            )
