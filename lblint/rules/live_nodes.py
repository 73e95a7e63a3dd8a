"""Rules on what the nodes of the Swarm can run."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lblint.finding import Breaks, Hit, Place, Severity, Stage
from lblint.rules import rule
from lblint.rules._access import certainty, entries, odd_pipes, setting
from lblint.rules._wording import alternatives, size
from lblint.stack import Service
from lblint.stack.constraint import Constraint, parse_constraint
from lblint.stack.units import parse_cpus
from lblint.swarm.comparison import Live
from lblint.swarm.model import Node
from lblint.swarm.scheduler import Wanted, meets, room

CONSTRAINTS = ("deploy", "placement", "constraints")
RESERVATIONS = ("deploy", "resources", "reservations")


def constraints(live: Live, service: Service) -> Iterator[tuple[Place, Constraint]]:
    """Yield the constraints with their places, without those that other rules refuse: not valid, or of unknown keys."""
    for index, text in entries(service.config, *CONSTRAINTS):
        read = parse_constraint(text) if isinstance(text, str) else None
        if isinstance(read, Constraint) and read.known:
            yield live.stack.place("services", service.key, *CONSTRAINTS, index), read


def candidates(live: Live, service: Service) -> list[Node]:
    """Return the nodes that meet all constraints of a service, including those that accept no tasks at the moment; none
    for a service without tasks."""
    if setting(service.config, "deploy", "replicas") == 0:
        return []
    read = [constraint for _, constraint in constraints(live, service)]
    return [node for node in live.snapshot.nodes if all(meets(node, constraint) for constraint in read)]


def replicas(service: Service) -> int | None:
    """Return how many tasks should run at the same time; None for global services and for jobs."""
    if setting(service.config, "deploy", "mode") not in (None, "", "replicated"):
        return None
    count = setting(service.config, "deploy", "replicas")
    return count if isinstance(count, int) else 1


def wanted(service: Service) -> Wanted:
    """Return what a task of a service reserves; values that other rules refuse count as nothing."""
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

    Needs a running Swarm (`--live`). The manager accepts the service, and its tasks stay pending: `no suitable node`.
    If nodes meet the constraints, but are drained, paused or down, the finding is a warning: they accept tasks again
    when that changes.
    """
    certain = certainty(live.stack)
    idle = bool(live.snapshot.nodes) and not any(node.takes_tasks for node in live.snapshot.nodes)
    tasks = [service for service in live.stack.services if setting(service.config, "deploy", "replicas") != 0]
    if idle and tasks:
        idle_nodes = [f"{node.hostname} ({_why(node.availability, node.state)})" for node in live.snapshot.nodes]
        few = ", ".join(idle_nodes[:3]) + (f" and {len(idle_nodes) - 3} more" if len(idle_nodes) > 3 else "")
        drained = [node.hostname for node in live.snapshot.nodes if node.availability != "active"]
        yield Hit(
            tasks[0].place.on_key(),
            f"no node of the Swarm accepts tasks now: {few}",
            f"run docker node update --availability active {drained[0]}" if drained else "bring a node up",
            severity=Severity.WARNING,
        )
    for service in live.stack.services:
        read = list(constraints(live, service))
        if not read or not live.snapshot.nodes or setting(service.config, "deploy", "replicas") == 0:
            continue
        nodes = [node for node in live.snapshot.nodes if all(meets(node, constraint) for _, constraint in read)]
        if nodes and (idle or any(node.takes_tasks for node in nodes)):
            continue
        alone = [
            (at, constraint)
            for at, constraint in read
            if not any(meets(node, constraint) for node in live.snapshot.nodes)
        ]
        place, worst = (alone or read)[0]
        which = f"{worst.key} {worst.operator} {worst.value}" if alone or len(read) == 1 else "all constraints together"
        if nodes:
            names = ", ".join(sorted(f"{node.hostname} ({_why(node.availability, node.state)})" for node in nodes))
            single = len(nodes) == 1
            meet, accept = ("meets", "accepts") if single else ("meet", "accept")
            message = f"only {names} {meet} the constraints, but {accept} "
            idle_node = next((node.hostname for node in nodes if node.availability != "active"), "")
            help = f"run docker node update --availability active {idle_node}" if idle_node else ""
            yield Hit(place, f"{message}no tasks now", help, severity=Severity.WARNING)
        else:
            yield Hit(
                place,
                f"none of the {len(live.snapshot.nodes)} nodes meets {which}",
                _label_command(worst) if alone or len(read) == 1 else "change a constraint, or add a label to a node",
                severity=certain(place),
            )


