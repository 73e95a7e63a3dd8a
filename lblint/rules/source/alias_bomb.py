"""Aliases repeat aliases until the file is larger than docker reads.

Docker counts what a file holds with all aliases written out, and refuses one that is made of almost nothing but
repetitions. A small file that would fill the memory when it is read is an attack or an accident.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.rules import rule
from lblint.source import Source


@rule(on=Source, severity=Severity.ERROR, breaks=Breaks.DEPLOY, needs=("yaml.alias-bomb",))
def check(source: Source) -> Iterator[Hit]:
    for fault in source.faults:
        if fault.kind == "yaml.alias-bomb":
            yield Hit(fault.place, f"aliases that multiply; docker: {fault.told}", "what is repeated, in full")
