"""A later file replaces a network, volume, secret or config whole.

Services are merged key by key, but not what is declared on the top level: what the earlier file says of the entry and
the later one does not repeat, is lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from lblint.finding import Hit, Severity
from lblint.rules import rule
from lblint.stack import Stack


@rule(
    on=Stack,
    severity=Severity.WARNING,
    consequence="the object is made without these settings",
    needs=("merge.replaced",),
)
def check(stack: Stack) -> Iterator[Hit]:
    for fault in stack.faults:
        if fault.kind == "merge.replaced" and fault.facts["lost"]:
            lost = ", ".join(cast("list[str]", fault.facts["lost"]))
            section, key = str(fault.facts["section"]), fault.facts["key"]
            yield Hit(
                fault.place.on_key(),
                f'{section[:-1]} "{key}" replaces that of the earlier file whole: its {lost} is lost',
                "all its settings in the last file",
            )
