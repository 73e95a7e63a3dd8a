"""A context root or websocket endpoint is no path that nginx takes, or none that a request can have.

Each becomes a `location` of nginx, as it stands. A space, semicolon or brace makes nginx refuse the whole config, and
so does a second location of one path. A path without leading slash, with a query, or a URL is taken, but never
matches. With context_root_rewrite the path becomes part of a regular expression, too. Write `/app`.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock.paths import check_rewritten
from lblint.interlock.values import CONTROL
from lblint.rules import rule
from lblint.rules._labels import labels, on, value_hit, value_hits
from lblint.stack import Stack


@rule(
    on=Stack,
    severity=Severity.ERROR,
    breaks=Breaks.PROXY,
    needs=("com.docker.lb.context_root", "com.docker.lb.websocket_endpoints"),
)
def check(stack: Stack) -> Iterator[Hit]:
    yield from value_hits(stack, "context_root", "websocket_endpoints")
    for service, label in labels(stack, "context_root"):
        if on(service, "context_root_rewrite") and not CONTROL.search(label.value):
            for problem in check_rewritten(label.value):
                yield value_hit(label, problem)