def _label_command(constraint: Constraint) -> str:
    """Return the advice for a constraint that no node meets."""
    prefix, label = constraint.key[:12].lower(), constraint.key[12:]
    if prefix == "node.labels." and label and constraint.operator == "==":
        return f"change the constraint, or run docker node update --label-add {label}={constraint.value} NODE"
    return "write a constraint that a node meets"


def _why(availability: str, state: str) -> str:
    return state if availability == "active" else availability


_PATH = ("deploy", "placement", "max_replicas_per_node")


@rule(on=Live, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.TASKS)
def too_few_nodes(live: Live) -> Iterator[Hit]:
    """A service has more replicas than its nodes can run.

    Needs a running Swarm (`--live`). `max_replicas_per_node` limits how many tasks of the service a node runs, and a
    port in host mode limits them to one. The manager accepts the service, and the remaining tasks stay pending: `no
    suitable node (max replicas per node limit exceed)` or `(host-mode port already in use)`. Only nodes that meet the
    constraints count. If nodes that are drained, paused or down would be enough, it is a warning.
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
            help = f"set deploy.replicas to {limit * len(nodes)}, or add nodes"
            message = (
                f"{tasks} replicas need {-(-tasks // limit)} nodes, as {because}, but only {all_nodes} can run them"
            )
            yield Hit(place, message, help, severity=certain(place))
        elif ready and tasks > limit * ready:  # with none that is ready, nothing runs at all
            yield Hit(
                place,
                f"{tasks} replicas need {-(-tasks // limit)} nodes, as {because}, but only {ready} of {all_nodes} "
                f"{'accepts' if ready == 1 else 'accept'} tasks now",
                f"set deploy.replicas to {limit * ready}, or make the other nodes active",
                severity=Severity.WARNING,
            )


def _limit(live: Live, service: Service) -> tuple[int, Place, str]:
    """Return how many tasks a node runs at most (0 for any number), the place of that limit, and the reason."""
    for port in service.ports:
        if port.mode == "host" and port.published:
            return 1, port.place, f"each needs port {port.published} of its node"
    most = setting(service.config, *_PATH) or 0
    return most, live.stack.place("services", service.key, *_PATH), f"a node runs at most {most}"


@rule(on=Live, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.TASKS)
def reservation_no_node_has(live: Live) -> Iterator[Hit]:
    """A service reserves more than a node has, or more than all nodes have together.

    Needs a running Swarm (`--live`). The manager accepts the service, and its tasks stay pending: `no suitable node
    (insufficient resources)`. Only nodes that meet the constraints of the service count, as if nothing else ran on
    them; reservations of other services are not counted here. Generic resources are set by `node-generic-resources` of
    dockerd.
    """
    certain = certainty(live.stack)
    for service in live.stack.services:
        wants = wanted(service)
        nodes = [] if wants.nothing else candidates(live, service)
        if not nodes or not all(node.cpus and node.memory for node in nodes):
            continue  # none, or some do not report what they have
        alone = list(_alone(live, service, wants, nodes))
        for hit in alone or _together(live, service, wants, nodes):
            yield hit._replace(severity=certain(hit.place))


def _alone(live: Live, service: Service, wants: Wanted, nodes: list[Node]) -> Iterator[Hit]:
    """Yield a hit for each resource of which no node has enough."""
    place = live.stack.place("services", service.key, *RESERVATIONS)
    every = len(nodes) == len(live.snapshot.nodes)
    which = "the largest node" if every else f"the largest node that {service.key} can run on"
    key = ".".join(RESERVATIONS)
    cpus, memory = max(node.cpus for node in nodes), max(node.memory for node in nodes)
    if wants.cpus > cpus:
        text, has = setting(service.config, *RESERVATIONS, "cpus"), f"{cpus / 1e9:g}"
        yield Hit(
            place.child("cpus"),
            f"{key}.cpus is {text}, but {which} has only {has}",
            f"reserve at most {has}, less what else runs there",
        )
    if wants.memory > memory:
        yield Hit(
            place.child("memory"),
            f"{key}.memory is {size(wants.memory)}, but {which} has only {size(memory)}",
            f"reserve at most {size(memory)}, less what else runs there",
        )
    for index, item in entries(service.config, *RESERVATIONS, "generic_resources"):
        kind = setting(item, "discrete_resource_spec", "kind")
        most = max(node.generic.get(kind, 0) for node in nodes)
        if wants.generic.get(kind, 0) > most:
            available = f"{which} has only {most}" if most else "no node has any"
            yield Hit(
                place.child("generic_resources", index),
                f"the service reserves {wants.generic[kind]} {kind}, but {available}",
                f"reserve at most {most}"
                if most
                else f"add {kind} to node-generic-resources in the daemon.json of a node",
            )


def _together(live: Live, service: Service, wants: Wanted, nodes: list[Node]) -> Iterator[Hit]:
    """Yield a hit where no single node has enough of everything, or all nodes have too little for all tasks."""
    place = live.stack.place("services", service.key, *RESERVATIONS)
    fit = sum(room(node, wants) for node in nodes)
    tasks = replicas(service)
    if not fit:
        message = f"no node has enough of all that {service.key} reserves"
        yield Hit(place, message, "reserve no more than a single node has")
    elif tasks is not None and tasks > fit:
        number = "1 node" if len(nodes) == 1 else f"{len(nodes)} nodes"
        yield Hit(
            place,
            f"only {fit} of {tasks} tasks with these reservations fit on {number}, even if nothing else runs there",
            f"set deploy.replicas to {fit}, or reserve less",
        )


@rule(on=Live, severity=Severity.WARNING, breaks=Breaks.DEPLOY, stage=Stage.TASKS)
def reservations_exceed_nodes(live: Live) -> Iterator[Hit]:
    """The reservations of the stack and of what already runs exceed the nodes.

    Needs a running Swarm (`--live`). Reserved CPUs and memory belong to a task until it ends. If the running tasks and
    those of the stack together reserve more than the nodes have, some of the new ones stay pending: `no suitable node
    (insufficient resources)`. They start when others end.
    """
    nodes = [node for node in live.snapshot.nodes if node.takes_tasks]
    if not nodes or not all(node.cpus and node.memory for node in live.snapshot.nodes):
        return
    asked = {service.key: _tasks(live, service) for service in live.stack.services}
    stays = [service for service in live.snapshot.services if not live.replaced(service)]
    kinds: tuple[tuple[str, str, Callable[[int], str]], ...] = (
        ("cpus", "CPUs", lambda count: f"{count / 1e9:g}"),
        ("memory", "of memory", size),
    )
    for kind, unit, shown in kinds:
        has = sum(getattr(node, kind) for node in nodes)
        taken = sum((service.running or 0) * getattr(service, kind) for service in stays)
        new = {s.key: asked[s.key] * getattr(wanted(s), kind) for s in live.stack.services}
        if taken + sum(new.values()) > has:
            most = max(new, key=lambda key: new[key])
            if new[most]:
                yield Hit(
                    live.stack.place("services", most, *RESERVATIONS, kind),
                    f"the stack reserves {shown(sum(new.values()))} {unit} and running services reserve "
                    f"{shown(taken)}, but the nodes have {shown(has)}",
                    "reserve less, or add nodes",
                )


def _tasks(live: Live, service: Service) -> int:
    """Return how many tasks of a service hold their reservations: those that fit at all, as another rule reports the
    rest; none of a job, which ends."""
    wants, nodes = wanted(service), candidates(live, service)
    if wants.nothing or not nodes or str(setting(service.config, "deploy", "mode")).endswith("-job"):
        return 0
    tasks = replicas(service)
    fit = sum(room(node, wants) for node in nodes)
    return min(fit, len(nodes) if tasks is None else tasks)


@rule(on=Live, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.TASKS)
def plugin_missing(live: Live) -> Iterator[Hit]:
    """No node has the driver of a log or a volume.

    Needs a running Swarm (`--live`). A task runs only on a node that has the drivers of its log and its volumes. The
    manager accepts the service, and its tasks stay pending: `no suitable node (missing plugin)`. Only nodes that meet
    the constraints of the service and report their plugins count.
    """
    certain = certainty(live.stack)
    reported: set[Place] = set()
    for service in live.stack.services:
        nodes = candidates(live, service)
        for kind, name, place in _drivers(live, service):
            telling = nodes and all(any(of == kind for of, _ in node.plugins) for node in nodes)
            if not telling or any(_has(node, kind, name) for node in nodes) or place in reported:
                continue
            reported.add(place)
            every = len(nodes) == len(live.snapshot.nodes)
            known = sorted({plugin for node in nodes for of, plugin in node.plugins if of == kind})
            yield Hit(
                place,
                f"no node {'' if every else f'that {service.key} can run on '}has the {kind.lower()} driver {name}",
                f"write {alternatives(known)}, or run docker plugin install {name} on a node",
                severity=certain(place),
            )


def _drivers(live: Live, service: Service) -> Iterator[tuple[str, str, Place]]:
    """Yield the drivers that a task needs on its node: the kind of plugin, the name, and its place."""
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
    """Other services use a port in host mode on all nodes that a service can run on.

    Needs a running Swarm (`--live`). In host mode only one task per node can have a port. The manager accepts the
    service, and tasks that find no node stay pending: `no suitable node (host-mode port already in use on 1 node)`. If
    some nodes are free, but fewer than replicas, see too-few-nodes.
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
                    f"port {port.published}/{port.protocol} in host mode is already used by {names} on {which} that "
                    f"{service.key} can run on",
                    "publish another port, or remove published to let docker choose one",
                    severity=certain(port.place),
                )
                break


