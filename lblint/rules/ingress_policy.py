"""Rules on what the owners of the ingress allow: hosts, networks, service clusters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock import Ingress
from lblint.interlock.clusters import extension_of, only_networks, reachable
from lblint.interlock.hosts import NAME
from lblint.interlock.networks import attached, host_mode, joined
from lblint.interlock.owner_policy import ACCESS_LABEL, Site, allows, in_collection, meant
from lblint.interlock.value_problems import shown
from lblint.rules import _fixes, rule
from lblint.rules._wording import FEW, near

FEW_COLLECTIONS = 3
"""So many collections are listed in an advice."""
_GUESSED = 100_000
"""So many domains are compared with names outside, which takes a second; the others get no guess."""


@rule(
    on=Ingress,
    severity=Severity.ERROR,
    breaks=Breaks.ROUTE,
    consequence="requests for this host do not reach the proxy; other routes are not affected",
    others=True,
)
def host_not_allowed(ingress: Ingress) -> Iterator[Hit]:
    """A host in com.docker.lb.hosts is not in domains of the settings.

    `domains` in `.lblint.yml` lists the host names whose DNS records point to the proxies. Requests for other names
    never arrive. Usually the host is misspelt; otherwise add it to the list, and create its DNS record. A regular
    expression (`~…`) and a name that ends with `.*` match names outside of any list, so they are reported, too.
    """
    site = ingress.site
    if site is None or not site.domains:
        return
    guesses = _GUESSED // len(site.domains)
    for route in ingress.routes:
        label = route.label("hosts")
        for host in route.hosts if not (label and label.unset) else ():
            if _is_name(host.name) and not allows(site.domains, host.name):
                guesses -= 1
                near = meant(site.domains, host.name) if guesses >= 0 else ""
                literal = label is not None and "$" not in label.written
                yield Hit(
                    host.place,
                    f"com.docker.lb.hosts: {shown(host.name)} is not in domains of {site.file}",
                    _allowed(host.name, near, site),
                    fixes=_fixes.write(host.place, near, safe=False) if near and literal else (),
                )


def _allowed(host: str, near: str, site: Site) -> str:
    """Return what to write for a host, or to add to the settings, which hold no pattern of nginx (`~…`, `shop.*`)."""
    listable = not (host.startswith("~") or host.endswith(".*"))
    add = f"add {host.lower()} to domains in {site.file}"
    if near:
        return f"write {near}" + f", or {add}" * listable
    return (f"{add}, or " if listable else "") + f"write one of {_some(site.domains)}"


def _some(names: Sequence[str]) -> str:
    """The first names of a list of the settings, for an advice."""
    return ", ".join([*names[:5], *(["…"] if len(names) > 5 else [])])


def _is_name(host: str) -> bool:
    """Whether nginx takes it for a name or a pattern of names; other rules report what it does not."""
    return host.startswith("~") or NAME.fullmatch(host.removeprefix("*.").removesuffix(".*")) is not None


@rule(
    on=Ingress,
    severity=Severity.WARNING,
    breaks=Breaks.NOTHING,
    consequence="updates of the proxy take longer, and docker stack rm fails until the proxy has left the network",
    others=True,
)
def proxy_network_not_allowed(ingress: Ingress) -> Iterator[Hit]:
    """The proxy joins a network that is not in proxy-networks of the settings.

    The proxy joins the network that `com.docker.lb.network` names, or without the label all networks of the service.
    Each network takes one to two seconds at every update of the proxy, and `docker stack rm` fails while the proxy is
    on it. `proxy-networks` in `.lblint.yml` lists the networks that are for proxies. Put the service on one of them,
    and name it in the label.
    """
    site = ingress.site
    if site is None or not site.networks:
        return
    for route in ingress.routes:
        label = route.label("network")
        if only_networks(ingress, route) is not None or host_mode(route) or (label and label.unset):
            continue
        for network in attached(route):
            if network.name is None or any(fnmatchcase(network.name, allowed) for allowed in site.networks):
                continue
            yield Hit(
                label.place if label else network.place,
                f"for {route.service.key} the proxy joins {network.name}, not in proxy-networks of {site.file}",
                f"use a network of that list ({_some(site.networks)})",
            )


@rule(on=Ingress, severity=Severity.ERROR, breaks=Breaks.ROUTE)
def service_cluster_missing(ingress: Ingress) -> Iterator[Hit]:
    """A routed service has no label service_cluster, and every proxy belongs to a service cluster.

    Services without `com.docker.lb.service_cluster` are for the extension without `ServiceCluster`. If all extensions
    have one, such as one each for development, test and production, no proxy serves the route. Add the label.
    """
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
            f"{route.service.key} has no com.docker.lb.service_cluster, and every proxy in {config.file} has a "
            "ServiceCluster",
            f"add com.docker.lb.service_cluster: {names}",
        )


@rule(on=Ingress, severity=Severity.ERROR, breaks=Breaks.ROUTE)
def service_cluster_unknown(ingress: Ingress) -> Iterator[Hit]:
    """The label service_cluster names a service cluster that does not exist.

    `com.docker.lb.service_cluster` must be exactly the `ServiceCluster` of an extension. A proxy serves only the routes
    of its own cluster, so requests for this host get the 503 page of the proxies. Without Interlock's config, the names
    are those of `service-clusters` in `.lblint.yml`.
    """
    config, site = ingress.config, ingress.site
    if config is not None:
        known = [extension.cluster for extension in config.extensions]
        missing = f"is not the ServiceCluster of a proxy in {config.file}"
    elif site is not None and site.clusters:
        known = list(site.clusters)
        missing = f"is not in service-clusters of {site.file}"
    else:
        return
    for route in ingress.routes:
        label = route.label("service_cluster")
        if label is None or label.unset or not route.cluster or route.cluster in known:
            continue
        names = [name for name in known if name]

        meant = _fixes.sole(route.cluster, names, 2)
        close = near(route.cluster, names[:FEW]) or " or ".join(names[:5])
        yield Hit(
            label.place,
            f"com.docker.lb.service_cluster: {shown(route.cluster)} {missing}",
            f"write {close}" if close else "remove it; the proxy has no ServiceCluster",
            fixes=_fixes.written(label, meant, meant.lower() == route.cluster.lower()) if meant else (),
        )


@rule(on=Ingress, severity=Severity.ERROR, breaks=Breaks.ROUTE)
def network_not_of_cluster(ingress: Ingress) -> Iterator[Hit]:
    """The service is not on a network that its proxy joins.

    An extension with `Networks` (since Interlock 3.0: UCP 3.2.3 and 3.1.11) connects its proxy only to these networks,
    whatever the labels of services name, so the proxy cannot reach the tasks. Put the service on one of these networks
    and name it in `com.docker.lb.network`, or add the service's network to `Networks`.
    """
    for route in ingress.routes:
        networks, extension = only_networks(ingress, route), extension_of(ingress, route)
        if networks is None or extension is None or host_mode(route) or reachable(route, networks) is not False:
            continue
        label = route.label("network")
        if label and label.unset:
            continue
        on = [network.shown for network in joined(route) if not network.local]
        own = label.value if label else " and ".join(on)
        joins = " and ".join(networks[:5]) or "no network"
        yield Hit(
            label.place if label else route.stack.place("services", route.service.key, "networks").on_key(),
            f"the proxy of [Extensions.{extension.name}] joins only {joins}, and the route of {route.service.key} is "
            f"over {own}",
            f"put {route.service.key} on {networks[0]}, and write com.docker.lb.network: {networks[0]}"
            if networks
            else "add the network to Networks of Interlock's config",
        )


@rule(
    on=Ingress,
    severity=Severity.ERROR,
    breaks=Breaks.ROUTE,
    consequence="the service would be served by proxies that are meant for other collections",
    others=True,
)
def service_of_other_collection(ingress: Ingress) -> Iterator[Hit]:
    """A service is in a collection that its service cluster is not for.

    `clusters` in `.lblint.yml` lists the collections that each service cluster is for, such as `clusters: {prod:
    {access: [/prod]}}`; a collection includes all below it. The label `com.docker.ucp.access.label` puts a service into
    a collection, and `com.docker.lb.service_cluster` chooses its proxies; without that label it is the cluster
    `default`. A development service on the proxies of production is usually a wrong or missing service_cluster. A
    service without an access label goes to the collection of the user who deploys, and is not reported.
    """
    site = ingress.site
    if site is None or not site.access:
        return
    for route in ingress.routes:
        label, cluster = route.service.label(ACCESS_LABEL), route.label("service_cluster")
        allowed = site.collections(route.cluster)
        if not allowed or label is None or label.unset or not label.value.strip() or (cluster and cluster.unset):
            continue
        own = label.value.strip()
        if any(in_collection(own, collection) for collection in allowed):
            continue
        fit = [name or "default" for name, paths in sorted(site.access.items())
               if any(in_collection(own, path) for path in paths)]  # fmt: skip
        others = [name for name in fit if name != "default"]
        if others:
            advice = f"write com.docker.lb.service_cluster: {' or '.join(others)}"
        elif fit:
            advice = "remove com.docker.lb.service_cluster"
        else:
            advice = f"write {ACCESS_LABEL}: {' or '.join(allowed[:FEW_COLLECTIONS])}"
        yield Hit(
            label.place,
            f"{ACCESS_LABEL}: {shown(own)} of {route.service.key} is not in access of service cluster "
            f"{route.cluster or 'default'} in {site.file}",
            advice,
            related=(cluster.place,) if cluster else (),
        )
