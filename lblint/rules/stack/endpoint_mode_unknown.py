"""The endpoint_mode of a service is none that a manager knows.

It is vip, the default, or dnsrr, in upper or lower case. The client does not look at it; the manager
refuses anything else.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.rules._setting import setting
from lblint.stack import Stack


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE, needs=("endpoint_mode",))
def check(stack: Stack) -> Iterator[Hit]:
    for service in stack.services:
        mode = str(setting(service.config, "deploy", "endpoint_mode") or "")
        if mode.lower() not in ("", "vip", "dnsrr"):
            from lblint.rules._mend import corrected

            place = stack.place("services", service.key, "deploy", "endpoint_mode")
            yield Hit(
                place,
                f'the manager says: invalid resolution mode: "{mode.lower()}"',
                "vip or dnsrr",
                fixes=corrected(place, mode.lower(), ("vip", "dnsrr")),
            )
