"""What to do when an update fails is none of what a manager knows.

`failure_action` of update_config and rollback_config is pause, continue or rollback; `order` is stop-first or
start-first.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.rules._setting import setting
from lblint.stack import Stack

_KNOWN = {"failure_action": ("pause", "continue", "rollback"), "order": ("stop-first", "start-first")}
_TOLD = {"failure_action": "unrecognized update failure action", "order": "unrecognized update order"}


@rule(
    on=Stack,
    severity=Severity.ERROR,
    breaks=Breaks.DEPLOY,
    stage=Stage.MANAGER_SERVICE,
    needs=("update_config", "rollback_config"),
)
def check(stack: Stack) -> Iterator[Hit]:
    for service in stack.services:
        for part in ("update_config", "rollback_config"):
            for key, known in _KNOWN.items():
                given = setting(service.config, "deploy", part, key) or ""
                if given and given not in known:
                    from lblint.rules._mend import corrected

                    place = stack.place("services", service.key, "deploy", part, key)
                    yield Hit(
                        place,
                        f"the manager says: {_TOLD[key]} {given}",
                        f"{' or '.join(known)}",
                        fixes=corrected(place, given.lower(), known),
                    )
