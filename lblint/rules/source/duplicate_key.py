"""A key stands twice in one mapping.

Docker 28.0 and newer refuse the file. Older clients take the last one and say nothing: what the first one held, a whole
service perhaps, is lost.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.rules import rule
from lblint.rules._words import shown
from lblint.source import Source


@rule(on=Source, severity=Severity.ERROR, breaks=Breaks.DEPLOY, needs=("yaml.duplicate-key",))
def check(source: Source) -> Iterator[Hit]:
    for fault in source.faults:
        if fault.kind != "yaml.duplicate-key":
            continue
        said = f"{shown(fault.facts['key'])} stands in this mapping already, on line {fault.facts['first']}"
        advice = "one of the two, with what both hold"
        if fault.told:
            yield Hit(fault.place, said, advice)
        else:
            said += ": this client takes the last one, the first is lost"
            yield Hit(fault.place, said, advice, Severity.WARNING, Breaks.NOTHING)
