"""A service has a key that docker refuses to deploy with.

These keys of docker-compose stop `docker stack deploy` before it looks at anything else; limits of a service stand
below `deploy.resources`, volumes at the top of the file.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Edit, Fix, Hit, Place, Severity
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


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, needs=("forbidden.key",))
def check(stack: Stack) -> Iterator[Hit]:
    for fault in stack.faults:
        if fault.kind == "forbidden.key":
            key, said = str(fault.facts["key"]), str(fault.facts["said"]).rstrip(".")
            message = f"{key} is forbidden in a stack; docker: {said}"
            yield Hit(fault.place, message, _INSTEAD.get(key, ""), fixes=_fix(key, fault.place))


def _fix(key: str, place: Place) -> tuple[Fix, ...]:
    """A limit of memory where stacks have it."""
    if key != "mem_limit" or len(place.path) != 3:
        return ()
    limits = (*place.path[:2], "deploy", "resources", "limits")
    edit = Edit("move", place._replace(key=False), key="memory", to=limits)
    return (Fix("move it to deploy.resources.limits.memory", (edit,)),)
