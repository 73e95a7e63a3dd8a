"""A service uses an external secret or config that is not there.

Asked of a running Swarm (`--live`). The client looks for it when the networks, secrets and configs of the stack have
been made, and stops there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.rules._setting import certainty, entries, setting
from lblint.stack.model import FileObject
from lblint.swarm.live import Live


@rule(on=Live, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.CLIENT_MIDWAY)
def check(live: Live) -> Iterator[Hit]:
    certain = certainty(live.stack)
    for declared, there in ((live.stack.secrets, live.snapshot.secrets), (live.stack.configs, live.snapshot.configs)):
        names = {found.name for found in there}
        for key, entry in declared.items():
            if f"{entry.kind}s" in live.snapshot.refused:
                continue  # nobody knows
            if entry.external and entry.name and entry.name not in names and _used(live, key, declared):
                yield Hit(
                    entry.place.on_key(),
                    f'external {entry.kind} "{entry.name}" is not there',
                    f"docker {entry.kind} create {entry.name} FILE",
                    severity=certain(entry.place),
                )


def _used(live: Live, key: str, declared: Mapping[str, FileObject]) -> bool:
    section = f"{declared[key].kind}s"
    return any(
        key == setting(use, "source") for service in live.stack.services for _, use in entries(service.config, section)
    )
