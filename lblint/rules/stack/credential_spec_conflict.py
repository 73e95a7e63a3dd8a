"""A credential_spec names two sources.

A credential spec comes from a config, a file or the registry, one of them. Docker stops when networks, secrets and
configs are made.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.rules._setting import setting
from lblint.stack import Stack


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.CLIENT_MIDWAY, needs=("credential_spec",))
def check(stack: Stack) -> Iterator[Hit]:
    for service in stack.services:
        given = [
            f'"{key.capitalize()}"'
            for key in ("config", "file", "registry")
            if setting(service.config, "credential_spec", key)
        ]
        if len(given) > 1:
            both = ", ".join(given[:-1]) + (", and " if len(given) > 2 else " and ") + given[-1]
            yield Hit(
                stack.place("services", service.key, "credential_spec"),
                f"invalid credential spec: cannot specify both {both}",
                "one of them",
            )
