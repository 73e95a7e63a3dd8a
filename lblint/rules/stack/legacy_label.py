"""A label of the HTTP routing mesh (UCP up to 2.2) or of Interlock 1.

UCP 3 translates mesh labels when it is upgraded and when it meets them later, and never reads the old ones again; what
is in the file and what is in force drift apart. Interlock 1's labels, which stood on containers, mean nothing to it.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock.legacy import Successors, from_mesh, from_one, is_mesh, is_one
from lblint.rules import rule
from lblint.stack import Label, Stack


@rule(on=Stack, severity=Severity.WARNING, breaks=Breaks.ROUTE)
def check(stack: Stack) -> Iterator[Hit]:
    for service in stack.services:
        labels = (*service.labels, *service.container_labels)
        mesh = [label for label in labels if is_mesh(label.key)]
        one = [label for label in labels if is_one(label.key)]
        for label in mesh:
            says = f"{label.key} is a label of the routing mesh of UCP 2: Interlock does not read it"
            yield Hit(label.key_place, says, _help(from_mesh(mesh)) if label is mesh[0] else _see(mesh[0]))
        for label in one:
            says = f"{label.key} is a label of Interlock 1: Interlock 2 and 3 do not read it"
            yield Hit(label.key_place, says, _help(from_one(one)) if label is one[0] else _see(one[0]))


def _see(first: Label) -> str:
    return f"what stands for {first.key} and this together"


def _help(new: Successors) -> str:
    lines = [f'{key}: "{value}"' if value in ("true", "") else f"{key}: {value}" for key, value in new.labels.items()]
    return "\n".join([*lines, *(f"({note})" for note in new.notes)])
