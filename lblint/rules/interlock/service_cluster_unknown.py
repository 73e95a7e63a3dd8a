"""The label names a service cluster that no extension of Interlock's config serves, or that the settings do not list.

`com.docker.lb.service_cluster` must equal the `ServiceCluster` of an extension to the letter. A proxy carries the
routes of its own cluster and no others, so that nobody answers for this host: its requests get the proxies' 503 page.
Where Interlock's config is not given, the names are those of `service-clusters` in `.lblint.yml`.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock import Ingress
from lblint.interlock.values import shown
from lblint.rules import rule
from lblint.rules._words import near

_FEW = 300
"""So many clusters are compared with each that is unknown."""


@rule(on=Ingress, severity=Severity.ERROR, breaks=Breaks.ROUTE, needs=("ingress.config", "ingress.site"))
def check(ingress: Ingress) -> Iterator[Hit]:
    config, site = ingress.config, ingress.site
    if config is not None:
        known = [extension.cluster for extension in config.extensions]
        missing = f"no ServiceCluster of {config.file}: no proxy carries this route"
    elif site is not None and site.clusters:
        known = list(site.clusters)
        missing = f"none of the service-clusters in {site.file}: no proxy carries this route"
    else:
        return
    for route in ingress.routes:
        label = route.label("service_cluster")
        if label is None or label.unset or not route.cluster or route.cluster in known:
            continue
        names = [name for name in known if name]
        from lblint.rules._mend import sole, written

        meant = sole(route.cluster, names, 2)
        other = " or ".join(names[:5]) or "no such label, for the proxy without a ServiceCluster"
        yield Hit(
            label.place,
            f"com.docker.lb.service_cluster: {shown(route.cluster)} is {missing}",
            near(route.cluster, names[:_FEW]) or other,
            fixes=written(label, meant, meant.lower() == route.cluster.lower()) if meant else (),
        )
