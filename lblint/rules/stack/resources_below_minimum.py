"""A limit or reservation is below what managers take.

The least is 0.001 CPU and 4 MiB of memory (swarmkit validateResources). Memory without a unit is in bytes: `512` is
512 bytes.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.rules._setting import setting
from lblint.stack import Stack
from lblint.stack.cpus import parse_cpus
from lblint.stack.grammar import GrammarError

_LEAST_NANOS = 1_000_000
_LEAST_BYTES = 4 << 20


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE, needs=("resources",))
def check(stack: Stack) -> Iterator[Hit]:
    for service in stack.services:
        for part in ("limits", "reservations"):
            path = ("services", service.key, "deploy", "resources", part)
            given = setting(service.config, "deploy", "resources", part) or {}
            cpus = given.get("cpus") or ""
            nanos = parse_cpus(cpus) if cpus else 0
            if not isinstance(nanos, GrammarError) and nanos and nanos < _LEAST_NANOS:
                yield Hit(stack.place(*path, "cpus"), f'cpus "{cpus}": must be at least 0.001', '"0.001" or more')
            memory = int(given.get("memory") or 0)
            if memory and memory < _LEAST_BYTES:
                yield Hit(
                    stack.place(*path, "memory"),
                    f"memory of {memory} bytes: must be at least 4MiB",
                    f"the unit: {memory}M" if memory < 100_000 else "4M or more",
                )
