"""`restart` has a value that docker does not know.

Docker says that it ignores `restart`, and yet reads it where there is no `deploy.restart_policy`: always,
unless-stopped, on-failure, on-failure:<n>, or "no". Anything else stops the deploy when the networks are made.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.rules._setting import setting
from lblint.stack import Stack

_KNOWN = ("", "no", "always", "unless-stopped", "on-failure")


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.CLIENT_MIDWAY, needs=("restart",))
def check(stack: Stack) -> Iterator[Hit]:
    for service in stack.services:
        restart = service.config.get("restart") or ""
        if setting(service.config, "deploy", "restart_policy") is not None:
            continue
        told = _fault(restart)
        if told:
            from lblint.rules._mend import corrected

            place = stack.place("services", service.key, "restart")
            yield Hit(
                place,
                f'restart "{restart}": {told}',
                "deploy.restart_policy with a condition of any, on-failure or none",
                fixes=corrected(place, restart.lower(), _KNOWN[1:]),
            )


def _fault(restart: str) -> str:
    """What the client says against it (docker/cli opts/parse.go ParseRestartPolicy)."""
    policy, colon, count = restart.partition(":")
    if colon and not policy:
        return "invalid restart policy format: no policy provided before colon"
    if count and not re.fullmatch(r"[+-]?[0-9]{1,18}", count):
        return "invalid restart policy format: maximum retry count must be an integer"
    return "" if policy in _KNOWN else f"unknown restart policy: {restart}"
