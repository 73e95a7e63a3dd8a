"""YAML reads the value of a label as a number, and docker sends it in other digits.

Without quotes `0777` is octal and becomes 511, `1.10` becomes 1.1, `1_000` becomes 1000 and `1e3` as well. Put the
value in quotes, and the label holds what is written.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock import KEYS, PREFIX
from lblint.rules import rule
from lblint.stack import Label, Stack


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.ROUTE)
def check(stack: Stack) -> Iterator[Hit]:
    for service in stack.services:
        for label in service.labels:
            changed = not isinstance(label.raw, str | bool | dict | list | None) and label.written != label.value
            if changed and label.key in KEYS:
                from lblint.rules._mend import write

                severity = _severity(label)
                yield Hit(
                    label.place,
                    f'{label.key}: {label.written} is a number to YAML, and docker sends "{label.value}"',
                    _instead(label),
                    severity,
                    Breaks.NOTHING if severity is Severity.INFO else None,
                    write(label.place, _instead(label).strip('"'), title=f"write {_instead(label)} in quotes"),
                )


def _instead(label: Label) -> str:
    """The text that was written, in quotes; for a port, digits."""
    if label.key != PREFIX + "port":
        return f'"{label.written}"'
    return label.written.lstrip("0") if label.written.isdecimal() else label.value


def _severity(label: Label) -> Severity:
    """A port of another number is an error, and one of the same number is as good as it was."""
    if label.key != PREFIX + "port":
        return Severity.WARNING
    if label.written.lstrip("0") in (label.value, label.value + ".0"):
        return Severity.INFO
    return Severity.ERROR if label.written.isdecimal() else Severity.WARNING
