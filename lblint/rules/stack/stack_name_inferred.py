"""The stack's name was not given; a label with the stack's prefix written out allows only one.

Swarm calls a network `<stack>_<key>`, and so do the labels. Without `--stack-name`, lblint takes the one name for which
all labels of the file are right. Deployed under another name, the label names a network that does not exist, and the
service gets no traffic. Give the name with `--stack-name`, or once for all with `stack-names` in `.lblint.yml`
(`lblint init` writes it), so that this is checked and not assumed.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.rules import rule
from lblint.stack import Stack


@rule(on=Stack, severity=Severity.INFO, breaks=Breaks.NOTHING, needs=("stack.inferred",))
def check(stack: Stack) -> Iterator[Hit]:
    """Say which name was taken, at the label that gave it away."""
    label = stack.inferred_from
    if label is not None:
        yield Hit(
            label.place,
            f"{label.value!r} is right only when the stack is deployed as {stack.name!r}",
            f"lblint check --stack-name {stack.name}",
        )
