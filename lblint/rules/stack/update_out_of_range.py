"""An update or restart setting is out of its range.

Managers refuse a failure ratio outside 0 to 1, and negative delays, monitor times and windows of updates and restarts.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.rules._setting import nanoseconds, setting
from lblint.stack import Stack

_TIMES = (
    ("update_config", "delay", "update-delay"),
    ("update_config", "monitor", "update-monitor"),
    ("restart_policy", "delay", "restart-delay"),
    ("restart_policy", "window", "restart-window"),
)


@rule(
    on=Stack,
    severity=Severity.ERROR,
    breaks=Breaks.DEPLOY,
    stage=Stage.MANAGER_SERVICE,
    needs=("update_config", "restart_policy"),
)
def check(stack: Stack) -> Iterator[Hit]:
    for service in stack.services:
        path = ("services", service.key, "deploy")
        for part, key, name in _TIMES:
            if nanoseconds(service.config, "deploy", part, key) < 0:
                time = setting(service.config, "deploy", part, key)
                told = f"{key} of {time}: {name} cannot be negative"
                yield Hit(stack.place(*path, part, key), told, "the time without its sign")
        ratio = setting(service.config, "deploy", "update_config", "max_failure_ratio") or 0
        if not 0 <= ratio <= 1:
            yield Hit(
                stack.place(*path, "update_config", "max_failure_ratio"),
                f"max_failure_ratio {ratio}: cannot be less than 0 or bigger than 1",
                "a share of the tasks, such as 0.2",
            )
