"""A config of Interlock 1, which Interlock 2 and 3 do not read.

Interlock 1 had its extensions as a list, `[[Extensions]]`, each with a `Name`. Since UCP 3.0 each extension is a table
of its own, `[Extensions.<name>]`, with the services of extension and proxy, and the settings of nginx below `Config`.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock.config import InterlockConfig
from lblint.rules import rule
from lblint.rules._interlock import CORE_STOPS


@rule(on=InterlockConfig, severity=Severity.ERROR, breaks=Breaks.DEPLOY, consequence=CORE_STOPS)
def check(config: InterlockConfig) -> Iterator[Hit]:
    for fault in config.faults:
        if fault.kind == "config.version-1":
            sign = fault.facts["sign"]
            yield Hit(
                fault.place,
                f"{sign} is of Interlock 1: Interlock 2 and 3 read a table for each extension",
                "[Extensions.default] with ServiceName, ProxyServiceName, ProxyReplicas, and "
                "[Extensions.default.Config] for nginx",
            )
