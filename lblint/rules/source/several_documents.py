"""Only the first document of a file is deployed.

`---` in the middle of a file begins another document. Docker reads the first and never looks at the others, with no
word: services that stand there are not deployed.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Hit, Severity
from lblint.rules import rule
from lblint.source import Source


@rule(
    on=Source,
    severity=Severity.WARNING,
    consequence="docker ignores all that follows, with no word",
    needs=("yaml.several-documents",),
)
def check(source: Source) -> Iterator[Hit]:
    for fault in source.faults:
        if fault.kind == "yaml.several-documents":
            marker = fault.facts.get("marker")
            said = f"`{marker}` ends the stack" if marker else "the stack ends before this"
            yield Hit(fault.place, f"{said}: the rest of the file is not read", "every stack in a file of its own")