def _holders(live: Live, wanting: Service, port: int, protocol: str) -> Iterator[tuple[str, set[str], int]]:
    """Yield the services with a port in host mode: the name, the nodes that they can run on, and how many they use."""
    for running in live.snapshot.services:
        if live.replaced(running) or not any(
            (p.published, p.protocol, p.mode) == (port, protocol, "host") for p in running.published
        ):
            continue
        read = [parse_constraint(text) for text in running.constraints]
        known = [constraint for constraint in read if isinstance(constraint, Constraint)]
        where = {
            n.id for n in live.snapshot.nodes if n.takes_tasks and all(meets(n, constraint) for constraint in known)
        }
        count = running.running
        if count is None:
            count = len(where) if running.mode == "global" else running.replicas or 0
        yield running.name, where, min(count, len(where))


@rule(on=Live, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE)
def mount_type_too_new(live: Live) -> Iterator[Hit]:
    """A mount has a type that the managers do not know.

    Needs a running Swarm (`--live`). Mounts of the type `cluster` exist since docker engine 23.0. A manager of an
    earlier version refuses the service.
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
                    f"mount type cluster needs docker engine 23.0, but the managers run {version}",
                    "write type: volume, with a volume driver that all nodes share",
                    docker='invalid MountType: "cluster"',
                )


def _major(version: str) -> int:
    digits = version.partition(".")[0]
    return int(digits) if digits.isascii() and digits.isdecimal() else 0


@rule(on=Live, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.TASKS)
def named_pipe_without_windows(live: Live) -> Iterator[Hit]:
    """A service with a mount of the type npipe can run on nodes without Windows.

    Needs a running Swarm (`--live`). Linux does not have named pipes, and tasks are rejected there: `mount type
    unknown`. If some of the nodes that the service can run on have Windows, it is a warning.
    """
    for service in live.stack.services:
        nodes = candidates(live, service)
        linux = [node for node in nodes if node.os.lower() != "windows"]
        for index, mount in entries(service.config, "volumes"):
            if mount.get("type") == "npipe" and linux and not odd_pipes(mount):
                few = len(linux) < len(nodes)
                which = f"{len(linux)} of the {len(nodes)} nodes" if few else "all nodes"
                yield Hit(
                    live.stack.place("services", service.key, "volumes", index),
                    f"mount type npipe needs Windows, but {which} that {service.key} can run on "
                    f"{'has' if few and len(linux) == 1 else 'have'} another system",
                    "add node.platform.os == windows to deploy.placement.constraints",
                    docker="mount type unknown",
                    severity=Severity.WARNING if few else None,
                )
                break
