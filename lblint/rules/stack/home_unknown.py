"""A mount begins with `~`, and the deployer has no HOME.

Docker puts the HOME of who deploys in its place. Without one the mount stays as it is written, below the folder of the
stack file.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Hit, Severity
from lblint.rules import rule
from lblint.stack import Stack


@rule(
    on=Stack,
    severity=Severity.WARNING,
    consequence="another folder of the node is mounted than meant",
    needs=("volume.no-home",),
)
def check(stack: Stack) -> Iterator[Hit]:
    for fault in stack.faults:
        if fault.kind == "volume.no-home":
            told = f"\"{fault.facts['source']}\": cannot expand '~', because the environment lacks HOME"
            yield Hit(fault.place, told, "an absolute path: ~ is that of the deployer, not of the node")
