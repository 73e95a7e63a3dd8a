"""A secret or config of this name is there already, and is not this stack's.

Asked of a running Swarm (`--live`). Secrets and configs are looked up by name alone: one that another stack owns, or
that was made by hand, is taken over and gets the label of this stack. Where the content is the same nobody notices,
until `docker stack rm` of this stack removes it under the other one.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Hit, Severity
from lblint.rules import rule
from lblint.rules._live import owner
from lblint.swarm.live import Live


@rule(
    on=Live,
    severity=Severity.WARNING,
    consequence="it becomes this stack's own, and docker stack rm of this stack removes it for both",
)
def check(live: Live) -> Iterator[Hit]:
    for declared, there in ((live.stack.secrets, live.snapshot.secrets), (live.stack.configs, live.snapshot.configs)):
        names = {found.name: found for found in there}
        for entry in declared.values():
            found = names.get(entry.name or "")
            if not entry.external and found is not None and found.stack != live.stack.name:
                yield Hit(
                    entry.place.on_key(),
                    f"the {entry.kind} {found.name} is there already, {owner(found.stack)}",
                    f"external: true with name: {found.name} to use it, or another name",
                )
