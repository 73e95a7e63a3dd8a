"""Two proxies publish the same port where only one can have it.

In ingress mode a port belongs to one service in the whole Swarm, on all nodes. In host mode it belongs to one container
per node: two proxies may share it if `ProxyConstraints` keep them on different nodes, as `node.labels.region==east`
and `node.labels.region==west` do. Within one proxy HTTP and TLS need a port each.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from lblint.finding import Breaks, Hit, Place, Severity
from lblint.interlock.config import Extension, InterlockConfig
from lblint.interlock.constraints import apart
from lblint.rules import rule
from lblint.rules._interlock import named

PUBLISHED = ("PublishedPort", "PublishedSSLPort")
_TARGETS = ("TargetPort", "TargetSSLPort")


@rule(
    on=InterlockConfig,
    severity=Severity.ERROR,
    breaks=Breaks.PROXY,
    consequence="the proxy that comes second does not start, and nobody's routes through it work",
)
def check(config: InterlockConfig) -> Iterator[Hit]:
    for extension in config.extensions:
        yield from _within(extension)
    for earlier, later in combinations(config.extensions, 2):
        ports = {earlier.value(name) for name in PUBLISHED}
        for name in PUBLISHED:
            port = later.value(name)
            if port in ports and port:
                yield from _between(earlier, later, port, later.at(name))


def _within(extension: Extension) -> Iterator[Hit]:
    for names, what in ((PUBLISHED, "the manager refuses the service"), (_TARGETS, "nginx cannot listen twice")):
        http, tls = (extension.value(name) for name in names)
        if http == tls and http:
            place = extension.at(names[1]) if names[1].lower() in extension.own else extension.at(names[0])
            yield Hit(place, f"{names[0]} and {names[1]} are both {http}: {what}", "two ports")


def _between(earlier: Extension, later: Extension, port: int, place: Place) -> Iterator[Hit]:
    modes = [extension.value("PublishMode") for extension in (earlier, later)]
    other = named(earlier)
    if "host" not in modes:
        yield Hit(
            place,
            f"port {port} is published in ingress mode by {other} too",
            'another port, or PublishMode = "host" in both, on different nodes',
        )
    elif modes != ["host", "host"]:
        yield Hit(
            place,
            f"port {port} is published by {other} too, and one of the two in ingress mode, which takes it on all nodes",
            'another port, or PublishMode = "host" in both, on different nodes',
        )
    elif not apart(earlier.value("ProxyConstraints"), later.value("ProxyConstraints")):
        yield Hit(
            place,
            f"port {port} is published in host mode by {other} too, and nothing in ProxyConstraints keeps the two on "
            "different nodes",
            f'ProxyConstraints with a label that the nodes of {other} do not have: "node.labels.region=={later.name}"',
            severity=Severity.WARNING,
        )
