"""A number of replicas is beyond what a manager can count.

A manager counts replicas with a sign. From 2^63 on it takes the number for a negative one and refuses the service.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.rules._setting import setting
from lblint.stack import Stack


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE, needs=("replicas",))
def check(stack: Stack) -> Iterator[Hit]:
    for service in stack.services:
        replicas = setting(service.config, "deploy", "replicas") or 0
        if replicas >= 1 << 63:
            yield Hit(
                stack.place("services", service.key, "deploy", "replicas"),
                f"replicas {replicas}: Number of replicas must be non-negative",
                "the number of tasks that shall run",
            )
