"""The name of the stack makes names that managers refuse.

The client takes nearly any name. All objects are called `<stack>_<key>`, and networks, which come first, may have
letters, digits, `-` and `_` only, must begin with a letter or digit, and have at most 63 characters.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Place, Severity, Stage
from lblint.rules import rule
from lblint.stack import Stack
from lblint.swarm.name import is_stack_name, networks_bear_name


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_NETWORK)
def check(stack: Stack) -> Iterator[Hit]:
    if stack.name is None or is_stack_name(stack.name) or not networks_bear_name(stack):
        return
    yield Hit(
        Place(stack.files[0], ("services",), key=True),
        f'stack name "{stack.name}": its networks and services cannot be created, since their names begin with it',
        "letters, digits and inner dashes, and keep it well below 63 characters",
    )
