"""Interlock's config has no extension.

Each extension is a proxy: `[Extensions.default]` and what is below it. At least one is needed for anything to be
routed.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock.config import InterlockConfig
from lblint.rules import rule


@rule(on=InterlockConfig, severity=Severity.ERROR, breaks=Breaks.PROXY, consequence="there is no proxy: no route works")
def check(config: InterlockConfig) -> Iterator[Hit]:
    for fault in config.faults:
        if fault.kind == "config.no-extension":
            says = "the config has no extension, and each proxy is one"
            yield Hit(fault.place, says, "[Extensions.default] and its keys")
