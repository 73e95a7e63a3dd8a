"""The deploy attaches the proxy to more networks, which takes time.

Asked of a running Swarm (`--live`). A proxy joins the network of every service that it serves, unless Interlock's
config names its networks. With each change all its tasks are replaced, and each new task is attached to each of its
networks, at 1 to 2 seconds for each overlay network (Docker's page on service clusters). The sum is an estimate. One
network that all stacks share, declared as external, or host mode, keeps it short.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Hit, Severity
from lblint.interlock.networks import attached, host_mode
from lblint.rules import rule
from lblint.swarm.live import Live
from lblint.swarm.proxies import proxy_of

SECONDS = (1, 2)
"""What one overlay network costs one task of a proxy, at least and at most."""


@rule(on=Live, severity=Severity.INFO)
def check(live: Live) -> Iterator[Hit]:
    names = live.snapshot.network_names()
    joining: dict[str, set[str]] = {}
    for route in live.ingress.routes:
        proxy = proxy_of(live.snapshot, route.cluster, live.ingress.config)
        if route.stack is not live.stack or proxy is None or host_mode(route):
            continue
        on = {names.get(at.network, at.network) for at in proxy.service.networks}
        wanted = {network.shown for network in attached(route)}
        new = sorted(wanted - on - joining.setdefault(proxy.service.name, set()))
        if not new or _fixed(live, route.cluster):
            continue
        joining[proxy.service.name].update(new)
        after = len(on | joining[proxy.service.name])
        least, most = (after * proxy.replicas * each for each in SECONDS)
        yield Hit(
            route.place,
            f"{proxy.service.name} joins {', '.join(new)}: it is then on {after} networks, and replacing its "
            f"{proxy.replicas} tasks takes an estimated {_time(least)} to {_time(most)}",
        )


def _fixed(live: Live, cluster: str) -> bool:
    """Whether Interlock's config names the networks of the proxy: then it joins no other."""
    extension = live.ingress.config.extension(cluster) if live.ingress.config else None
    return extension is not None and bool(extension.value("Networks"))


def _time(seconds: int) -> str:
    return f"{seconds} s" if seconds < 120 else f"{seconds // 60} min"
