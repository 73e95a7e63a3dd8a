"""A service of `endpoint_mode: dnsrr` publishes a port through the ingress.

The ingress routes to a virtual address, which such a service does not have. `mode: ingress` is the default of the
short syntax and of the long one.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Place, Severity, Stage
from lblint.rules import rule
from lblint.rules._setting import setting
from lblint.stack import Stack


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE, needs=("endpoint_mode",))
def check(stack: Stack) -> Iterator[Hit]:
    for service in stack.services:
        if str(setting(service.config, "deploy", "endpoint_mode") or "").lower() != "dnsrr":
            continue
        said: set[Place] = set()
        for port in service.ports:
            if port.mode == "ingress" and port.place not in said:
                said.add(port.place)
                yield Hit(
                    port.place,
                    f"port {port.published or port.target}: port published with ingress mode can't be used with dnsrr "
                    "mode",
                    "`mode: host` in the long syntax, or remove endpoint_mode",
                )
