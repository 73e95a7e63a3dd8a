"""Rules on what the nodes of the Swarm can run."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lblint.finding import Breaks, Hit, Place, Severity, Stage
from lblint.rules import rule
from lblint.rules._access import certainty, entries, setting
from lblint.rules._mounts import odd_pipes
from lblint.rules._spelling import size
from lblint.stack import Service
from lblint.stack.constraint import Constraint, parse_constraint
from lblint.stack.units import parse_cpus
from lblint.swarm.comparison import Live
from lblint.swarm.model import Node
from lblint.swarm.scheduler import Wanted, meets, room

CONSTRAINTS = ("deploy", "placement", "constraints")
RESERVATIONS = ("deploy", "resources", "reservations")


def constraints(live: Live, service: Service) -> Iterator[tuple[Place, Constraint]]:
    """The constraints with their places, but for those that other rules refuse: of bad grammar or with unknown keys."""
    for index, text in entries(service.config, *CONSTRAINTS):
        read = parse_constraint(text) if isinstance(text, str) else None
        if isinstance(read, Constraint) and read.known:
            yield live.stack.place("services", service.key, *CONSTRAINTS, index), read


def candidates(live: Live, service: Service) -> list[Node]:
    """The nodes that meet all constraints of a service, also those that take no tasks at the moment; none where no
    task is wanted."""
    if setting(service.config, "deploy", "replicas") == 0:
        return []
    read = [constraint for _, constraint in constraints(live, service)]
    return [node for node in live.snapshot.nodes if all(meets(node, one) for one in read)]


def replicas(service: Service) -> int | None:
    """How many tasks shall run side by side; None for those that run once per node, and for jobs."""
    if setting(service.config, "deploy", "mode") not in (None, "", "replicated"):
        return None
    given = setting(service.config, "deploy", "replicas")
    return given if isinstance(given, int) else 1


def wanted(service: Service) -> Wanted:
    """What a task of a service reserves; what other rules refuse counts as nothing."""
    cpus, memory = (setting(service.config, *RESERVATIONS, key) for key in ("cpus", "memory"))
    read = parse_cpus(cpus) if isinstance(cpus, str) else 0
    generic: dict[str, int] = {}
    for _, item in entries(service.config, *RESERVATIONS, "generic_resources"):
        kind, value = (setting(item, "discrete_resource_spec", key) for key in ("kind", "value"))
        if isinstance(kind, str) and isinstance(value, int) and value > 0:
            generic[kind] = generic.get(kind, 0) + value
    return Wanted(
        cpus=read if isinstance(read, int) and read > 0 else 0,
        memory=int(memory) if isinstance(memory, str) and memory.isascii() and memory.isdecimal() else 0,
        generic=generic,
    )


@rule(on=Live, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.TASKS)
def placement_no_node(live: Live) -> Iterator[Hit]:
    """No node meets the placement constraints of a service.

    Asked of a running Swarm (`--live`). The manager accepts the service, and its tasks stay pending: `no suitable
    node`. Nodes that meet them, but are drained, paused or down, take no tasks either until that changes: a warning,
    also where all nodes are.
    """
    certain = certainty(live.stack)
    idle = bool(live.snapshot.nodes) and not any(node.takes_tasks for node in live.snapshot.nodes)
    tasks = [service for service in live.stack.services if setting(service.config, "deploy", "replicas") != 0]
    if idle and tasks:
        idle_nodes = [f"{node.hostname} ({_why(node.availability, node.state)})" for node in live.snapshot.nodes]
        few = ", ".join(idle_nodes[:3]) + (f" and {len(idle_nodes) - 3} more" if len(idle_nodes) > 3 else "")
        yield Hit(
            tasks[0].place.on_key(),
            f"no node takes tasks: {few}; all tasks of the stack stay pending",
            "docker node update --availability active NODE, for a node that is drained or paused",
            severity=Severity.WARNING,
        )
    for service in live.stack.services:
        read = list(constraints(live, service))
        if not read or not live.snapshot.nodes or setting(service.config, "deploy", "replicas") == 0:
            continue
        nodes = [node for node in live.snapshot.nodes if all(meets(node, one) for _, one in read)]
        if nodes and (idle or any(node.takes_tasks for node in nodes)):
            continue
        alone = [(at, one) for at, one in read if not any(meets(node, one) for node in live.snapshot.nodes)]
        place, worst = (alone or read)[0]
        said = f"{worst.key} {worst.operator} {worst.value}" if alone or len(read) == 1 else "all of them together"
        if nodes:
            names = ", ".join(sorted(f"{node.hostname} ({_why(node.availability, node.state)})" for node in nodes))
            yield Hit(place, f"only {names} would do, and takes no tasks", severity=Severity.WARNING)
        else:
            yield Hit(
                place,
                f"of {len(live.snapshot.nodes)} nodes none meets {said}",
                "a constraint that some node meets, or docker node update --label-add for a node",
                severity=certain(place),
            )


def _why(availability: str, state: str) -> str:
    return state if availability == "active" else availability


_PATH = ("deploy", "placement", "max_replicas_per_node")


@rule(on=Live, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.TASKS)
def too_few_nodes(live: Live) -> Iterator[Hit]:
    """A service has more replicas than its nodes may take.

    Asked of a running Swarm (`--live`). With `max_replicas_per_node` each node takes so many tasks of the service, and
    with a port that is published in host mode only one. The manager accepts it, and the tasks that are left stay
    pending: `no suitable node (max replicas per node limit exceed)` or `(host-mode port already in use)`. The nodes are
    those that meet the constraints of the service; where only those that are drained, paused or down would make it
    enough, it is a warning.
    """
    certain = certainty(live.stack)
    for service in live.stack.services:
        tasks, nodes = replicas(service), candidates(live, service)
        limit, place, because = _limit(live, service)
        ready = sum(node.takes_tasks for node in nodes)
        if tasks is None or not nodes or not limit:
            continue
        all_nodes = f"{len(nodes)} {'node' if len(nodes) == 1 else 'nodes'}"
        if tasks > limit * len(nodes):
            help = f"replicas: {limit * len(nodes)}, or more nodes"
            yield Hit(place, f"{tasks} replicas, {because}, and {all_nodes}", help, severity=certain(place))
        elif ready and tasks > limit * ready:  # with none that is ready, nothing runs at all
            yield Hit(
                place,
                f"{tasks} replicas, {because}, and {ready} of {all_nodes} {'takes' if ready == 1 else 'take'} tasks",
                f"replicas: {limit * ready}, or the other nodes made active",
                severity=Severity.WARNING,
            )


def _limit(live: Live, service: Service) -> tuple[int, Place, str]:
    """How many tasks a node takes at most (0 for any number), where that is written, and how it is told."""
    for port in service.ports:
        if port.mode == "host" and port.published:
            return 1, port.place, f"each of which needs port {port.published} of its node"
    most = setting(service.config, *_PATH) or 0
    return most, live.stack.place("services", service.key, *_PATH), f"at most {most} per node"


@rule(on=Live, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.TASKS)
def reservation_no_node_has(live: Live) -> Iterator[Hit]:
    """A service reserves more than any node has, or more than all nodes have together.

    Asked of a running Swarm (`--live`). The manager accepts it, and its tasks stay pending: `no suitable node
    (insufficient resources)`. The nodes are those that meet the constraints of the service, as if nothing else ran on
    them: what other services have reserved is not counted here. Generic resources are those that a node is told to have
    (`node-generic-resources` of dockerd).
    """
    certain = certainty(live.stack)
    for service in live.stack.services:
        wants = wanted(service)
        nodes = [] if wants.nothing else candidates(live, service)
        if not nodes or not all(node.cpus and node.memory for node in nodes):
            continue  # none, or some do not tell what they have
        alone = list(_alone(live, service, wants, nodes))
        for hit in alone or _together(live, service, wants, nodes):
            yield hit._replace(severity=certain(hit.place))


def _alone(live: Live, service: Service, wants: Wanted, nodes: list[Node]) -> Iterator[Hit]:
    """What is too much for every node by itself."""
    place = live.stack.place("services", service.key, *RESERVATIONS)
    which = "the largest node" if len(nodes) == len(live.snapshot.nodes) else "the largest node that it may run on"
    cpus, memory = max(node.cpus for node in nodes), max(node.memory for node in nodes)
    if wants.cpus > cpus:
        text, has = setting(service.config, *RESERVATIONS, "cpus"), f"{cpus / 1e9:g}"
        yield Hit(
            place.child("cpus"),
            f"cpus: {text} reserved, and {which} has {has}",
            f"at most {has}, with room for what else runs there",
        )
    if wants.memory > memory:
        yield Hit(
            place.child("memory"),
            f"memory: {size(wants.memory)} reserved, and {which} has {size(memory)}",
            f"at most {size(memory)}, with room for what else runs there",
        )
    for index, item in entries(service.config, *RESERVATIONS, "generic_resources"):
        kind = setting(item, "discrete_resource_spec", "kind")
        most = max(node.generic.get(kind, 0) for node in nodes)
        if wants.generic.get(kind, 0) > most:
            found = f"{which} has {most}" if most else "no node has any"
            yield Hit(
                place.child("generic_resources", index),
                f'{wants.generic[kind]} of "{kind}" reserved, and {found}',
                f"at most {most}" if most else f"node-generic-resources with {kind} in the daemon.json of a node",
            )


def _together(live: Live, service: Service, wants: Wanted, nodes: list[Node]) -> Iterator[Hit]:
    """What each by itself is somewhere, and is not on one node, or not for all tasks."""
    place = live.stack.place("services", service.key, *RESERVATIONS)
    fit = sum(room(node, wants) for node in nodes)
    tasks = replicas(service)
    if not fit:
        yield Hit(place, "no single node has all that is reserved here", "what one node has")
    elif tasks is not None and tasks > fit:
        many = "1 node" if len(nodes) == 1 else f"{len(nodes)} nodes"
        yield Hit(
            place,
            f"with what they reserve, {fit} of {tasks} tasks fit on {many}, even if nothing else runs there",
            f"replicas: {fit}, or less reserved",
        )


@rule(on=Live, severity=Severity.WARNING, breaks=Breaks.DEPLOY, stage=Stage.TASKS)
def reservations_exceed_nodes(live: Live) -> Iterator[Hit]:
    """What the stack reserves does not fit beside what runs.

    Asked of a running Swarm (`--live`). CPUs and memory that tasks reserve are taken from their node until they end.
    Where the tasks that run and those of the stack together reserve more than all nodes that take tasks have, some of
    the new ones stay pending: `no suitable node (insufficient resources)`. They start when others end.
    """
    nodes = [node for node in live.snapshot.nodes if node.takes_tasks]
    if not nodes or not all(node.cpus and node.memory for node in live.snapshot.nodes):
        return
    asked = {service.key: _tasks(live, service) for service in live.stack.services}
    stays = [service for service in live.snapshot.services if not live.replaced(service)]
    kinds: tuple[tuple[str, Callable[[int], str]], ...] = (("cpus", lambda count: f"{count / 1e9:g}"), ("memory", size))
    for kind, shown in kinds:
        has = sum(getattr(node, kind) for node in nodes)
        taken = sum((service.running or 0) * getattr(service, kind) for service in stays)
        new = {s.key: asked[s.key] * getattr(wanted(s), kind) for s in live.stack.services}
        if taken + sum(new.values()) > has:
            most = max(new, key=lambda key: new[key])
            if new[most]:
                yield Hit(
                    live.stack.place("services", most, *RESERVATIONS, kind),
                    f"{kind}: the stack reserves {shown(sum(new.values()))} in all, what runs {shown(taken)}, and the "
                    f"nodes that take tasks have {shown(has)}",
                    "less, or more nodes",
                )


def _tasks(live: Live, service: Service) -> int:
    """How many tasks of a service hold what they reserve: of those that fit at all, as another rule tells of the rest;
    none of a job, which ends."""
    wants, nodes = wanted(service), candidates(live, service)
    if wants.nothing or not nodes or str(setting(service.config, "deploy", "mode")).endswith("-job"):
        return 0
    tasks = replicas(service)
    fit = sum(room(node, wants) for node in nodes)
    return min(fit, len(nodes) if tasks is None else tasks)


@rule(on=Live, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.TASKS)
def plugin_missing(live: Live) -> Iterator[Hit]:
    """No node has the plugin for a log or a volume.

    Asked of a running Swarm (`--live`). A task runs only where the driver of its log and those of its volumes are: `no
    suitable node (missing plugin)`. The manager accepts the service, and its tasks stay pending. The nodes are those
    that meet the constraints of the service, and that tell of their plugins.
    """
    certain = certainty(live.stack)
    said: set[Place] = set()
    for service in live.stack.services:
        nodes = candidates(live, service)
        for kind, name, place in _drivers(live, service):
            telling = nodes and all(any(of == kind for of, _ in node.plugins) for node in nodes)
            if not telling or any(_has(node, kind, name) for node in nodes) or place in said:
                continue
            said.add(place)
            every = len(nodes) == len(live.snapshot.nodes)
            known = sorted({plugin for node in nodes for of, plugin in node.plugins if of == kind})
            yield Hit(
                place,
                f'no node {"" if every else f"that {service.key} may run on "}has the {kind.lower()} driver "{name}"',
                f"one of {', '.join(known)}, or docker plugin install {name} on a node",
                severity=certain(place),
            )


def _drivers(live: Live, service: Service) -> Iterator[tuple[str, str, Place]]:
    """The drivers that a task needs of its node: the kind of plugin, the name, and where it is written."""
    log = setting(service.config, "logging", "driver")
    if isinstance(log, str) and log not in ("", "none"):
        yield "Log", log, live.stack.place("services", service.key, "logging", "driver")
    for _, mount in entries(service.config, "volumes"):
        volume = live.stack.volumes.get(str(setting(mount, "source")))
        if setting(mount, "type") == "volume" and volume is not None and not volume.external:
            driver = volume.config.get("driver")
            if isinstance(driver, str) and driver not in ("", "local"):
                yield "Volume", driver, live.stack.place("volumes", volume.key, "driver")


def _has(node: Node, kind: str, name: str) -> bool:
    """Whether a node has a plugin (swarmkit manager/scheduler/filter.go pluginExistsOnNode)."""
    return bool({(kind, name), (kind, f"{name}:latest")} & node.plugins)


@rule(on=Live, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.TASKS)
def host_port_without_node(live: Live) -> Iterator[Hit]:
    """Other services hold a port in host mode on all nodes that a service may run on.

    Asked of a running Swarm (`--live`). A port in host mode is free once per node. The manager accepts the service, and
    tasks that find no node stay pending: `no suitable node (host-mode port already in use on 1 node)`. Where a service
    of more replicas than free nodes is left with some, see too-few-nodes.
    """
    certain = certainty(live.stack)
    for service in live.stack.services:
        nodes = candidates(live, service)
        ready = {node.id for node in nodes if node.takes_tasks}
        for port in service.ports if ready else ():
            if port.mode != "host" or not port.published:
                continue
            holders = list(_holders(live, service, port.published, port.protocol))
            taken = sum(max(0, count - len(where - ready)) for _, where, count in holders)
            if taken >= len(ready):
                names = " and ".join(sorted(name for name, _, _ in holders))
                which = "the only node" if len(ready) == 1 else f"all {len(ready)} nodes"
                yield Hit(
                    port.place,
                    f"port {port.published}/{port.protocol} in host mode is held by {names} on {which} that "
                    f"{service.key} may run on",
                    "another published port, or no `published` for a port that the manager chooses",
                    severity=certain(port.place),
                )
                break


def _holders(live: Live, wanting: Service, port: int, protocol: str) -> Iterator[tuple[str, set[str], int]]:
    """The services that hold a port in host mode: the name, the nodes that they may be on, and on how many they are."""
    for running in live.snapshot.services:
        if live.replaced(running) or not any(
            (p.published, p.protocol, p.mode) == (port, protocol, "host") for p in running.published
        ):
            continue
        read = [parse_constraint(text) for text in running.constraints]
        known = [one for one in read if isinstance(one, Constraint)]
        where = {n.id for n in live.snapshot.nodes if n.takes_tasks and all(meets(n, one) for one in known)}
        count = running.running
        if count is None:
            count = len(where) if running.mode == "global" else running.replicas or 0
        yield running.name, where, min(count, len(where))


@rule(on=Live, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE)
def mount_type_too_new(live: Live) -> Iterator[Hit]:
    """A mount has a type that the managers' docker does not have.

    Asked of a running Swarm (`--live`). Mounts of the type `cluster` came with docker 23.0; a manager of an earlier
    version refuses the service: `invalid MountType: "cluster"`.
    """
    engines = [_major(node.engine) for node in live.snapshot.nodes if node.role == "manager"]
    if not engines or not all(0 < engine < 23 for engine in engines):
        return
    version = next(node.engine for node in live.snapshot.nodes if node.role == "manager")
    for service in live.stack.services:
        for index, mount in entries(service.config, "volumes"):
            if mount.get("type") == "cluster":
                yield Hit(
                    live.stack.place("services", service.key, "volumes", index, "type"),
                    f'the managers run docker {version}, which has no mount type "cluster": it came with 23.0',
                    "type: volume, with a driver of volumes that all nodes share",
                )


def _major(version: str) -> int:
    digits = version.partition(".")[0]
    return int(digits) if digits.isascii() and digits.isdecimal() else 0


@rule(on=Live, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.TASKS)
def named_pipe_without_windows(live: Live) -> Iterator[Hit]:
    """A service with a mount of the type npipe may run on nodes that are not Windows.

    Asked of a running Swarm (`--live`). Linux has no named pipes: tasks are rejected there, `mount type unknown`. Where
    only some of the nodes that the service may run on are Windows, it is a warning.
    """
    for service in live.stack.services:
        nodes = candidates(live, service)
        linux = [node for node in nodes if node.os.lower() != "windows"]
        for index, mount in entries(service.config, "volumes"):
            if mount.get("type") == "npipe" and linux and not odd_pipes(mount):
                few = len(linux) < len(nodes)
                which = f"{len(linux)} of the {len(nodes)} nodes" if few else "none of the nodes"
                are = "are not Windows: tasks are rejected there" if few else "is Windows: every task is rejected"
                yield Hit(
                    live.stack.place("services", service.key, "volumes", index),
                    f"npipe mount: {which} that {service.key} may run on {are}",
                    "deploy.placement.constraints: [node.platform.os == windows]",
                    severity=Severity.WARNING if few else None,
                )
                break
