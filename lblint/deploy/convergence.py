"""After a deploy: whether the stack's services and the proxies come to rest, or what keeps them from it.

Sources: swarmkit manager/orchestrator/update/updater.go (the states of an update), manager/scheduler (no suitable
node), agent/exec (a rejected task never starts); Interlock changes its proxies some seconds after a deploy.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from lblint.records import NamedTuple
from lblint.report.progress import meter
from lblint.swarm.model import Service, Snapshot
from lblint.swarm.proxies import is_proxy
from lblint.swarm.tasks import OVER, Task

PAUSE = 1.0
"""Seconds between two looks."""
REST = 15.0
"""Seconds for which all must stay well, at least: what has just started may still die."""
REACTION = 15.0
"""Seconds in which Interlock, which looks every three, surely has begun to change a proxy."""
FEW = 3
"""So many dead tasks in one place, one after the other, are flapping."""
PATIENCE = 15
"""So many looks a task may lack a node: the one that it replaces may still hold a port or the memory there."""

STUCK = {
    "paused": "its update is paused",
    "rollback_started": "it is rolled back",
    "rollback_completed": "it was rolled back",
    "rollback_paused": "its rollback is paused",
}


class State(NamedTuple):
    """One look: the managers, and the tasks of the stack's services and of the proxies."""

    snapshot: Snapshot
    tasks: tuple[Task, ...] = ()


class Trouble(NamedTuple):
    """A service that will not come to rest, and why; `task` is the id of the task that tells most ("" if none).

    `looks` is how many times in a row it must be seen to count: what has only just begun may pass.
    """

    service: Service
    said: str
    task: str = ""
    looks: int = 3


class Watch(NamedTuple):
    """What is watched: the stack, the look before the deploy, and the names of the proxies that Interlock is to update,
    as they carry a route of the stack that changes. Where names are given in `only`, these services are watched and no
    others, and they are waited for if they do not exist yet."""

    stack: str
    before: State
    proxies: tuple[str, ...] = ()
    only: tuple[str, ...] = ()

    def services(self, now: State) -> list[Service]:
        """The services that matter."""
        if self.only:
            return [service for service in now.snapshot.services if service.name in self.only]
        return [s for s in now.snapshot.services if s.stack == self.stack or is_proxy(s) or s.name in self.proxies]

    def deaths(self, now: State) -> dict[str, float]:
        """The tasks that died since the deploy, by their ids, each with how many seconds later its successor may die:
        what it lived, and the delay before a restart."""
        known = {task.id for task in self.before.tasks}
        services = {service.id: service for service in self.services(now)}
        return {
            task.id: task.age + services[task.service].delay
            for task in now.tasks
            if task.id not in known and task.service in services and _died(services[task.service], task)
        }


def troubles(watch: Watch, now: State) -> Iterator[Trouble]:
    """What is wrong for good, or keeps going wrong."""
    known = {task.id for task in watch.before.tasks}
    old = {service.id: service for service in watch.before.snapshot.services}
    for service in watch.services(now):
        tasks = [task for task in now.tasks if task.service == service.id and task.id not in known]
        dead = [task for task in tasks if _died(service, task)]
        last = next((task for task in reversed(dead) if task.error), dead[-1] if dead else None)
        why = f": {last.error}" if last and last.error else ": exit code 0" if last and last.state == "complete" else ""
        changed = service.id not in old or service.version != old[service.id].version
        if service.update in STUCK and changed:
            message = f"{STUCK[service.update]} ({service.update_message or 'no reason given'}){why}"
            yield Trouble(service, message, last.id if last else "")
            continue
        worst = Counter(task.place for task in dead).most_common(1)
        rejected = Counter(task.place for task in dead if task.state == "rejected").most_common(1)
        if _given_up(service, tasks):
            often = f" after max_attempts {service.attempts}" if service.restart != "none" else ""
            looks = 1 if service.restart == "none" else 3  # managers replace a task some moments after its end
            yield Trouble(service, f"its tasks failed and will not restart{often}{why}", last.id if last else "", looks)
        elif rejected and rejected[0][1] > 1:
            yield Trouble(service, f"its tasks are rejected and cannot start{why}", last.id if last else "")
        elif worst and worst[0][1] >= FEW:
            yield Trouble(service, f"it is flapping: {len(dead)} tasks have died{why}", last.id if last else "")
        else:
            for task in tasks:
                if task.state == "pending" and "no suitable node" in task.error:
                    yield Trouble(service, f"its tasks cannot be placed: {task.error}", task.id, PATIENCE)
                    break


