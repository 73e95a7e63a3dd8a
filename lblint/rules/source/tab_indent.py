"""A line is indented with a tab.

YAML allows spaces only: docker stops at the tab. Tabs behind a value, in front of a comment, do no harm.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.rules import rule
from lblint.source import Source


@rule(on=Source, severity=Severity.ERROR, breaks=Breaks.DEPLOY, needs=("yaml.tab",))
def check(source: Source) -> Iterator[Hit]:
    for fault in source.faults:
        if fault.kind == "yaml.tab":
            yield Hit(fault.place, f"a tab in the indentation; docker: {fault.told}", "spaces")
