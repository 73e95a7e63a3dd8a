"""A placement constraint names a key that no scheduler knows.

Managers take any key, but only node.id, node.hostname, node.ip, node.role, node.platform.os, node.platform.arch,
node.labels.<name> and engine.labels.<name> mean something. With any other key no node ever matches, whatever the
operator: the tasks stay pending.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.rules._setting import entries
from lblint.stack import Stack
from lblint.stack.constraint import KEYS, Constraint, parse_constraint


@rule(on=Stack, severity=Severity.WARNING, breaks=Breaks.DEPLOY, stage=Stage.TASKS, needs=("constraints",))
def check(stack: Stack) -> Iterator[Hit]:
    for service in stack.services:
        for index, text in entries(service.config, "deploy", "placement", "constraints"):
            read = parse_constraint(text)
            if isinstance(read, Constraint) and not read.known:
                place = stack.place("services", service.key, "deploy", "placement", "constraints", index)
                from lblint.rules._mend import write

                meant = f"{_meant(read.key)} {read.operator} {read.value}"
                certain = f"node.{read.key.lower()}" in KEYS
                yield Hit(
                    place,
                    f'constraint key "{read.key}" is none that a scheduler knows: no node matches',
                    meant,
                    fixes=write(place, meant, certain) if "<name>" not in meant else (),
                )


def _meant(key: str) -> str:
    """The key that was meant: one without its `node.`, or a label."""
    whole = f"node.{key.lower()}"
    if whole in KEYS:
        return whole
    bare = key
    for prefix in ("node.", "engine.", "label.", "labels."):
        bare = bare.removeprefix(prefix)
    return f"node.labels.{bare or '<name>'}"
