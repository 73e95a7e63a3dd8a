"""Two services want to be the default backend of one proxy.

The default backend answers for hosts that no service claims; it becomes nginx's `default_server`, of which there can be
one for each port. With two of them nginx does not start. Each service cluster has a proxy, and so a default backend, of
its own.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Place, Severity
from lblint.interlock.shared import named
from lblint.proxy import Trial
from lblint.rules import rule


@rule(on=Trial, severity=Severity.ERROR, breaks=Breaks.PROXY, needs=("proxy.limit.default-server",))
def check(trial: Trial) -> Iterator[Hit]:
    for fault in trial.faults:
        if fault.kind == "proxy.limit.default-server":
            other = fault.facts.get("other")
            where = "another"
            if isinstance(other, Place) and len(other.path) > 1:
                where = named(other.file, str(other.path[1]))
            yield Hit(
                fault.place,
                f"com.docker.lb.default_backend stands here and in {where}: nginx takes one default server for a port",
                "the label in one of the services, or another com.docker.lb.service_cluster",
            )
