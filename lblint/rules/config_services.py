"""Rules on the services that Interlock's config.toml makes: clusters, ports, constraints, images."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations

from lblint.finding import Breaks, Edit, Fix, Hit, Place, Severity, of_kind
from lblint.interlock.config import Extension, InterlockConfig, apart
from lblint.interlock.config_faults import ConfigKeyFault
from lblint.interlock.config_keys import EXTENSION
from lblint.interlock.version import INTERLOCK_3, reached
from lblint.rules import _fixes, rule
from lblint.rules._interlock import PROXY_MISSING, named
from lblint.stack.constraint import Constraint, parse_constraint
from lblint.stack.faults import GrammarError


@rule(
    on=InterlockConfig,
    severity=Severity.WARNING,
    breaks=Breaks.ROUTE,
    consequence="it is not documented which of the two proxies gets these routes",
)
def service_cluster_twice(config: InterlockConfig) -> Iterator[Hit]:
    """Two extensions serve the same service cluster.

    The label `com.docker.lb.service_cluster` names a cluster; services without it belong to the extension without
    `ServiceCluster`. If two extensions have the same, or none, it is not documented which one gets a route, or whether
    both do.
    """
    for extension in config.extensions:
        first = config.extension(extension.cluster)
        if first is extension or first is None:
            continue
        cluster = f'ServiceCluster "{extension.cluster}"' if extension.cluster else "no ServiceCluster"
        yield Hit(
            extension.at("ServiceCluster"),
            f"{named(first)} and {named(extension)} both have {cluster}, so they serve the same services",
            f'set ServiceCluster = "{extension.name}" in {named(extension)}',
        )


_NAMES = ("ServiceName", "ProxyServiceName", "ConfigServiceName")


@rule(
    on=InterlockConfig,
    severity=Severity.ERROR,
    breaks=Breaks.PROXY,
    consequence="the Swarm has only one service of that name, so a part of one proxy is missing",
    possible="a part of one proxy may be missing",
)
def service_name_of_two_extensions(config: InterlockConfig) -> Iterator[Hit]:
    """Two services of Interlock's config have the same name.

    Each extension has a service for itself, one for its proxies, and since Interlock 3.0 one for its config. The names
    of services are unique in a Swarm. A key that is not set has a default, which is the same for all extensions.
    """
    taken: dict[str, tuple[str, str]] = {}
    for extension in config.extensions:
        for key in _NAMES:
            name = extension.value(key)
            written = key.lower() in extension.own
            if not name or not (written or key != "ConfigServiceName" or reached(config.version, INTERLOCK_3)):
                continue
            other = taken.setdefault(name, (named(extension), key))
            if other == (named(extension), key):
                continue
            yield Hit(
                extension.at(key),
                f'{key} {"is" if written else "is not set and defaults to"} "{name}", which is also {other[1]} of '
                f"{other[0]}",
                f'set {key} = "{EXTENSION[key.lower()].default}-{extension.name}" in {named(extension)}',
                severity=None if written else Severity.WARNING,
            )


PUBLISHED = ("PublishedPort", "PublishedSSLPort")
_TARGETS = ("TargetPort", "TargetSSLPort")


@rule(
    on=InterlockConfig,
    severity=Severity.ERROR,
    breaks=Breaks.PROXY,
    consequence="a proxy does not start, and no route through it works",
    possible="the second proxy may not start",
)
def proxies_on_one_port(config: InterlockConfig) -> Iterator[Hit]:
    """Two proxies publish the same port, but only one of them can have it.

    In ingress mode a port belongs to one service on all nodes of the Swarm. In host mode it belongs to one container
    per node: two proxies can share it if `ProxyConstraints` keep them on different nodes, as
    `node.labels.region==east` and `node.labels.region==west` do. Within one proxy, HTTP and TLS need different ports.
    """
    for extension in config.extensions:
        yield from _within(extension)
    for earlier, later in combinations(config.extensions, 2):
        ports = {earlier.value(name) for name in PUBLISHED}
        for name in PUBLISHED:
            port = later.value(name)
            if port in ports and port:
                yield from _between(earlier, later, port, later.at(name))


def _within(extension: Extension) -> Iterator[Hit]:
    for names in (PUBLISHED, _TARGETS):
        http, tls = (extension.value(name) for name in names)
        if http == tls and http:
            key = names[1] if names[1].lower() in extension.own else names[0]
            message = f"{names[0]} and {names[1]} of {named(extension)} are both {http}"
            yield Hit(extension.at(key), message, f"write another port for {key}")


def _between(earlier: Extension, later: Extension, port: int, place: Place) -> Iterator[Hit]:
    modes = [extension.value("PublishMode") for extension in (earlier, later)]
    other = named(earlier)
    if "host" not in modes:
        yield Hit(
            place,
            f"port {port} is also published by {other}, and both are in ingress mode",
            _SHARED,
        )
    elif modes != ["host", "host"]:
        yield Hit(
            place,
            f"port {port} is also published by {other}, and {_in_ingress_mode(earlier, later)} takes it on all nodes "
            "(ingress mode)",
            _SHARED,
        )
    elif not apart(earlier.value("ProxyConstraints"), later.value("ProxyConstraints")):
        yield Hit(
            place,
            f"port {port} is also published in host mode by {other}, and ProxyConstraints do not keep the two proxies "
            "on different nodes",
            f"add a node label to ProxyConstraints that no node of {other} has",
            severity=Severity.WARNING,
        )


_SHARED = 'write another port, or set PublishMode = "host" in both and keep them on different nodes by ProxyConstraints'


def _in_ingress_mode(*extensions: Extension) -> str:
    """Return the name of the extension that publishes its ports in ingress mode."""
    return next(named(extension) for extension in extensions if extension.value("PublishMode") != "host")


@rule(on=InterlockConfig, severity=Severity.ERROR, breaks=Breaks.PROXY, consequence=PROXY_MISSING)
def proxy_constraint_syntax(config: InterlockConfig) -> Iterator[Hit]:
    """A placement constraint of an extension or a proxy is not valid, or no node can meet it.

    A constraint is `<key>==<value>` or `<key>!=<value>`; with a single `=` the manager refuses the service. With a key
    that Swarm does not know, such as a node label without `node.labels.` in front, no node takes the proxy.
    """
    for extension in config.extensions:
        for name in ("Constraints", "ProxyConstraints"):
            for index, text in enumerate(extension.value(name)):
                place = extension.at(name).child(index)
                read = parse_constraint(text)
                if isinstance(read, GrammarError):
                    meant = _doubled(text)
                    yield Hit(
                        place,
                        f'"{text}" in {name} is not a valid placement constraint',
                        f"write {meant}" if meant else "write <key>==<value> or <key>!=<value>",
                        fixes=_fixes.write(place, meant) if meant else (),
                        docker=read.told,
                    )
                elif not read.known:
                    message = f'Swarm does not know the key "{read.key}" in {name}, so no node takes the service'
                    yield Hit(place, message, f"write node.labels.{read.key}{read.operator}{read.value}")


def _doubled(text: str) -> str:
    """Return the constraint with a doubled equals sign where that makes it valid, else an empty string."""
    meant = re.sub("(?<![=!])=(?!=)", "==", text, count=1)
    return meant if isinstance(parse_constraint(meant), Constraint) else ""


@rule(
    on=InterlockConfig,
    severity=Severity.WARNING,
    breaks=Breaks.NOTHING,
    consequence="the proxy may not understand the config that the extension writes",
)
def interlock_images_differ(config: InterlockConfig) -> Iterator[Hit]:
    """The images in Interlock's config have different versions.

    Extension, proxy and config service must be of the same version of UCP or MKE. An upgrade leaves a config that was
    edited by hand as it is, so all its images must be changed by hand too. With different versions, releases before
    3.1.5 update the services again and again (ENGORC-2081).
    """
    images = list(config.images())
    for setting, version in images[1:]:
        first, expected = images[0]
        if version != expected:
            tag = str(first.value).rpartition(":")[2]
            repository, _, own = str(setting.value).rpartition(":")
            place = setting.place._replace(chars=(len(repository) + 1, len(repository) + 1 + len(own)))
            yield Hit(
                place,
                f"{setting.key.name} has version {own}, but {first.key.name} has {tag}",
                f"write {repository}:{tag}",
                fixes=(Fix(f"write {repository}:{tag}", (Edit("write", place, tag),), safe=False),),
            )


MANY = 10


@rule(on=InterlockConfig, severity=Severity.INFO, breaks=Breaks.NOTHING)
def interlock_networks(config: InterlockConfig) -> Iterator[Hit]:
    """The proxy joins many networks, or every network of every routed service.

    A proxy needs one to two seconds to join an overlay, and each update of the proxy joins all of them again. Without
    `Networks` (since UCP 3.2.3 and 3.1.11) the proxy joins each network of a routed service, and each new one restarts
    it. To keep updates short, name a few external networks there, or use several service clusters.
    """
    mistyped = {f.place.path[:2] for f in of_kind(config.faults, ConfigKeyFault) if f.key == "Networks"}
    for extension in config.extensions:
        if extension.place.path in mistyped:
            continue
        networks = extension.value("Networks")
        if networks is None and reached(config.version, INTERLOCK_3) is not False:
            yield Hit(
                extension.place,
                f"{named(extension)} does not set Networks, so its proxy joins every network of every routed service",
                "set Networks to the external networks that the services share",
            )
        elif networks is not None and len(networks) > MANY:
            yield Hit(
                extension.at("Networks"),
                f"the proxy joins {len(networks)} networks, so an update takes {len(networks)} to {2 * len(networks)} "
                "seconds for each replica",
                "let the services share fewer networks, or use several service clusters",
            )
