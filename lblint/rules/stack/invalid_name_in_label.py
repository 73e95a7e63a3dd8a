"""The label network or service_cluster holds something that is no name.

Both are compared with names: those of the networks of the service, and the ServiceCluster entries of Interlock's
configuration. Quotes, spaces or commas become part of the text, and then nothing matches: the proxy does not reach the
service, or no proxy carries the route. Write one name.
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
    needs=("com.docker.lb.network", "com.docker.lb.service_cluster"),
)
def check(stack: Stack) -> Iterator[Hit]:
    yield from value_hits(stack, "network", "service_cluster")
