"""The proxy did not take its last config, and runs with an older one.

Asked of a running Swarm (`--live`). nginx did not start with the config that Interlock made last, and the managers put
the former one back, or stopped in the middle. If a label of some service is the cause, the next config has it as well,
and the routes of this deploy are not served until that label is corrected. `lblint status` looks for it.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Hit, Severity
from lblint.rules import rule
from lblint.swarm.live import Live
from lblint.swarm.proxies import proxy_of


@rule(on=Live, severity=Severity.INFO)
def check(live: Live) -> Iterator[Hit]:
    told: set[str] = set()
    for route in live.ingress.routes:
        proxy = proxy_of(live.snapshot, route.cluster, live.ingress.config) if route.stack is live.stack else None
        if proxy is None or proxy.service.name in told:
            continue
        told.add(proxy.service.name)
        update, said = proxy.service.update, proxy.service.update_message
        if update.startswith(("rollback", "paused")):
            yield Hit(
                route.place,
                f"{proxy.service.name} runs with an older config, as it did not take the last one: {update}"
                + (f" ({said})" if said else ""),
                "lblint status, to see which label of a running service it may be",
            )
