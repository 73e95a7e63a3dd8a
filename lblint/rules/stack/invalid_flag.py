"""A label that is true or false holds another word.

It is not documented which other spellings Interlock takes for true, and a wrong guess does the opposite without a
word. Write "true", in quotes: docker refuses a bare true in the map form of labels. To switch a label off, leave it
out.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.rules import rule
from lblint.rules._labels import value_hits
from lblint.stack import Stack


@rule(
    on=Stack,
    severity=Severity.WARNING,
    breaks=Breaks.ROUTE,
    needs=(
        "com.docker.lb.context_root_rewrite",
        "com.docker.lb.ssl_passthrough",
        "com.docker.lb.ip_hash",
        "com.docker.lb.default_backend",
    ),
)
def check(stack: Stack) -> Iterator[Hit]:
    yield from value_hits(stack, "context_root_rewrite", "ssl_passthrough", "ip_hash", "default_backend")
