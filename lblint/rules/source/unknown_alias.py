"""An alias names an anchor that is not there, or that it stands in itself.

`*name` repeats what was marked with `&name` earlier in the same file; the mark has to come first. A text that begins
with `*`, such as a host `*.example.org`, has to be quoted.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.rules import rule
from lblint.source import Source


@rule(on=Source, severity=Severity.ERROR, breaks=Breaks.DEPLOY, needs=("yaml.alias",))
def check(source: Source) -> Iterator[Hit]:
    for fault in source.faults:
        if fault.kind == "yaml.alias":
            advice = "`&name` in front of a value before `*name` repeats it; quotes around a text that begins with `*`"
            yield Hit(fault.place, f"no such anchor here; docker: {fault.told}", advice)
