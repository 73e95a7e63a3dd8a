"""An entry of extra_hosts has no IP address.

It is `host:address` or `host=address`. Managers accept anything; with a bad address no container can be created.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.rules._setting import entries
from lblint.stack import Stack
from lblint.stack.ports import is_ip


@rule(on=Stack, severity=Severity.WARNING, breaks=Breaks.DEPLOY, stage=Stage.TASKS, needs=("extra_hosts",))
def check(stack: Stack) -> Iterator[Hit]:
    for service in stack.services:
        for index, line in entries(service.config, "extra_hosts"):
            host, _, address = str(line).partition(":")
            if not is_ip(address) and address != "host-gateway" and "{{" not in address:
                yield Hit(
                    stack.place("services", service.key, "extra_hosts", index),
                    f'"{address}" of host "{host}" is no IP address',
                    "host:address",
                )
