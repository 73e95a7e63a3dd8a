"""The grace period of a service is negative.

Nobody checks it. A container with a negative stop_grace_period is not stopped in order: it may outlive the service and
keep its networks from being removed.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.rules._setting import nanoseconds
from lblint.stack import Stack


@rule(
    on=Stack,
    severity=Severity.WARNING,
    breaks=Breaks.DEPLOY,
    stage=Stage.TASKS,
    consequence="the deploy is accepted, but the containers may survive the removal of the stack",
    needs=("stop_grace_period",),
)
def check(stack: Stack) -> Iterator[Hit]:
    for service in stack.services:
        if nanoseconds(service.config, "stop_grace_period") < 0:
            yield Hit(
                stack.place("services", service.key, "stop_grace_period"),
                f"stop_grace_period {service.config['stop_grace_period']} is negative, and nobody refuses it",
                "the time without its sign",
            )
