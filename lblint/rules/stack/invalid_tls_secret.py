"""The label ssl_cert or ssl_key holds something that is no name of a secret.

Both name Swarm secrets, which Interlock mounts into the proxy under /run/secrets; a path, a quote or a space cannot be
the name of one, and nginx stops at a file that is not there. Write the name under which `docker secret ls` shows it,
with the prefix of the stack if the stack makes it.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.rules import rule
from lblint.rules._labels import value_hits
from lblint.stack import Stack


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.PROXY, needs=("com.docker.lb.ssl_cert", "com.docker.lb.ssl_key"))
def check(stack: Stack) -> Iterator[Hit]:
    yield from value_hits(stack, "ssl_cert", "ssl_key")
