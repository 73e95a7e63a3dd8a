"""The ingress that runs, with what may be wrong with it: the services of Interlock, their tasks, and the labels of
running services that keep a proxy from a new config."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from lblint.finding import Place, RunningService
from lblint.interlock.label_table import PREFIX
from lblint.interlock.routes import Ingress, Route
from lblint.lazy_re import pattern
from lblint.records import NamedTuple
from lblint.stack.model import Stack
from lblint.swarm.connection import Swarm
from lblint.swarm.errors import RefusedError
from lblint.swarm.inventory import Inventory, Served, inventory
from lblint.swarm.model import Service, Snapshot
from lblint.swarm.proxies import CORE, is_proxy
from lblint.swarm.tasks import OVER, Task, seconds, tasks_of_services

_EXTENSION = CORE + "-extension"
_OTHER_FILES = pattern(r"^\s*include\s+(?!\S*mime\.types)", re.MULTILINE)
"""An nginx.conf that has more in files that are not shown."""
WINDOW = 600.0
"""Seconds in which dead tasks count as one row of failures, and a service as deployed at the time of an update."""
CALM = 30.0
"""Seconds that a task runs, at least, after the failures of those before it, until its service counts as healthy."""
REACTION = 60.0
"""Seconds in which Interlock surely has served a new label: it looks every three seconds (PollInterval), and the update
of a proxy takes some more."""


class BadLabel(NamedTuple):
    """A label of a running service that a proxy does not take: it cannot start with a config that holds the label.

    `message` says what is wrong with it; `cluster` is the service cluster of its route, "" for the default one.
    """

    service: Service
    key: str
    message: str
    place: Place
    cluster: str = ""


class Part(NamedTuple):
    """A service of Interlock that is to run. `kind` is core, extension or proxy; `service` is None where there is none
    of that `name`, `clusters` are the service clusters that it is for, `replicas` what the config asks for."""

    kind: str
    name: str
    place: Place
    service: Service | None
    clusters: tuple[str, ...] = ()
    replicas: int | None = None

    @property
    def wanted(self) -> int:
        """How many tasks are to run, as far as is known."""
        return 0 if self.service is None else tasks_wanted(self.service)

    @property
    def running(self) -> int:
        """How many tasks run, as far as is known."""
        return (self.service.running or 0) if self.service is not None else 0

    @property
    def stuck(self) -> bool:
        """Whether its last update did not come to its end, so that it runs with what was before."""
        return self.service is not None and self.service.stuck


class IngressStatus(NamedTuple):
    """The ingress that runs. `tasks` are those of Interlock's services and of services that lack some, `now` is the
    time in seconds since 1970. `labels` are those that a proxy does not take, `faulty` the names of services whose
    labels have another error. `quoted` are labels that nginx quotes where it says why a proxy does not start."""

    inventory: Inventory
    snapshot: Snapshot
    tasks: tuple[Task, ...] = ()
    now: float = 0.0
    labels: tuple[BadLabel, ...] = ()
    faulty: frozenset[str] = frozenset()
    quoted: tuple[BadLabel, ...] = ()

    @property
    def ingress(self) -> Ingress:
        """The routes of running services, each of which is a stack of its own."""
        return self.inventory.ingress

    def parts(self) -> Iterator[Part]:
        """The services of Interlock that are to run: the core, and those that its config names. Without a config they
        are known by their names and labels only."""
        config = self.ingress.config
        there = {service.name: service for service in self.snapshot.services}
        core = self.snapshot.interlock
        if core is not None:
            yield Part("core", core.service.name, place_of_service(core.service.name), core.service)
        if config is None:
            for service in self.snapshot.services:
                kind = "proxy" if is_proxy(service) else "extension" if service.name.startswith(_EXTENSION) else ""
                if kind:
                    clusters = self.clusters(service.name)
                    yield Part(kind, service.name, place_of_service(service.name), service, clusters)
            return
        for extension in config.extensions:
            for kind, key in (("extension", "ServiceName"), ("proxy", "ProxyServiceName")):
                name, replicas = str(extension.value(key)), extension.value("ProxyReplicas")
                if kind == "proxy" and replicas == 0:
                    continue
                place = place_of_service(name) if name in there else extension.at(key)
                count = replicas if kind == "proxy" and isinstance(replicas, int) else 1
                yield Part(kind, name, place, there.get(name), (extension.cluster,), count)

    def failing_proxies(self) -> list[Service]:
        """The proxies of which tasks have died of late, or whose last update did not come to its end."""
        proxies = [part for part in self.parts() if part.kind == "proxy" and part.service is not None]
        return [part.service for part in proxies if part.service and (part.stuck or self.deaths(part.service))]

    def clusters(self, proxy: str) -> tuple[str, ...]:
        """The service clusters that a proxy is for, by the name of its service."""
        return next((own.clusters for own in self.inventory.proxies if own.proxy.service.name == proxy), ())

    def deaths(self, service: Service) -> list[Task]:
        """The tasks that died of late in the place where most did, one after the other, oldest first; none where the
        one that runs there now has lasted longer than they did. Those from before the last update do not count."""
        places: dict[tuple[str, int, str], list[Task]] = {}
        for task in self.tasks:
            if task.service == service.id:
                places.setdefault(task.place, []).append(task)
        begun = seconds(service.update_since) if service.update_since else 0.0
        rows = []
        for tasks in places.values():
            dead = [task for task in tasks if task.state in ("failed", "rejected") and self.recent(task.since)]
            dead = [task for task in dead if seconds(task.since) >= begun]
            last = tasks[-1]
            calm = max(CALM, *(2 * task.age for task in dead), 0.0)
            if last.state != "running" or self.now - seconds(last.since) <= calm:
                rows.append(dead)
        return max(rows, key=len, default=[])

    def settles(self, service: Service) -> bool:
        """Whether a service is being updated, for not too long, and nothing has gone wrong so far."""
        pending = any(task.service == service.id and task.state == "pending" and task.error for task in self.tasks)
        begun = not service.update_since or self.recent(service.update_since)
        return service.update == "updating" and begun and not pending and not self.deaths(service)

    def missing_hosts(self, served: Served) -> list[str]:
        """The hosts of a route that the config of its proxy surely does not serve; none where that is not known."""
        known = next((own for own in self.ingress.running if own.cluster == served.route.cluster), None)
        text = served.proxy.text if served.proxy is not None else ""
        if known is None or known.unchecked or known.default is not None or _OTHER_FILES.search(text):
            return []
        if any(name.startswith("~") for name in known.hosts):
            return []
        return [host.name for host in served.route.hosts if not _covered(host.name.lower().rstrip("."), known.hosts)]

    def recent(self, stamp: str, within: float = WINDOW) -> bool:
        """Whether a time of the Engine API is so many seconds ago at most; False where it is not known."""
        return bool(stamp) and self.now - seconds(stamp) <= within

    def trouble(self, service: Service) -> str:
        """What the managers say of the last task of a service that does not run; "" where they say nothing."""
        tasks = [task for task in self.tasks if task.service == service.id and task.error]
        return tasks[-1].error if tasks else ""

    def suspect(self, proxy: Service, clusters: Sequence[str]) -> Service | None:
        """The service with labels that was deployed last before a proxy's update went wrong; None where none is near
        in time."""
        if not proxy.update_since:
            return None
        start = seconds(proxy.update_since)
        near = [
            (seconds(served.service.updated), served.service.name, served.service)
            for served in self.inventory.routes
            if served.route.cluster in clusters and served.service.updated
            and 0 <= start - seconds(served.service.updated) <= WINDOW
        ]  # fmt: skip
        return max(near)[2] if near else None


def _covered(name: str, hosts: Collection[str]) -> bool:
    """Whether nginx has a server for a name: of that name, or of a wildcard at its beginning or end."""
    parts = name.split(".")
    ends = {".".join(parts[at:]) for at in range(1, len(parts))}
    fronts = {".".join(parts[:at]) for at in range(1, len(parts))}
    wild = {f"*.{end}" for end in ends} | {f".{end}" for end in (name, *ends)} | {f"{front}.*" for front in fronts}
    return any(one in hosts for one in (name, f"{name}.", *wild))


class LiveLabels(NamedTuple):
    """A stack that is to be deployed beside running services with `labels` that a proxy does not take."""

    stack: Stack
    ingress: Ingress
    snapshot: Snapshot
    labels: tuple[BadLabel, ...] = ()

    def routes(self) -> Iterator[Route]:
        """The routes of the stack."""
        return (route for route in self.ingress.routes if route.stack is self.stack)


def place_of_service(name: str) -> Place:
    """The place of a service that runs."""
    return Place(RunningService(name), ("services", name), key=True)


def tasks_wanted(service: Service) -> int:
    """How many tasks of a service are to run; 0 where it is not known."""
    return service.desired if service.desired is not None else service.replicas or 0


def ingress_status(
    snapshot: Snapshot, tasks: Sequence[Task] = (), now: float = 0.0, asked: Collection[str] = ()
) -> IngressStatus:
    """What of the ingress is in a snapshot and the tasks of its services. Never raises.

    `asked` are the ids of the services whose tasks are all among these.
    """
    core = snapshot.interlock
    counted = snapshot._replace(
        services=tuple(_counted(service, tasks, asked) for service in snapshot.services),
        proxies=tuple(proxy._replace(service=_counted(proxy.service, tasks, asked)) for proxy in snapshot.proxies),
        interlock=core and core._replace(service=_counted(core.service, tasks, asked)),
    )
    return IngressStatus(inventory(counted), counted, tuple(tasks), now)


def _counted(service: Service, tasks: Sequence[Task], asked: Collection[str]) -> Service:
    """The service with its tasks counted, where the daemon does not tell (before 20.10)."""
    if service.running is not None or service.id not in asked:
        return service
    own = [task for task in tasks if task.service == service.id]
    running = sum(task.state == task.desired == "running" for task in own)
    desired = service.replicas
    if service.mode == "global":
        desired = sum(task.desired == "running" and task.state not in OVER for task in own)
    return service._replace(running=running, desired=desired)


def read_status(swarm: Swarm, snapshot: Snapshot, now: float) -> IngressStatus:
    """The status of the ingress of a snapshot, with the tasks of Interlock's services and of routed ones that lack
    some: one call more. Raises `SwarmError`; where the managers refuse to tell of tasks, `refused` of the snapshot
    says so."""
    status = ingress_status(snapshot, (), now)
    names = {part.name for part in status.parts()}
    ids = [service.id for service in snapshot.services if service.name in names or _lacks_tasks(service)]
    if not ids:
        return status
    try:
        return ingress_status(snapshot, tasks_of_services(swarm, ids), now, ids)
    except RefusedError as error:
        return ingress_status(snapshot._replace(refused={**snapshot.refused, "tasks": str(error)}), (), now)


def _lacks_tasks(service: Service) -> bool:
    """Whether a service has labels for Interlock, and fewer tasks than it is to have, or nobody tells how many."""
    routed = any(key.startswith(PREFIX) for key in service.labels)
    return routed and (service.running is None or service.running < max(1, tasks_wanted(service)))
