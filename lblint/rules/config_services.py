"""Rules on the services that Interlock's config.toml makes: clusters, ports, constraints, images."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations

from lblint.finding import Breaks, Edit, Fix, Hit, Place, Severity, of_kind
from lblint.interlock.config import Extension, InterlockConfig, apart
from lblint.interlock.config_keys import EXTENSION
from lblint.interlock.faults import ConfigKeyFault
from lblint.interlock.version import INTERLOCK_3, reached
from lblint.rules import _fixes, rule
from lblint.rules._interlock import PROXY_MISSING, named
from lblint.stack.constraint import Constraint, parse_constraint
from lblint.stack.gofmt import GrammarError


@rule(
    on=InterlockConfig,
    severity=Severity.WARNING,
    breaks=Breaks.ROUTE,
    consequence="which proxy carries the routes of this cluster is not known",
)
def service_cluster_twice(config: InterlockConfig) -> Iterator[Hit]:
    """Two extensions serve the same service cluster.

    A label `com.docker.lb.service_cluster` names one cluster, and services without it belong to the extension without
    `ServiceCluster`. Which of two such extensions gets a route, or whether both do, is not documented.
    """
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


_NAMES = ("ServiceName", "ProxyServiceName", "ConfigServiceName")


@rule(
    on=InterlockConfig,
    severity=Severity.ERROR,
    breaks=Breaks.PROXY,
    consequence="one service takes the other's place: one of the two proxies is missing",
)
def service_name_of_two_extensions(config: InterlockConfig) -> Iterator[Hit]:
    """Two services of Interlock's config have one name.

    Each extension makes a service for itself, one for its proxies, and since Interlock 3.0 one for its config. Names in
    a Swarm are unique, so that each needs its own; keys that are left out have the names of the default extension.
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
            says = f'{key} is "{name}"' if written else f'without {key}, its service is called "{name}"'
            yield Hit(
                extension.at(key),
                f"{says}, as is {other[1]} of {other[0]}",
                f'{key} = "{EXTENSION[key.lower()].default}-{extension.name}"',
                severity=None if written else Severity.WARNING,
            )


PUBLISHED = ("PublishedPort", "PublishedSSLPort")
_TARGETS = ("TargetPort", "TargetSSLPort")


@rule(
    on=InterlockConfig,
    severity=Severity.ERROR,
    breaks=Breaks.PROXY,
    consequence="the proxy that comes second does not start, and nobody's routes through it work",
)
def proxies_on_one_port(config: InterlockConfig) -> Iterator[Hit]:
    """Two proxies publish the same port where only one can have it.

    In ingress mode a port belongs to one service in the whole Swarm, on all nodes. In host mode it belongs to one
    container per node: two proxies may share it if `ProxyConstraints` keep them on different nodes, as
    `node.labels.region==east` and `node.labels.region==west` do. Within one proxy HTTP and TLS need a port each.
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


@rule(on=InterlockConfig, severity=Severity.ERROR, breaks=Breaks.PROXY, consequence=PROXY_MISSING)
def proxy_constraint_syntax(config: InterlockConfig) -> Iterator[Hit]:
    """A placement constraint of an extension or proxy that no manager reads, or that no node fulfils.

    A constraint is `<key>==<value>` or `<key>!=<value>`; with a single `=` the manager refuses the service. A key that
    Swarm does not know, such as a node label without `node.labels.` in front, leaves the proxy without a node.
    """
    for extension in config.extensions:
        for name in ("Constraints", "ProxyConstraints"):
            for index, text in enumerate(extension.value(name)):
                place = extension.at(name).child(index)
                read = parse_constraint(text)
                if isinstance(read, GrammarError):
                    help = _help(text)
                    fixes = _fixes.write(place, help) if "<name>" not in help else ()
                    yield Hit(place, f'{name}: "{text}": {read.told}', help, fixes=fixes)
                elif not read.known:
                    write = f"node.labels.{read.key}{read.operator}{read.value}"
                    yield Hit(place, f'{name}: "{text}": Swarm knows no {read.key}, so no node fulfils it', write)


def _help(text: str) -> str:
    """The constraint with two signs, where one is all that is wrong."""
    meant = re.sub("(?<![=!])=(?!=)", "==", text, count=1)
    return meant if isinstance(parse_constraint(meant), Constraint) else "node.labels.<name>==<value>"


@rule(
    on=InterlockConfig,
    severity=Severity.WARNING,
    breaks=Breaks.NOTHING,
    consequence="the proxy may not understand what the extension writes for it",
)
def interlock_images_differ(config: InterlockConfig) -> Iterator[Hit]:
    """The images of Interlock's config are of different versions.

    Extension, proxy and config service belong to one version of UCP or MKE. An upgrade does not touch a config that was
    changed by hand: its images must be changed by hand too, all of them. With different ones, versions before 3.1.5
    update the services over and over (ENGORC-2081).
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
                f"{setting.key.name} is of version {own}, and {first.key.name} of {tag}",
                f"{repository}:{tag}",
                fixes=(Fix(f"write {repository}:{tag}", (Edit("write", place, tag),), safe=False),),
            )


MANY = 10


@rule(on=InterlockConfig, severity=Severity.INFO, breaks=Breaks.NOTHING)
def interlock_networks(config: InterlockConfig) -> Iterator[Hit]:
    """The proxy joins many networks, or all that services bring along.

    Joining an overlay takes a proxy one to two seconds, and an update of the proxy joins all of them again. Without
    `Networks` (known since UCP 3.2.3 and 3.1.11) each network of a routed service is one more, and a new one restarts
    the proxy. A few external networks, named there, keep updates short; so do several service clusters.
    """
    mistyped = {f.place.path[:2] for f in of_kind(config.faults, ConfigKeyFault) if f.key == "Networks"}
    for extension in config.extensions:
        if extension.place.path in mistyped:
            continue
        networks = extension.value("Networks")
        if networks is None and reached(config.version, INTERLOCK_3) is not False:
            yield Hit(
                extension.place,
                f"{named(extension)} has no Networks: its proxy joins every network of every routed service, and each "
                "new one restarts it",
                'Networks = ["ingress"], external networks that the services share',
            )
        elif networks is not None and len(networks) > MANY:
            yield Hit(
                extension.at("Networks"),
                f"{len(networks)} networks, one to two seconds each: an update of the proxy takes "
                f"{len(networks)} to {2 * len(networks)} seconds for each replica",
                "fewer networks that services share, or several service clusters",
            )
