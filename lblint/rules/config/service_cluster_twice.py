"""Two extensions serve the same service cluster.

A label `com.docker.lb.service_cluster` names one cluster, and services without it belong to the extension without
`ServiceCluster`. Which of two such extensions gets a route, or whether both do, is not documented.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock.config import InterlockConfig
from lblint.rules import rule
from lblint.rules._interlock import named


@rule(
    on=InterlockConfig,
    severity=Severity.WARNING,
    breaks=Breaks.ROUTE,
    consequence="which proxy carries the routes of this cluster is not known",
)
def check(config: InterlockConfig) -> Iterator[Hit]:
    for extension in config.extensions:
        first = config.extension(extension.cluster)
        if first is extension or first is None:
            continue
        says = f'ServiceCluster is "{extension.cluster}"' if extension.cluster else "without ServiceCluster"
        yield Hit(
            extension.at("ServiceCluster"),
            f"{says}, as {named(first)} is: both serve the same services",
            f'ServiceCluster = "{extension.name}"',
        )
