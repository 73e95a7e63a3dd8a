"""A merge key takes something other than a mapping.

`<<` brings in the keys of a mapping, or of a list of mappings. Docker refuses a text, a number, nothing, or a list that
holds anything else. Lists cannot be merged.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.rules import rule
from lblint.source import Source


@rule(on=Source, severity=Severity.ERROR, breaks=Breaks.DEPLOY, needs=("yaml.merge",))
def check(source: Source) -> Iterator[Hit]:
    for fault in source.faults:
        if fault.kind == "yaml.merge":
            advice = "`<<: *name` or `<<: [*one, *two]`, with anchors of mappings"
            yield Hit(fault.place, f"`<<` without a mapping; docker: {fault.told}", advice)
