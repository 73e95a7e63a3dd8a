"""A value does not fit the YAML tag in front of it.

`!!int`, `!!bool`, `!!float`, `!!null`, `!!timestamp` and `!!binary` bind: docker refuses a value of
another kind.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.rules import rule
from lblint.rules._words import shown
from lblint.source import Source


@rule(on=Source, severity=Severity.ERROR, breaks=Breaks.DEPLOY, needs=("yaml.tag-value",))
def check(source: Source) -> Iterator[Hit]:
    for fault in source.faults:
        if fault.kind == "yaml.tag-value":
            tag = "!!" + str(fault.facts["tag"]).rpartition(":")[2]
            said = f"{shown(fault.facts['value'])} does not fit {tag}; docker: {fault.told}"
            yield Hit(fault.place, said, f"the value without {tag}, or one that fits it")
