"""Before UCP 3.0.6 every deploy updates the proxy, even of services without labels.

Interlock took any change of any service for one of its own (escalation 814): the proxies are replaced one by one, which
cuts connections of everybody. Deploy when that hurts least, or upgrade.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Place, Severity
from lblint.interlock import Ingress
from lblint.interlock.version import NO_UPDATE_ON_EVERY_DEPLOY, reached
from lblint.rules import rule


@rule(on=Ingress, severity=Severity.INFO, breaks=Breaks.NOTHING, needs=("ingress.version",))
def check(ingress: Ingress) -> Iterator[Hit]:
    if reached(ingress.version, NO_UPDATE_ON_EVERY_DEPLOY) is False:
        for stack in ingress.stacks[:1]:
            yield Hit(
                Place(stack.files[0], ("services",), key=True),
                f"{ingress.version} updates the proxies at every deploy, of this stack or any other",
                f"an upgrade to {NO_UPDATE_ON_EVERY_DEPLOY}",
            )
