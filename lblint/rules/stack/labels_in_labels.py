"""`labels:` stands once more among the labels.

With its entries below it docker refuses the file; with nothing below it docker makes a label called "labels", and the
entries beside it are labels as they should be. Take the inner `labels:` away.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.rules import rule
from lblint.stack import Stack


@rule(on=Stack, severity=Severity.WARNING, breaks=Breaks.NOTHING)
def check(stack: Stack) -> Iterator[Hit]:
    for service in stack.services:
        for label in (*service.labels, *service.container_labels):
            if label.key == "labels" and not label.value:
                from lblint.rules._mend import remove

                yield Hit(
                    label.key_place,
                    'this makes an empty label called "labels" beside the others',
                    "labels: once, with all labels below it",
                    fixes=remove(label.place, "it"),
                )
