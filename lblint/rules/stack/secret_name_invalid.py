"""A secret or config would have a name that managers refuse.

It is called `<stack>_<key>`, or what its `name` says: at most 64 characters, letters, digits, `-`, `_` and `.`, a
letter or digit at both ends. Two of them with one name overwrite each other: managers refuse it unless the contents
are the same.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.stack import FileObject, Stack
from lblint.swarm.name import object_name_fault


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_OBJECT, needs=("secrets", "configs"))
def check(stack: Stack) -> Iterator[Hit]:
    for objects in (stack.secrets, stack.configs):
        first: dict[str, FileObject] = {}
        for item in objects.values():
            if item.external:
                continue
            own = str(item.config.get("name") or "")
            name = own or f"{stack.name or 's'}_{item.key}"
            place = stack.place(f"{item.kind}s", item.key, "name") if own else item.place.on_key()
            told = object_name_fault(name)
            if told:
                yield Hit(place, f'{item.kind} "{name if stack.name or own else item.key}": {told}', "another name")
            other = first.setdefault(name.lower(), item)
            if other is not item and (other.file != item.file or item.file is None):
                sure = None if other.size != item.size else Severity.WARNING
                yield Hit(
                    place,
                    f'{item.kind} "{name}" has the name of {item.kind} "{other.key}": only updates to Labels are '
                    "allowed",
                    "a name of its own for each",
                    severity=sure,
                )
