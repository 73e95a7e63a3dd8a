"""A key of Interlock's config that its documentation does not have, or not in this table.

The core ignores what it does not know, so that the setting has no effect and nobody says so. Keys match without regard
to case; what is misspelt, or stands in the table around its own, is lost.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Fault, Hit, Severity
from lblint.interlock.config import InterlockConfig
from lblint.rules import rule
from lblint.rules._words import near


@rule(
    on=InterlockConfig,
    severity=Severity.WARNING,
    breaks=Breaks.NOTHING,
    consequence="Interlock ignores the setting without a word",
)
def check(config: InterlockConfig) -> Iterator[Hit]:
    for fault in config.faults:
        if fault.kind == "config.unknown-key":
            yield _hit(fault)


def _hit(fault: Fault) -> Hit:
    key, table = str(fault.facts["key"]), str(fault.facts["table"])
    where = f"[{table}]" if table else "Interlock's config"
    known, elsewhere = fault.facts["known"], fault.facts["elsewhere"]
    assert isinstance(known, tuple)
    assert isinstance(elsewhere, list)
    if elsewhere:
        homes = [home for home in elsewhere if "HAProxy" not in home] or elsewhere
        return Hit(fault.place, f"{key} is no key of {where}", f"it {' or '.join(homes)}")
    lower = {name.lower(): name for name in known}
    meant = near(key.lower(), lower)
    if meant is not None:
        from lblint.rules._mend import rename, sole

        fixes = rename(fault.place.on_key(), lower[meant]) if sole(key.lower(), lower, 2) == meant else ()
        return Hit(fault.place, f"{key} is no key of {where}", lower[meant], fixes=fixes)
    return Hit(fault.place, f"{key} is no key of {where} that is documented", severity=Severity.INFO)
