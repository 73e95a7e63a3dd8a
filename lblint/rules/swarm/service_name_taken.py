"""A service of another stack, or one made by hand, has the name already.

Asked of a running Swarm (`--live`). A manager gives a name once, whatever the case of its letters. The client takes a
service for the stack's own by its label alone, so it tries to create this one anew.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.rules._live import owner
from lblint.swarm.live import Live


@rule(on=Live, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE)
def check(live: Live) -> Iterator[Hit]:
    there = {service.name.lower(): service for service in live.snapshot.services}
    for service in live.stack.services:
        found = there.get((service.name or "").lower())
        if found is None or live.replaced(found):
            continue
        yield Hit(
            service.place.on_key(),
            f"the service {found.name} is there already, {owner(found.stack)}",
            "another key for the service, or another name for the stack",
        )
