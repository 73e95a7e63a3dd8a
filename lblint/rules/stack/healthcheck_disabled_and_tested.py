"""A health check is disabled and given a test.

Docker refuses `disable: true` beside a `test`. In several files it comes about when an override disables the check:
the test of the first file stays.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.rules._setting import setting
from lblint.stack import Stack


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.CLIENT_MIDWAY, needs=("healthcheck",))
def check(stack: Stack) -> Iterator[Hit]:
    for service in stack.services:
        health = setting(service.config, "healthcheck") or {}
        if health.get("disable") and health.get("test"):
            yield Hit(
                stack.place("services", service.key, "healthcheck", "disable"),
                "test and disable can't be set at the same time",
                '`test: ["NONE"]` alone to disable the check of the image',
            )
