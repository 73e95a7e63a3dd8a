"""Two secrets or two configs of a service have one target.

The target is the file in the container; without one it is the source's name. Docker stops when networks, secrets and
configs are made.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.rules._setting import entries
from lblint.stack import Stack


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.CLIENT_MIDWAY, needs=("secrets", "configs"))
def check(stack: Stack) -> Iterator[Hit]:
    for service in stack.services:
        for section in ("secrets", "configs"):
            first: dict[str, str] = {}
            for index, used in entries(service.config, section):
                source = used.get("source") or ""
                target = used.get("target") or source
                if target in first:
                    yield Hit(
                        stack.place("services", service.key, section, index),
                        f'duplicate {section[:-1]} target "{target}", which "{first[target]}" has already',
                        "a target of its own for each",
                    )
                first.setdefault(target, source)
