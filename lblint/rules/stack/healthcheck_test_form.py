"""The test of a health check does not begin with CMD, CMD-SHELL or NONE.

As a list, a test names how it is run first. Managers accept anything; the container cannot be created then.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.rules._setting import setting
from lblint.stack import Stack


@rule(on=Stack, severity=Severity.WARNING, breaks=Breaks.DEPLOY, stage=Stage.TASKS, needs=("healthcheck",))
def check(stack: Stack) -> Iterator[Hit]:
    for service in stack.services:
        test = setting(service.config, "healthcheck", "test") or ()
        if test and test[0] not in ("CMD", "CMD-SHELL", "NONE"):
            from lblint.finding import Edit, Fix

            place = stack.place("services", service.key, "healthcheck", "test")
            first = "CMD-SHELL" if len(test) == 1 and " " in str(test[0]) else "CMD"
            yield Hit(
                place,
                f'the test begins with "{test[0]}", not with CMD, CMD-SHELL or NONE',
                "CMD in front, or the test as one text",
                fixes=(Fix(f"write {first} in front", (Edit("insert", place.child(0), first),)),),
            )
