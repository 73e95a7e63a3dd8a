"""A service uses a secret or config that the stack does not declare.

Docker looks it up when it has created the networks and all declared secrets and configs, and stops there.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.rules._setting import entries, setting
from lblint.stack import Stack


@rule(
    on=Stack,
    severity=Severity.ERROR,
    breaks=Breaks.DEPLOY,
    stage=Stage.CLIENT_MIDWAY,
    needs=("secrets", "configs", "credential_spec"),
)
def check(stack: Stack) -> Iterator[Hit]:
    for service in stack.services:
        for section, declared in (("secrets", stack.secrets), ("configs", stack.configs)):
            for index, used in entries(service.config, section):
                source = used.get("source") or ""
                help = f"{section}: {{{source}: {{file: ./{source}}}}} on the top level, or {{external: true}} in it"
                if source not in declared:
                    yield Hit(
                        stack.place("services", service.key, section, index),
                        f'undefined {section[:-1]} "{source}"',
                        help,
                    )
        named = setting(service.config, "credential_spec", "config")
        if named and named not in stack.configs:
            place = stack.place("services", service.key, "credential_spec", "config")
            help = f"configs: {{{named}: {{file: ./{named}}}}} on the top level"
            yield Hit(place, f'undefined config "{named}"', help)