def _died(service: Service, task: Task) -> bool:
    """Whether a task ended as it should not: also without an error, where the service is to run for ever."""
    ends = service.restart != "any" or service.mode.endswith("-job")
    return task.state in ("failed", "rejected") or (task.state == "complete" and not ends)


def _given_up(service: Service, tasks: list[Task]) -> bool:
    """Whether a task has died for which there is no other: after all attempts, or without any (swarmkit
    manager/orchestrator/restart)."""
    if service.restart != "none" and not service.attempts:
        return False
    alive = {task.place for task in tasks if task.state not in OVER}
    return any(_died(service, task) and task.place not in alive for task in _newest(service, tasks))


def _newest(service: Service, tasks: Iterable[Task]) -> Iterable[Task]:
    """The last task in each place, of a job in its own iteration."""
    job = service.mode.endswith("-job")
    return {task.place: task for task in tasks if not job or task.iteration == service.iteration}.values()


def waiting(watch: Watch, now: State) -> Iterator[str]:
    """What is not yet at rest, a half sentence each."""
    old = {service.id: service for service in watch.before.snapshot.services}
    there = {service.name for service in now.snapshot.services}
    yield from (f"{name} does not exist yet" for name in watch.only if name not in there)
    for service in watch.services(now):
        running, wanted = _counts(service, now)
        if service.update == "updating":
            yield f"{service.name} is updated ({running} of {wanted} tasks run)"
        elif running < wanted:
            yield f"{service.name}: {running} of {wanted} tasks run"
    for service in watch.services(now):
        if service.name in watch.proxies and service.id in old and service.version == old[service.id].version:
            yield f"{service.name}: Interlock has not updated it yet"


def _counts(service: Service, now: State) -> tuple[int, int]:
    """How many tasks run (of a job: are complete), and how many shall."""
    tasks = [task for task in now.tasks if task.service == service.id]
    if service.mode.endswith("-job"):
        done = sum(task.state == "complete" and task.iteration == service.iteration for task in tasks)
        return done, service.replicas if service.replicas is not None else max(done, service.desired or 0)
    running = sum(task.state == task.desired == "running" for task in tasks)
    if service.restart != "any":  # what ends well has done its work
        running += sum(task.state == "complete" for task in _newest(service, tasks))
    if service.mode == "replicated":
        return running, service.replicas or 0
    return running, sum(task.desired == "running" and task.state not in OVER for task in tasks)


class Outcome(NamedTuple):
    """What the watching came to: all at rest where there are neither troubles nor something to wait for."""

    troubles: tuple[Trouble, ...] = ()
    waiting: tuple[str, ...] = ()


def watch(watch: Watch, look: Callable[[], State], progress: Callable[[str], None], limit: float) -> Outcome:
    """Look until all is at rest, for `limit` seconds at most; a trouble ends it once it has lasted.

    Raises what `look` raises.
    """
    from time import monotonic, sleep

    begun = monotonic()
    calm = begun
    lasting: Counter[str] = Counter()
    dead: dict[str, float] = {}
    while True:
        now = look()
        time = monotonic()
        current = tuple(troubles(watch, now))
        lasting = Counter({trouble.service.id: lasting[trouble.service.id] + 1 for trouble in current})
        grave = tuple(trouble for trouble in current if lasting[trouble.service.id] >= trouble.looks)
        rest = tuple(waiting(watch, now))
        deaths = watch.deaths(now)
        new, dead = deaths.keys() - dead.keys(), dead | deaths
        if grave and not _rolling(grave):
            return Outcome(grave, rest)
        if rest or current or new:
            calm = time
        elif time - calm >= max(REST, *dead.values(), 0) and (watch.proxies or time - begun >= _reaction(watch, now)):
            return Outcome()
        if time - begun >= limit:
            return Outcome(current, rest or ("it to stay at rest",))
        progress(f"{bar(watch, now)} waiting for {'; '.join(rest) or 'all to stay at rest'}")
        sleep(PAUSE)


def bar(watch: Watch, now: State, width: int = 20) -> str:
    """How many of the wanted tasks run, as a bar with the numbers behind it."""
    counts = [_counts(service, now) for service in watch.services(now)]
    wanted = sum(count for _, count in counts)
    running = sum(min(count) for count in counts)
    return meter(running, wanted, width)


def _rolling(current: tuple[Trouble, ...]) -> bool:
    """Whether the troubles are rollbacks under way alone, of which the end is worth waiting for."""
    return all(trouble.service.update == "rollback_started" for trouble in current)


def _reaction(watch: Watch, now: State) -> float:
    return REACTION if any(is_proxy(service) for service in watch.services(now)) else 0.0
