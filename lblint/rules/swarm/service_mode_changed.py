"""A service that runs would change its mode.

Asked of a running Swarm (`--live`). A replicated service stays one, and a global one, and a job: a manager refuses the
update (`service mode change is not allowed`). Remove the service first; it is away until the deploy is done.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.rules._setting import setting
from lblint.swarm.live import Live

MODES = ("replicated", "global", "replicated-job", "global-job")


@rule(on=Live, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE)
def check(live: Live) -> Iterator[Hit]:
    there = {service.name: service for service in live.snapshot.services if live.replaced(service)}
    for service in live.stack.services:
        found = there.get(service.name or "")
        wanted = setting(service.config, "deploy", "mode") or "replicated"
        if found is not None and wanted in MODES and wanted != found.mode:
            yield Hit(
                live.stack.place("services", service.key, "deploy", "mode"),
                f"{found.name} runs as {found.mode}, and here it is {wanted}: managers refuse to change that",
                f"docker service rm {found.name}, and then the deploy; or mode: {found.mode}",
            )
