"""A service mounts a volume that the stack does not declare.

A source that does not begin with `.`, `/` or `~` is the name of a volume, even with a slash in it, and must be
declared under the top-level `volumes`. Docker finds it out when networks, secrets and configs are made.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.rules._setting import entries
from lblint.stack import Stack


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.CLIENT_MIDWAY, needs=("volumes",))
def check(stack: Stack) -> Iterator[Hit]:
    for service in stack.services:
        for index, mount in entries(service.config, "volumes"):
            source = mount.get("source") or ""
            named = mount.get("type") or "volume"
            if not source or source in stack.volumes or named not in ("volume", "cluster"):
                continue
            if named == "cluster" and source.startswith("group:"):
                continue
            path = "/" in source or "\\" in source
            help = f"./{source} for a path of the node" if path else f"volumes: {{{source}: {{}}}} on the top level"
            yield Hit(stack.place("services", service.key, "volumes", index), f'undefined volume "{source}"', help)
