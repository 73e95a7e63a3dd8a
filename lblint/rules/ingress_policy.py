"""Rules on what the owners of the ingress allow: hosts, networks, service clusters."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from lblint.finding import Breaks, Hit, Severity
from lblint.interlock import Ingress
from lblint.interlock.clusters import extension_of, only_networks, reachable
from lblint.interlock.hosts import NAME
from lblint.interlock.networks import attached, host_mode, joined
from lblint.interlock.policy import Site, allows, meant
from lblint.interlock.problems import shown
from lblint.rules import _fixes, rule
from lblint.rules._spelling import near

_GUESSED = 100_000
"""So many domains are compared with names outside, which takes a second; what others were meant to be is not told."""


@rule(
    on=Ingress,
    severity=Severity.ERROR,
    breaks=Breaks.ROUTE,
    consequence="requests for this name do not reach the proxy; other routes are not hurt",
    others=True,
)
def host_not_allowed(ingress: Ingress) -> Iterator[Hit]:
    """The label names a host that the settings do not list for this ingress.

    `domains` in `.lblint.yml` are the names that lead to the proxies: their DNS records point there, and their
    certificates are there. Requests for any other name never arrive. Mostly it is a typing error, which nobody notices
    until users do; else the name is to be added to the list, with its DNS record. A regular expression (`~…`) and a
    name that ends in `.*` stand for names that no list holds.
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
                    f"com.docker.lb.hosts: {shown(host.name)} is none of the domains in {site.file}",
                    f"{near or ' or '.join(site.domains[:5])}{_or_allow(host.name, site)}",
                    fixes=_fixes.write(host.place, near, safe=False) if near and literal else (),
                )


def _or_allow(host: str, site: Site) -> str:
    """Return how a host is allowed, as a line of its own; "" for a pattern, which the list cannot hold."""
    if host.startswith("~") or host.endswith(".*"):
        return ""
    return f"\nor add {shown(host.lower())} to domains in {site.file}, if this ingress serves it"


def _is_name(host: str) -> bool:
    """Whether nginx takes it for a name, or for many at once; other rules tell of what it does not."""
    return host.startswith("~") or NAME.fullmatch(host.removeprefix("*.").removesuffix(".*")) is not None


@rule(
    on=Ingress,
    severity=Severity.WARNING,
    breaks=Breaks.NOTHING,
    consequence="slower updates of the proxy for everybody, and docker stack rm fails until it has left",
    others=True,
)
def proxy_network_not_allowed(ingress: Ingress) -> Iterator[Hit]:
    """The service makes the proxy join a network that the settings do not list.

    The proxy joins the network that `com.docker.lb.network` names, or all networks of the service without that label.
    Each takes it one to two seconds at every update, for everybody, and `docker stack rm` fails while the proxy is
    there. So a site keeps networks for its proxies: `proxy-networks` in `.lblint.yml`. Put the service on one of these,
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
                f"{route.service.key} makes the proxy join {network.name}, which is none of the proxy-networks in "
                f"{site.file}",
                f"a network of that list: {' or '.join(site.networks[:5])}",
            )


@rule(on=Ingress, severity=Severity.ERROR, breaks=Breaks.ROUTE)
def service_cluster_missing(ingress: Ingress) -> Iterator[Hit]:
    """A routed service names no service cluster, and no extension serves services without one.

    Services without `com.docker.lb.service_cluster` belong to the extension without `ServiceCluster`. Where every
    extension has one, as with a cluster each for development, test and production, no proxy carries such a route.
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
            f"{route.service.key} names no service cluster, and in {config.file} every proxy has one: none carries its "
            "route",
            f"com.docker.lb.service_cluster: {names}",
        )


_FEW = 300
"""So many clusters are compared with each that is unknown."""


@rule(on=Ingress, severity=Severity.ERROR, breaks=Breaks.ROUTE)
def service_cluster_unknown(ingress: Ingress) -> Iterator[Hit]:
    """The label names a service cluster that no extension of Interlock's config serves, or the settings do not list.

    `com.docker.lb.service_cluster` must equal the `ServiceCluster` of an extension to the letter. A proxy carries the
    routes of its own cluster and no others, so that nobody answers for this host: its requests get the proxies' 503
    page. Where Interlock's config is not given, the names are those of `service-clusters` in `.lblint.yml`.
    """
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

        meant = _fixes.sole(route.cluster, names, 2)
        other = " or ".join(names[:5]) or "no such label, for the proxy without a ServiceCluster"
        yield Hit(
            label.place,
            f"com.docker.lb.service_cluster: {shown(route.cluster)} is {missing}",
            near(route.cluster, names[:_FEW]) or other,
            fixes=_fixes.written(label, meant, meant.lower() == route.cluster.lower()) if meant else (),
        )


@rule(on=Ingress, severity=Severity.ERROR, breaks=Breaks.ROUTE)
def network_not_of_cluster(ingress: Ingress) -> Iterator[Hit]:
    """The service is on none of the networks that its proxy joins.

    An extension with `Networks` (since Interlock 3.0: UCP 3.2.3 and 3.1.11) connects its proxy to these alone, whatever
    the labels of services name. The proxy then has no way to the tasks: put the service on one of these networks, and
    name it in `com.docker.lb.network`, or add the service's network to the list.
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
            f"the proxy of [Extensions.{extension.name}] joins {joins} alone, and {route.service.key} is to be reached "
            f"over {own}",
            f"networks: [{networks[0]}] in the service, and com.docker.lb.network: {networks[0]}"
            if networks
            else "the network in Networks of Interlock's config",
        )
