"""A short volume entry has an option that docker drops.

A stack knows ro, rw, nocopy and the propagation names. Anything else, such as `z` for SELinux or `cached`, is dropped
without a word.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from lblint.finding import Hit, Severity
from lblint.rules import rule
from lblint.stack import Stack


@rule(
    on=Stack,
    severity=Severity.INFO,
    consequence="the mount is made without the option",
    needs=("volume.options-ignored",),
)
def check(stack: Stack) -> Iterator[Hit]:
    for fault in stack.faults:
        if fault.kind == "volume.options-ignored":
            options = ", ".join(cast("list[str]", fault.facts["options"]))
            relabel = set(options.lower().split(", ")) & {"z"}
            help = "label the folder on the nodes (chcon, semanage)" if relabel else "nothing in its place"
            yield Hit(fault.place, f'docker drops "{options}" of this mount without a word', help)
