"""Rules on Interlock's config.toml beside the running Swarm."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lblint.finding import Breaks, Hit, Place, Severity
from lblint.interlock.config import Extension, apart
from lblint.interlock.version import INTERLOCK_3, parse_version, reached
from lblint.rules import rule
from lblint.rules._interlock import PROXY_MISSING, named
from lblint.stack.constraint import Constraint, parse_constraint
from lblint.swarm.comparison import LiveConfig
from lblint.swarm.model import Node, Service
from lblint.swarm.scheduler import meets

FEW = 3
"""So many names are listed; further ones are counted."""


def listed(names: Sequence[str]) -> str:
    """Return names as a list; more than `FEW` are counted."""
    more = len(names) - FEW
    few = [*names[:FEW], *([f"{more} more"] if more > 0 else [])]
    return few[0] if len(few) == 1 else f"{', '.join(few[:-1])} and {few[-1]}"


def constraints(extension: Extension, key: str) -> list[tuple[Place, Constraint]]:
    """Return the valid constraints of a list, with their places; other rules report the rest."""
    read = [(extension.at(key).child(i), parse_constraint(text)) for i, text in enumerate(extension.value(key))]
    return [(place, one) for place, one in read if isinstance(one, Constraint) and one.known]


def nodes_for(live: LiveConfig, extension: Extension, key: str) -> list[Node]:
    """Return the nodes that meet all constraints of a list, also those that accept no tasks now."""
    read = [constraint for _, constraint in constraints(extension, key)]
    return [node for node in live.snapshot.nodes if all(meets(node, constraint) for constraint in read)]


@rule(
    on=LiveConfig,
    severity=Severity.ERROR,
    breaks=Breaks.PROXY,
    consequence=PROXY_MISSING,
    possible="the service does not run as long as no node accepts its tasks",
)
def proxy_without_node(live: LiveConfig) -> Iterator[Hit]:
    """No node meets the constraints of an extension or of its proxies.

    Needs a running Swarm (`--live`). The manager accepts the service, but its tasks stay pending: `no suitable node`.
    Labels in `node.labels` are set by `docker node update --label-add`. If nodes meet the constraints, but are drained,
    paused or down, it is a warning: they accept tasks again when that changes.
    """
    if not live.snapshot.nodes:
        return
    for extension in live.config.extensions:
        for key, service in (("Constraints", "ServiceName"), ("ProxyConstraints", "ProxyServiceName")):
            read = constraints(extension, key)
            if not read or (key == "ProxyConstraints" and extension.value("ProxyReplicas") == 0):
                continue
            nodes = nodes_for(live, extension, key)
            if any(node.takes_tasks for node in nodes):
                continue
            name = extension.value(service)
            if nodes:
                idle = ", ".join(f"{node.hostname} ({_why(node)})" for node in nodes[:FEW])
                active = next((node.hostname for node in nodes if node.availability != "active"), "")
                yield Hit(
                    extension.at(key),
                    f"only {idle} can run {name}, but accepts no tasks now"
                    if len(nodes) == 1
                    else f"only {idle} can run {name}, but accept no tasks now",
                    f"run docker node update --availability active {active}" if active else "bring a node up",
                    severity=Severity.WARNING,
                )
                continue
            alone = [(at, one) for at, one in read if not any(meets(node, one) for node in live.snapshot.nodes)]
            place = alone[0][0] if len(alone) == 1 else extension.at(key)
            which = " and ".join(f"{one.key}{one.operator}{one.value}" for _, one in alone or read)
            count = len(live.snapshot.nodes)
            yield Hit(
                place,
                f"no node meets {which}, so {name} has no node to run on"
                if count != 1
                else f"the only node does not meet {which}, so {name} has no node to run on",
                _label_command([one for _, one in alone or read]),
            )


def _label_command(unmet: Sequence[Constraint]) -> str:
    """Return the advice for constraints that no node meets."""
    prefix = "node.labels."
    if all(one.key.lower().startswith(prefix) and one.operator == "==" for one in unmet):
        flags = " ".join(f"--label-add {one.key[len(prefix) :]}={one.value}" for one in unmet)
        return f"run docker node update {flags} NODE, or change the constraints"
    return "write constraints that a node meets"


def _why(node: Node) -> str:
    return node.state if node.availability == "active" else node.availability


@rule(
    on=LiveConfig,
    severity=Severity.ERROR,
    breaks=Breaks.PROXY,
    consequence="the remaining proxies stay pending, and updates of this proxy do not finish",
    possible="the remaining proxies stay pending",
)
def too_few_nodes_for_proxies(live: LiveConfig) -> Iterator[Hit]:
    """In host mode there are more proxies than nodes for them.

    Needs a running Swarm (`--live`). With `PublishMode = "host"` each proxy needs the ports of its node for itself, so
    a node runs one proxy of an extension. If nodes that are drained, paused or down would be enough, it is a warning.
    """
    for extension in live.config.extensions:
        replicas = extension.value("ProxyReplicas")
        if extension.value("PublishMode") != "host" or not isinstance(replicas, int):
            continue
        nodes = nodes_for(live, extension, "ProxyConstraints")
        ready = sum(node.takes_tasks for node in nodes)
        if not ready or replicas <= ready:
            continue
        can = f"only {len(nodes)} {'node meets' if len(nodes) == 1 else 'nodes meet'} ProxyConstraints"
        if replicas <= len(nodes):
            accept = "accepts" if ready == 1 else "accept"
            can = f"only {ready} of {len(nodes)} nodes that meet ProxyConstraints {accept} tasks now"
        yield Hit(
            extension.at("ProxyReplicas"),
            f"ProxyReplicas is {replicas}, but {can}, and in host mode a node runs one proxy",
            f"set ProxyReplicas to {ready}, or label more nodes",
            severity=Severity.WARNING if replicas <= len(nodes) else None,
        )


@rule(
    on=LiveConfig,
    severity=Severity.ERROR,
    breaks=Breaks.PROXY,
    consequence="the manager refuses the proxy, or no proxy starts on that node: no route through it works",
    possible="the proxy may not start until the port is free",
)
def proxy_port_held(live: LiveConfig) -> Iterator[Hit]:
    """A running service holds a port that the proxies of an extension publish.

    Needs a running Swarm (`--live`). In ingress mode a port belongs to one service of the Swarm; in host mode to one
    task on a node, so two services can have it if their constraints keep them on different nodes. Services of
    extensions that the config no longer has keep their ports until somebody removes them: a warning with the command.
    """
    left = {service.name for service in live.leftovers}
    for extension in live.config.extensions:
        for key, holder in live.holders(extension):
            port = extension.value(key)
            modes = {held.mode for held in holder.published if held.published == port}
            both_host = modes == {"host"} and extension.value("PublishMode") == "host"
            if both_host and apart(holder.constraints, extension.value("ProxyConstraints")):
                continue
            message = f"port {port} is already published by service {holder.name}"
            if holder.name in left:
                yield Hit(
                    extension.at(key),
                    f"{message}, of an extension that this config does not have",
                    f"apply the config with lblint interlock apply --prune, which removes {holder.name}",
                    severity=Severity.WARNING,
                )
            else:
                yield Hit(
                    extension.at(key),
                    message,
                    f"write another port for {key}, or remove the port from {holder.name}",
                    severity=Severity.WARNING if both_host else None,
                )


@rule(on=LiveConfig, severity=Severity.ERROR, breaks=Breaks.PROXY, consequence=PROXY_MISSING)
def proxy_network_missing(live: LiveConfig) -> Iterator[Hit]:
    """`Networks` of an extension names a network that the Swarm does not have.

    Needs a running Swarm (`--live`). Since Interlock 3.0 the proxies join exactly the networks of this list. Names are
    those that `docker network ls` shows: a network of a stack has the name of the stack in front.
    """
    if reached(live.config.version, INTERLOCK_3) is False:
        return
    for extension in live.config.extensions:
        names = extension.value("Networks") or ()
        for index, name in enumerate(names):
            scopes = {network.scope for network in live.snapshot.named(name)}
            if "swarm" in scopes or not name:
                continue
            existing = (network.name for network in live.snapshot.networks if network.scope == "swarm")
            near = [other for other in existing if other.endswith(f"_{name}") and other not in names]
            help = f"write {near[0]}" if len(near) == 1 else f"run docker network create --driver overlay {name}"
            if scopes:
                help = "create a network with another name by docker network create --driver overlay, and write that"
            yield Hit(
                extension.at("Networks").child(index),
                f"network {name} in Networks of {named(extension)} "
                + ("exists only on one node, not in the Swarm" if scopes else "does not exist"),
                help,
            )


@rule(
    on=LiveConfig,
    severity=Severity.WARNING,
    breaks=Breaks.NOTHING,
    consequence="the core may not understand the extension, or may update the services again and again",
)
def interlock_image_not_of_core(live: LiveConfig) -> Iterator[Hit]:
    """The images in Interlock's config have another version than the running core.

    Needs a running Swarm (`--live`). An upgrade of UCP or MKE replaces the core, but not the images in a config that
    was edited by hand. All must be of the same version (before 3.1.5, other images were updated again and again:
    ENGORC-2081).
    """
    core = live.snapshot.interlock.service if live.snapshot.interlock is not None else None
    repository, _, tag = core.image.rpartition(":") if core is not None else ("", "", "")
    version = parse_version(tag) if repository.rpartition("/")[2] == "ucp-interlock" else None
    if core is None or version is None:
        return
    others = [setting for setting, own in live.config.images() if own != version]
    if others:
        first = others[0]
        old = str(first.value).rpartition(":")[2]
        yield Hit(
            first.place,
            f"{first.key.name} has version {old}, but the running core {core.name} has {tag}",
            f"write {str(first.value).rpartition(':')[0]}:{tag}, and the same version for all images",
            related=tuple(setting.place for setting in others[1:]),
        )


@rule(
    on=LiveConfig,
    severity=Severity.ERROR,
    breaks=Breaks.ROUTE,
    consequence="the routes of these services stop working when the config is applied",
    possible="no proxy serves these services now, and none will",
    others=True,
)
def service_cluster_dropped(live: LiveConfig) -> Iterator[Hit]:
    """Running services ask for a service cluster that the config does not have.

    Needs a running Swarm (`--live`). A route belongs to the extension whose `ServiceCluster` equals the label
    `com.docker.lb.service_cluster`, and without the label to the extension without `ServiceCluster`. When that
    extension goes, no proxy serves the route any more. To move services to another cluster, run both extensions, deploy
    the services with the new label, and remove the old extension then. If the running config does not have the cluster
    either, it is a warning.
    """
    there = {extension.cluster for extension in live.config.extensions}
    asking: dict[str, list[str]] = {}
    for route in live.routes:
        if route.cluster not in there and (route.hosts or route.default_backend):
            asking.setdefault(route.cluster, []).append(route.service.key)
    for cluster, services in sorted(asking.items()):
        served = live.running is not None and live.running.extension(cluster) is not None
        count = "uses" if len(services) == 1 else "use"
        has = "has" if len(services) == 1 else "have"
        yield Hit(
            live.config.extensions[0].place._replace(path=live.config.extensions[0].place.path[:1], key=True),
            f'no extension has ServiceCluster "{cluster}", which {listed(services)} {count}'
            if cluster
            else f"every extension has a ServiceCluster, but {listed(services)} {has} no label service_cluster",
            f'keep an extension with ServiceCluster = "{cluster}" until the services have another label'
            if cluster
            else "keep an extension without ServiceCluster until the services are deployed with "
            f"com.docker.lb.service_cluster: {' or '.join(sorted(there))}",
            severity=None if served else Severity.WARNING,
        )


@rule(on=LiveConfig, severity=Severity.INFO, breaks=Breaks.NOTHING)
def interlock_service_left(live: LiveConfig) -> Iterator[Hit]:
    """Services of extensions that the config does not have are still running.

    Needs a running Swarm (`--live`). Interlock does not remove the services of an extension that is gone from its
    config: its proxies keep their ports, networks and nodes, and serve what they served last.
    """
    holding = {service.name for extension in live.config.extensions for _, service in live.holders(extension)}
    left: list[Service] = [service for service in live.leftovers if service.name not in holding]
    if left and live.config.extensions:
        place = live.config.extensions[0].place
        names = [service.name for service in left]
        yield Hit(
            place._replace(path=place.path[:1], key=True),
            f"{listed(names)} {'runs' if len(names) == 1 else 'run'}, but no extension of this config has "
            f"{'it' if len(names) == 1 else 'them'}",
            f"when the new proxies run: docker service rm {' '.join(names)}",
        )
