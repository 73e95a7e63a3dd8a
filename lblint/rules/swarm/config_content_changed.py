"""A config's file has changed, and its name has not.

Asked of a running Swarm (`--live`). The data of a config is fixed when it is made; a manager refuses another content
under the same name (`only updates to Labels are allowed`), and no service of the deploy is updated. Give the config a
name with a version in it.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.swarm.live import Live


@rule(on=Live, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_OBJECT)
def check(live: Live) -> Iterator[Hit]:
    there = {config.name: config for config in live.snapshot.configs}
    for key, config in live.stack.configs.items():
        found = there.get(config.name or "")
        own = live.data.get(key)
        if config.external or found is None or own is None or not found.sha256 or found.sha256 == own:
            continue
        yield Hit(
            live.stack.place("configs", key, "file"),
            f"the config {found.name} is there with another content: managers never change it",
            f"name: {found.name}-2, from version 3.5 on, or the former content",
        )
