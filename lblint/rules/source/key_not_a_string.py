"""A key is a number, a boolean or nothing where docker needs text.

YAML reads a key like any value: `80:` is a number, `true:` a boolean, and for clients before 28.0 so are `on:`, `y:`
and `n:`. Docker refuses the file, and newer clients do not even say where.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Edit, Fix, Hit, Place, Severity
from lblint.rules import rule
from lblint.source import Source

_KINDS = {"int": "a number", "float": "a number", "bool": "a boolean", "NoneType": "nothing", "Timestamp": "a date",
          "mapping": "a mapping", "sequence": "a list", "_TaggedText": "a tagged value"}  # fmt: skip


@rule(on=Source, severity=Severity.ERROR, breaks=Breaks.DEPLOY, needs=("yaml.non-string-key",))
def check(source: Source) -> Iterator[Hit]:
    for fault in source.faults:
        if fault.kind == "yaml.non-string-key":
            key, kind = str(fault.facts["key"]), str(fault.facts["type"])
            said = f"the key {key or '(empty)'} is {_KINDS.get(kind, kind)}, not text; docker: {fault.told}"
            quoted = f'"{key}": in quotes' if kind not in ("mapping", "sequence") else "a text as the key"
            yield Hit(fault.place, said, quoted, fixes=_fix(fault.place, key, kind))


def _fix(place: Place, key: str, kind: str) -> tuple[Fix, ...]:
    """The same characters as text."""
    if not key or kind not in ("int", "float", "bool", "Timestamp") or place.at is not None:
        return ()
    return (Fix("put it in quotes", (Edit("quote", place),)),)
