"""An external network is not there, or is one of a node alone.

Asked of a running Swarm (`--live`). The docker client looks for the external networks that services use before it
creates anything, and takes those that are scoped to the Swarm alone: create it on a manager with the overlay driver.
Its words are `declared as external, but could not be found`, or `not in the right scope`.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.rules._setting import certainty
from lblint.swarm.live import Live

_NOT_LOOKED_FOR = ("bridge", "host", "none", "default")
"""Names that the client does not look for (docker/cli cli/command/stack/swarm validateExternalNetworks)."""


@rule(on=Live, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.CLIENT_BEFORE)
def check(live: Live) -> Iterator[Hit]:
    certain = certainty(live.stack)
    for network in live.stack.networks.values():
        name = network.name or ""
        if not (network.external and network.used) or name in _NOT_LOOKED_FOR or name.startswith("container:"):
            continue
        scopes = {found.scope for found in live.snapshot.named(name)}
        place = network.place.on_key()
        if not scopes:
            yield Hit(
                place,
                f'external network "{name}" is not there',
                f"docker network create --driver overlay {name}",
                severity=certain(network.place),
            )
        elif "swarm" not in scopes and name != "docker_gwbridge":
            yield Hit(
                place,
                f'external network "{name}" is in the scope "{min(scopes)}" of one node, and not of the Swarm',
                "a network of another name, made by docker network create --driver overlay",
            )
