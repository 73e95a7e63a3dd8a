"""A service has a key that docker refuses to deploy with.

These keys of docker-compose stop `docker stack deploy` before it looks at anything else; limits of a service stand
below `deploy.resources`, volumes at the top of the file.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity
from lblint.rules import rule
from lblint.stack import Stack

_INSTEAD = {
    "extends": "the service in full, or an anchor and `<<`",
    "volume_driver": "`driver` of a volume under the top-level `volumes`",
    "volumes_from": "a volume under the top-level `volumes`, mounted in both services",
    "cpu_quota": "deploy.resources.limits.cpus",
    "cpu_shares": "deploy.resources.reservations.cpus",
    "cpuset": "deploy.resources.limits.cpus; a stack cannot choose processors",
    "mem_limit": "deploy.resources.limits.memory",
    "memswap_limit": "deploy.resources.limits.memory",
}


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY)
def check(stack: Stack) -> Iterator[Hit]:
    for fault in stack.faults:
        if fault.kind == "forbidden.key":
            key, said = str(fault.facts["key"]), str(fault.facts["said"]).rstrip(".")
            yield Hit(fault.place, f"{key} is forbidden in a stack; docker: {said}", _INSTEAD.get(key, ""))
