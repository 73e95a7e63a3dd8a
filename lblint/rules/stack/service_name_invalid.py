"""A service would have a name that managers refuse.

A service is called `<stack>_<key>`: at most 63 characters, letters, digits, `-` and `_`, a letter or digit at both
ends. The file's own check lets dots and trailing `-` or `_` pass.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.stack import Stack
from lblint.swarm.name import is_stack_name, name_fault, networks_bear_name


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE)
def check(stack: Stack) -> Iterator[Hit]:
    if stack.name is not None and not is_stack_name(stack.name) and networks_bear_name(stack):
        return
    for service in stack.services:
        name = f"{stack.name or 's'}_{service.key}"
        told = name_fault(name)
        if told:
            size = f" ({len(name)} characters with the stack's name)" if "63" in told and stack.name else ""
            yield Hit(
                service.place.on_key(),
                f'service "{service.key}"{size}: {told}',
                "letters, digits and inner dashes, and fewer than 63 characters with the stack's name",
            )
