"""A routed service names no service cluster, and no extension serves services without one.

Services without `com.docker.lb.service_cluster` belong to the extension without `ServiceCluster`. Where every extension
has one, as with a cluster each for development, test and production, no proxy carries such a route.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock import Ingress
from lblint.rules import rule


@rule(on=Ingress, severity=Severity.ERROR, breaks=Breaks.ROUTE, needs=("ingress.config",))
def check(ingress: Ingress) -> Iterator[Hit]:
    config = ingress.config
    if config is None or not config.extensions or config.extension("") is not None:
        return
    names = " or ".join([extension.cluster for extension in config.extensions][:5])
    for route in ingress.routes:
        label = route.label("service_cluster")
        if route.cluster or (label and label.unset):
            continue
        yield Hit(
            label.place if label else route.place,
            f"{route.service.key} names no service cluster, and in {config.file} every proxy has one: none carries its "
            "route",
            f"com.docker.lb.service_cluster: {names}",
        )
