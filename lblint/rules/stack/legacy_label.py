"""A label of the HTTP routing mesh (UCP up to 2.2) or of Interlock 1.

UCP 3 translates mesh labels when it is upgraded and when it meets them later, and never reads the old ones again; what
is in the file and what is in force drift apart. Interlock 1's labels, which stood on containers, mean nothing to it.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Edit, Fix, Hit, Place, Severity
from lblint.interlock import PREFIX
from lblint.interlock.legacy import Successors, from_mesh, from_one, is_mesh, is_one
from lblint.rules import rule
from lblint.stack import Label, Service, Stack


@rule(on=Stack, severity=Severity.WARNING, breaks=Breaks.ROUTE)
def check(stack: Stack) -> Iterator[Hit]:
    for service in stack.services:
        labels = (*service.labels, *service.container_labels)
        mesh = [label for label in labels if is_mesh(label.key)]
        one = [label for label in labels if is_one(label.key)]
        for label in mesh:
            says = f"{label.key} is a label of the routing mesh of UCP 2: Interlock does not read it"
            help = _help(from_mesh(mesh)) if label is mesh[0] else _see(mesh[0])
            yield Hit(label.key_place, says, help, fixes=_fix(service, mesh, from_mesh(mesh)))
        for label in one:
            says = f"{label.key} is a label of Interlock 1: Interlock 2 and 3 do not read it"
            help = _help(from_one(one)) if label is one[0] else _see(one[0])
            yield Hit(label.key_place, says, help, fixes=_fix(service, one, from_one(one)))


def _see(first: Label) -> str:
    return f"what stands for {first.key} and this together"


def _help(new: Successors) -> str:
    lines = [f'{key}: "{value}"' if value in ("true", "") else f"{key}: {value}" for key, value in new.labels.items()]
    return "\n".join([*lines, *(f"({note})" for note in new.notes)])


def _fix(service: Service, old: list[Label], new: Successors) -> tuple[Fix, ...]:
    """The new labels in the place of the old ones; none where they are in several places, or hold variables, or where
    one service would have to become several."""
    around = {(label.place.file, label.place.path[:-1]) for label in old}
    taken = any(service.label(key) is not None for key in new.labels)
    if len(around) > 1 or taken or not new.labels or any("$" in label.written for label in old):
        return ()
    if any(note.startswith("one service per port") for note in new.notes) or PREFIX + "hosts" not in new.labels:
        return ()
    edits: list[Edit] = []
    pairs = list(new.labels.items())
    for label, (key, value) in zip(old, pairs, strict=False):
        place = label.place._replace(chars=None)
        in_list = label.place.chars is not None
        edits += [Edit("write", place, f"{key}={value}")] if in_list else [
            Edit("write", label.key_place, key), Edit("write", place, value)
        ]  # fmt: skip
    edits += [Edit("remove", label.place._replace(chars=None)) for label in old[len(pairs) :]]
    whole = Place(old[0].place.file, old[0].place.path[:-1])
    edits += [Edit("insert", whole, value, key) for key, value in pairs[len(old) :]]
    names = ", ".join(key.removeprefix(PREFIX) for key in new.labels)
    return (Fix(f"write {PREFIX}{names} in their place", tuple(edits), False),)
