"""A job is given an update_config.

A job (`replicated-job`, `global-job`) runs to its end and is not updated task by task; managers refuse the setting.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.rules._setting import setting
from lblint.stack import Stack


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE, needs=("update_config",))
def check(stack: Stack) -> Iterator[Hit]:
    for service in stack.services:
        mode = setting(service.config, "deploy", "mode")
        if mode in ("replicated-job", "global-job") and setting(service.config, "deploy", "update_config") is not None:
            from lblint.rules._mend import remove

            place = stack.place("services", service.key, "deploy", "update_config")
            yield Hit(
                place,
                f"update_config beside `mode: {mode}`: Jobs may not have an update config",
                "nothing in its place",
                fixes=remove(place, "update_config"),
            )
