"""A label that docker sets itself is given a value.

`docker stack deploy` sets com.docker.stack.namespace on everything it makes, and com.docker.stack.image on services.
What the file says of them is overwritten.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Hit, Severity
from lblint.rules import rule
from lblint.stack import Label, Stack


@rule(
    on=Stack,
    severity=Severity.INFO,
    consequence="the label has the value that docker gives it",
    needs=("com.docker.stack.namespace", "com.docker.stack.image"),
)
def check(stack: Stack) -> Iterator[Hit]:
    for service in stack.services:
        own = ("com.docker.stack.namespace", "com.docker.stack.image")
        for label in service.labels:
            if label.key in own:
                yield _hit(label)
        for label in service.container_labels:
            if label.key == own[0]:
                yield _hit(label)


def _hit(label: Label) -> Hit:
    from lblint.rules._mend import remove

    fixes = remove(label.place, "it")
    return Hit(label.key_place, f"docker overwrites the label {label.key}", "nothing in its place", fixes=fixes)
