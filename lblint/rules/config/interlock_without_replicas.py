"""An extension of Interlock does not say how many proxies it has.

`ProxyReplicas` has no default: without it the core crashes (docker/docs issue 8051). The file that UCP generates has 2;
in host mode there must not be more than nodes for them.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock.config import InterlockConfig
from lblint.rules import rule
from lblint.rules._interlock import CORE_STOPS, named


@rule(on=InterlockConfig, severity=Severity.ERROR, breaks=Breaks.DEPLOY, consequence=CORE_STOPS)
def check(config: InterlockConfig) -> Iterator[Hit]:
    mistyped = {
        fault.place.path[:2]
        for fault in config.faults
        if fault.kind == "config.type" and fault.facts["key"] == "ProxyReplicas"
    }
    for extension in config.extensions:
        if "proxyreplicas" not in extension.own and extension.place.path not in mistyped:
            says = f"{named(extension)} has no ProxyReplicas: the core crashes"
            yield Hit(extension.place, says, "ProxyReplicas = 2")
