"""A health check has a time below one millisecond.

Managers take 0, which means the default, and one millisecond or more; a negative time is refused, too.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.rules._setting import nanoseconds, setting
from lblint.stack import Stack
from lblint.stack.duration import MILLISECOND

_NAMES = {
    "interval": "Interval", "timeout": "Timeout", "start_period": "StartPeriod", "start_interval": "StartInterval"
}  # fmt: skip


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE, needs=("healthcheck",))
def check(stack: Stack) -> Iterator[Hit]:
    for service in stack.services:
        health = setting(service.config, "healthcheck") or {}
        if health.get("disable"):
            continue
        for key, name in _NAMES.items():
            time = nanoseconds(health, key)
            if time and time < MILLISECOND:
                yield Hit(
                    stack.place("services", service.key, "healthcheck", key),
                    f"{key} of {health[key]}: {name} in HealthConfig cannot be less than 1ms",
                    "the unit that is meant, such as 10s",
                )
