"""A service reserves more than any node has.

Asked of a running Swarm (`--live`). The manager accepts it, and its tasks stay pending: `insufficient resources`. What
other services have reserved is not counted here; a node needs that much to spare.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.rules._setting import certainty, setting
from lblint.stack.cpus import parse_cpus
from lblint.swarm.live import Live

_PATH = ("deploy", "resources", "reservations")


@rule(on=Live, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.TASKS)
def check(live: Live) -> Iterator[Hit]:
    certain = certainty(live.stack)
    most = {
        "cpus": max((node.cpus for node in live.snapshot.nodes), default=0),
        "memory": max((node.memory for node in live.snapshot.nodes), default=0),
    }
    for service in live.stack.services:
        for key, largest in most.items():
            text = setting(service.config, *_PATH, key)
            wanted = _amount(text) if key == "cpus" else int(text) if _digits(text) else 0
            if not 0 < largest < wanted or setting(service.config, "deploy", "replicas") == 0:
                continue
            has = f"{largest / 1e9:g}" if key == "cpus" else f"{largest} bytes"
            place = live.stack.place("services", service.key, *_PATH, key)
            yield Hit(
                place,
                f"{key}: {text} reserved, and the largest node has {has}",
                f"at most {has}, with room for what else runs there",
                severity=certain(place),
            )


def _amount(text: object) -> int:
    """Billionths of a CPU; 0 where it is none."""
    read = parse_cpus(text) if isinstance(text, str) else 0
    return read if isinstance(read, int) else 0


def _digits(text: object) -> bool:
    return isinstance(text, str) and text.isascii() and text.isdecimal()
