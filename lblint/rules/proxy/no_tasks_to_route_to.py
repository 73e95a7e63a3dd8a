"""A routed service has no tasks.

With `replicas: 0` the upstream of its hosts has no server. Whether Interlock leaves out such hosts is not documented;
if it does not, nginx stops with "no servers are inside upstream". Take the labels away together with the tasks.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.proxy import Trial
from lblint.rules import rule


@rule(
    on=Trial,
    severity=Severity.WARNING,
    breaks=Breaks.PROXY,
    consequence="the host answers nothing; if Interlock writes the empty upstream, nginx refuses the whole config",
    needs=("proxy.limit.empty-upstream",),
)
def check(trial: Trial) -> Iterator[Hit]:
    for fault in trial.faults:
        if fault.kind == "proxy.limit.empty-upstream":
            yield Hit(
                fault.place,
                "no service behind this host has a task, so its upstream has no server",
                "replicas: 1, or no com.docker.lb labels while there are none",
            )
