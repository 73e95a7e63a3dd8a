"""The running proxy has a default backend already.

There is one default backend for a proxy: with two, nginx finds two default servers for one port and does not start.
`--with` names the config of a proxy that runs, and `--live` reads it; it does not say whose a backend is, so if this
service is the one that is there, all is well. With `--live`, those that are known by labels of running services are
compared by these.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock import Ingress
from lblint.rules import rule


@rule(on=Ingress, severity=Severity.WARNING, breaks=Breaks.PROXY, needs=("ingress.running",))
def check(ingress: Ingress) -> Iterator[Hit]:
    for running in ingress.running:
        default = running.default
        for route in ingress.routes:
            label = route.label("default_backend")
            if default is None or label is None or label.unset or not route.default_backend:
                continue
            if not running.concerns(route.cluster):
                continue
            unseen = ", of no service that can be seen" if running.proxy else ""
            same = route.port is not None and route.port.text in default.ports
            yield Hit(
                label.place,
                f"there is a default backend already ({running.file}:{default.line}){unseen}: with a second one nginx "
                "does not start",
                "no default_backend here, unless this service is the one that is there",
                severity=Severity.INFO if same else None,
                breaks=Breaks.NOTHING if same else None,
            )
