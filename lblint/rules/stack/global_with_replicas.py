"""A global service is given a number of replicas.

`mode: global` runs one task on every node. Docker refuses `replicas` beside it, when the networks are made.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.rules._setting import setting
from lblint.stack import Stack


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.CLIENT_MIDWAY, needs=("replicas",))
def check(stack: Stack) -> Iterator[Hit]:
    for service in stack.services:
        mode = setting(service.config, "deploy", "mode")
        if mode in ("global", "global-job") and setting(service.config, "deploy", "replicas") is not None:
            yield Hit(
                stack.place("services", service.key, "deploy", "replicas"),
                f"replicas beside `mode: {mode}`: replicas can only be used with replicated or replicated-job mode",
                "either replicas or the mode",
            )
