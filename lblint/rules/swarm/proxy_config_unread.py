"""The config that a proxy runs with is not compared.

Asked of a running Swarm (`--live`). Hosts that no label of a running service tells of, and the sizes that the proxy is
set to, stand in the `nginx.conf` that it runs with: a config of the Swarm. Where that is not told, or cannot be
followed, as one made by a template of your own may be, the stack is compared with the labels of running services alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Hit, Severity
from lblint.rules import rule
from lblint.swarm.live import Live


@rule(on=Live, severity=Severity.INFO)
def check(live: Live) -> Iterator[Hit]:
    for running in live.ingress.running:
        routes = (route for route in live.ingress.routes if route.stack is live.stack)
        first = next((route for route in routes if route.cluster == running.cluster), None)
        if running.proxy and running.unchecked and first:
            yield Hit(
                first.place,
                f"the config that {running.proxy} runs with, {running.file}, is not compared: it {running.unchecked}",
            )
