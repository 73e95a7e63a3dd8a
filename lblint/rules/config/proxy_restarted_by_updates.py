"""Every change of a route restarts the proxy.

Since Interlock 3.0 (UCP 3.2.3 and 3.1.11) the proxy can load a new config without a restart: `HitlessServiceUpdate =
true`. Without it every change replaces the proxies one by one, and cuts the connections of everybody. A new network or
secret restarts them in any case.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock.config import InterlockConfig
from lblint.interlock.version import INTERLOCK_3, reached
from lblint.rules import rule
from lblint.rules._interlock import named


@rule(on=InterlockConfig, severity=Severity.INFO, breaks=Breaks.NOTHING)
def check(config: InterlockConfig) -> Iterator[Hit]:
    if not reached(config.version, INTERLOCK_3):
        return
    mistyped = {fault.place.path[:2] for fault in config.faults if fault.facts.get("key") == "HitlessServiceUpdate"}
    for extension in config.extensions:
        if not extension.value("HitlessServiceUpdate") and extension.place.path not in mistyped:
            yield Hit(
                extension.at("HitlessServiceUpdate"),
                f"without HitlessServiceUpdate every change of a route restarts the proxies of {named(extension)}",
                "HitlessServiceUpdate = true",
            )
