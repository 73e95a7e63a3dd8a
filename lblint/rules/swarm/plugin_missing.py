"""No node has the plugin for a log or a volume.

Asked of a running Swarm (`--live`). A task runs only where the driver of its log and those of its volumes are: `no
suitable node (missing plugin)`. The manager accepts the service, and its tasks stay pending. The nodes are those that
meet the constraints of the service, and that tell of their plugins.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Place, Severity, Stage
from lblint.rules import rule
from lblint.rules._nodes import candidates
from lblint.rules._setting import certainty, entries, setting
from lblint.stack import Service
from lblint.swarm.live import Live
from lblint.swarm.model import Node


@rule(on=Live, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.TASKS)
def check(live: Live) -> Iterator[Hit]:
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
