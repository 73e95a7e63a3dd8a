"""The label backend_mode is neither task nor vip.

`task` (the default) has the proxy balance over the tasks; `vip` has it use the virtual IP of the service, and spares
the proxy an update whenever tasks come and go. What Interlock makes of another word is not documented.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.rules import rule
from lblint.rules._labels import value_hits
from lblint.stack import Stack


@rule(on=Stack, severity=Severity.WARNING, breaks=Breaks.ROUTE, needs=("com.docker.lb.backend_mode",))
def check(stack: Stack) -> Iterator[Hit]:
    yield from value_hits(stack, "backend_mode")
