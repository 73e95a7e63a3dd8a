"""One host has more tasks behind it than nginx's memory for the upstream holds.

In task mode each replica is a line in the upstream of its hosts, and the upstream is kept in a zone of a fixed size
(`UpstreamZoneSize`, 64 kB by default: some 60 servers). When it is full nginx does not start: "no memory in upstream
zone". In vip mode a service is one server, however many tasks it has.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.proxy import Trial
from lblint.rules import rule


@rule(on=Trial, severity=Severity.ERROR, breaks=Breaks.PROXY, needs=("proxy.limit.zone",))
def check(trial: Trial) -> Iterator[Hit]:
    for fault in trial.faults:
        if fault.kind == "proxy.limit.zone":
            facts = fault.facts
            yield Hit(
                fault.place,
                f"{facts['servers']} tasks behind this host, and a zone of {facts['kilobytes']} kB holds "
                f"{facts['fit']}: nginx does not start",
                "com.docker.lb.backend_mode: vip, fewer replicas, or a larger UpstreamZoneSize in Interlock's config",
            )
