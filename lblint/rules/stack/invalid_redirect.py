"""A redirect is no pair of URLs, or leads to an address that was not meant.

Redirects are pairs `source,target`, divided by semicolons, and both are URLs with a scheme. nginx answers with `return
302 <target>$request_uri;`: a target without scheme is taken for a path, a path or slash at its end is doubled, and a
space, quote or `$` ends or changes the directive. Write `http://old.example.org,https://new.example.org`.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.rules import rule
from lblint.rules._labels import value_hits
from lblint.stack import Stack


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.PROXY, needs=("com.docker.lb.redirects",))
def check(stack: Stack) -> Iterator[Hit]:
    yield from value_hits(stack, "redirects")
