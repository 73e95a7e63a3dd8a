"""Whether a secret's file has changed cannot be known.

Asked of a running Swarm (`--live`). Managers never tell the content of a secret, and refuse another one under the same
name (`only updates to Labels are allowed`). Where the file has changed, the deploy stops at it. A name with a version
or a hash in it, changed together with the file, avoids that.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Hit, Severity
from lblint.rules import rule
from lblint.swarm.live import Live


@rule(on=Live, severity=Severity.INFO)
def check(live: Live) -> Iterator[Hit]:
    there = {secret.name for secret in live.snapshot.secrets}
    known = [s for s in live.stack.secrets.values() if s.file is not None and not s.external and s.name in there]
    if known:
        names = ", ".join(str(secret.name) for secret in known)
        are, their = ("is", "its file has") if len(known) == 1 else ("are", "their files have")
        yield Hit(
            known[0].place.on_key(),
            f"{names} {are} there already: if {their} changed since, the deploy stops midway",
            "a new name for what has changed",
        )
