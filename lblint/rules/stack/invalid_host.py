"""The label hosts holds something that is no host name.

Each name becomes a server name, an upstream and a key of the TLS map in nginx.conf, as it stands: a scheme, a port, a
path or a space makes nginx refuse the whole config, and with it everybody's routes. Other characters nginx accepts,
but no request can ask for such a host. Wildcards and regular expressions are not documented by Interlock. Write bare
names, divided by commas without spaces: `app.example.org,www.example.org`.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.rules import rule
from lblint.rules._labels import value_hits
from lblint.stack import Stack


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.PROXY, needs=("com.docker.lb.hosts",))
def check(stack: Stack) -> Iterator[Hit]:
    yield from value_hits(stack, "hosts")
