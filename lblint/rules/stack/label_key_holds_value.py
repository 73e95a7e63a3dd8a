"""The key of a label holds its value as well.

In a list, labels are written `key=value`; with a colon in quotes (`- "com.docker.lb.port: 8080"`) the whole text is
the key, and its value is empty. In a map they are written `key: value`; with `=` the same happens. Docker takes both
without a word, and Interlock ignores a label of that name.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Edit, Fix, Hit, Severity
from lblint.interlock.names import held
from lblint.rules import rule
from lblint.stack import Label, Service, Stack


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.ROUTE)
def check(stack: Stack) -> Iterator[Hit]:
    for service in stack.services:
        for label in service.labels:
            found = held(label.key)
            if found is None:
                continue
            key, value = found
            in_list = label.key_place.chars is not None
            # what follows an `=` further on was cut off as the value
            value = f"{value}={label.value}" if in_list and label.value else value
            yield Hit(
                label.key_place,
                f'the whole text "{label.key}" is the key of this label, so there is no {key}',
                f"- {key}={value}" if in_list else f"{key}: {value}",
                fixes=_divided(service, label, key, value),
            )


def _divided(service: Service, label: Label, key: str, value: str) -> tuple[Fix, ...]:
    """Key and value apart; none where a variable is in them, or the service has that label."""
    if "$" in label.key or service.label(key) is not None or (label.key_place.chars is None and label.value):
        return ()
    if label.key_place.chars is not None:
        whole = Edit("write", label.place._replace(chars=None), f"{key}={value}")
        return (Fix(f"write {key}={value}", (whole,)),)
    edits = (Edit("write", label.key_place, key), Edit("write", label.place, value))
    return (Fix(f"write {key}: {value}", edits),)
