"""An empty environment value is taken from the deployer's environment.

`X: ""` does not empty X: like a name without a value, it takes the value that X has where `docker stack deploy` runs,
if it has one there.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Hit, Severity
from lblint.rules import rule
from lblint.stack import Stack


@rule(
    on=Stack,
    severity=Severity.WARNING,
    consequence="the container gets a value that depends on who deploys",
    needs=("environment.replaced",),
)
def check(stack: Stack) -> Iterator[Hit]:
    for fault in stack.faults:
        if fault.kind == "environment.replaced":
            name = fault.facts["variable"]
            yield Hit(
                fault.place,
                f'{name} is not empty: docker takes the value of {name} from the environment of the deploy',
                "a value that means nothing to the program, or unset it for the deploy",
            )
