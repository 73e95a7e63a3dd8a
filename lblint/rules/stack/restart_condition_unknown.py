"""The condition of a restart policy is none that a manager knows.

The conditions are any, on-failure and none. `always` and `unless-stopped` belong to containers, not to services.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.rules._setting import setting
from lblint.stack import Stack

_MEANT = {"always": "any", "unless-stopped": "any", "no": "none", "never": "none", "on_failure": "on-failure"}


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE, needs=("restart_policy",))
def check(stack: Stack) -> Iterator[Hit]:
    for service in stack.services:
        condition = setting(service.config, "deploy", "restart_policy", "condition") or ""
        if condition not in ("", "any", "on-failure", "none"):
            from lblint.rules._mend import corrected, write

            meant = _MEANT.get(condition)
            place = stack.place("services", service.key, "deploy", "restart_policy", "condition")
            known = ("any", "on-failure", "none")
            yield Hit(
                place,
                f'the manager says: invalid RestartCondition: "{condition}"',
                f"{meant}" if meant else "any, on-failure or none",
                fixes=write(place, meant) if meant else corrected(place, condition.lower(), known),
            )
