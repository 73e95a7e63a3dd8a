"""What the stack reserves does not fit beside what runs.

Asked of a running Swarm (`--live`). CPUs and memory that tasks reserve are taken from their node until they end. Where
the tasks that run and those of the stack together reserve more than all nodes that take tasks have, some of the new
ones stay pending: `no suitable node (insufficient resources)`. They start when others end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.rules._nodes import RESERVATIONS, candidates, replicas, size, wanted
from lblint.rules._setting import setting
from lblint.stack import Service
from lblint.swarm.live import Live
from lblint.swarm.room import room


@rule(on=Live, severity=Severity.WARNING, breaks=Breaks.DEPLOY, stage=Stage.TASKS)
def check(live: Live) -> Iterator[Hit]:
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
