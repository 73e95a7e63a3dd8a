"""The key of a label holds its value as well.

In a list, labels are written `key=value`; with a colon in quotes (`- "com.docker.lb.port: 8080"`) the whole text is
the key, and its value is empty. In a map they are written `key: value`; with `=` the same happens. Docker takes both
without a word, and Interlock ignores a label of that name.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock.names import held
from lblint.rules import rule
from lblint.stack import Stack


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
            )
