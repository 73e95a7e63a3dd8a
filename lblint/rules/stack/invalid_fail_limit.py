"""The label max_fails or fail_timeout holds what nginx does not take.

Both are rendered into every `server` line of the upstream. max_fails is a whole number from 0; fail_timeout is a time
in whole seconds (`10`, `10s`) or larger units (`1m`, `1h30m`), not in milliseconds. nginx refuses anything else, and
the whole config with it.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.rules import rule
from lblint.rules._labels import value_hits
from lblint.stack import Stack


@rule(
    on=Stack,
    severity=Severity.ERROR,
    breaks=Breaks.PROXY,
    needs=("com.docker.lb.max_fails", "com.docker.lb.fail_timeout"),
)
def check(stack: Stack) -> Iterator[Hit]:
    yield from value_hits(stack, "max_fails", "fail_timeout")
