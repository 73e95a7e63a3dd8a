"""A bare yes, no, on, off, y or n is text to some docker clients and a boolean to others.

Clients before 28.0 read these words as true and false, newer ones as text. So one of the two refuses `tty: yes` (no
boolean) or the label `enabled: yes` (no text), and older ones refuse `n:` or `on:` as the name of a network.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Edit, Fix, Hit, Place, Severity
from lblint.rules import rule
from lblint.source import Source

_TRUE = frozenset(("y", "yes", "on"))


@rule(
    on=Source,
    severity=Severity.WARNING,
    consequence="whether the file is accepted depends on the docker client",
    needs=("yaml.dialect",),
)
def check(source: Source) -> Iterator[Hit]:
    for fault in source.faults:
        if fault.kind != "yaml.dialect":
            continue
        word = str(fault.facts["word"])
        older = "true" if word.lower() in _TRUE else "false"
        said = f"{word} is text for docker clients from 28.0 on, and {older} for older ones"
        if fault.place.key:
            yield Hit(fault.place, f"{said}, which refuse it as a key", f'"{word}": in quotes', fixes=_fix(fault.place))
        elif "labels" in fault.place.path:
            said += ", which refuse it in a label"
            yield Hit(fault.place, said, f'"{word}" in quotes', fixes=_fix(fault.place))
        else:
            fixes = _fix(fault.place) if "environment" in fault.place.path else ()
            yield Hit(fault.place, said, f'{older}, or "{word}" in quotes', Severity.INFO, fixes=fixes)


def _fix(place: Place) -> tuple[Fix, ...]:
    """The text that newer clients read, for all of them."""
    return (Fix("put it in quotes", (Edit("quote", place),)),)
