"""A service has a deploy mode that docker does not know.

The modes are replicated, global, replicated-job and global-job, in lower case; the jobs need client 23.0.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.rules._setting import setting
from lblint.stack import Stack
from lblint.stack.client import client

_MODES = ("replicated", "global")
_JOBS = ("replicated-job", "global-job")


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.CLIENT_MIDWAY, needs=("mode",))
def check(stack: Stack) -> Iterator[Hit]:
    known = _MODES + (_JOBS if client(stack.client).release >= (23, 0) else ())
    for service in stack.services:
        mode = setting(service.config, "deploy", "mode")
        if mode and mode not in known:
            from lblint.rules._mend import corrected

            place = stack.place("services", service.key, "deploy", "mode")
            yield Hit(
                place,
                f"Unknown mode: {mode}",
                f"{mode.lower()}" if mode.lower() in known else f"one of {', '.join(known)}",
                fixes=corrected(place, mode.lower(), known),
            )
