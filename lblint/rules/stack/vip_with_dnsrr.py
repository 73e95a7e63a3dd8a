"""The proxy shall use the virtual IP of a service that has none.

With `endpoint_mode: dnsrr` Swarm gives a service no virtual IP, only the addresses of its tasks. Take
`com.docker.lb.backend_mode: task`, which is the default, or `endpoint_mode: vip`.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.rules import rule
from lblint.rules._labels import labels, on
from lblint.rules._setting import setting
from lblint.stack import Stack


@rule(on=Stack, severity=Severity.WARNING, breaks=Breaks.ROUTE, needs=("endpoint_mode",))
def check(stack: Stack) -> Iterator[Hit]:
    for service, label in labels(stack, "backend_mode"):
        if on(service, "backend_mode", "vip") and setting(service.config, "deploy", "endpoint_mode") == "dnsrr":
            from lblint.rules._mend import written

            yield Hit(
                label.place,
                f"{label.key} is vip, and {service.key} has endpoint_mode: dnsrr, so no virtual IP",
                f"{label.key}: task",
                fixes=written(label, "task", safe=False),
            )
