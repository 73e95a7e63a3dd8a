"""Keys that docker forbids, ignores or calls deprecated.

Source: docker/cli cli/compose/types/types.go, cli/command/stack/loader/loader.go.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lblint.finding import Fault, Place
from lblint.stack.faults import ForbiddenKey, IgnoredKey

FORBIDDEN = {
    "extends": "Support for `extends` is not implemented yet.",
    "volume_driver": "Instead of setting the volume driver on the service, define a volume using the top-level "
    "`volumes` option and specify the driver there.",
    "volumes_from": "To share a volume between services, define it using the top-level `volumes` option and reference "
    "it from each service that shares it using the service-level `volumes` option.",
    "cpu_quota": "Set resource limits using deploy.resources",
    "cpu_shares": "Set resource limits using deploy.resources",
    "cpuset": "Set resource limits using deploy.resources",
    "mem_limit": "Set resource limits using deploy.resources",
    "memswap_limit": "Set resource limits using deploy.resources",
}
"""Keys of a service that make docker stop at once, with what it says of each."""

UNSUPPORTED = frozenset(
    """
    build cgroupns_mode cgroup_parent devices domainname external_links ipc links mac_address network_mode pid
    privileged restart security_opt shm_size userns_mode
    """.split()  # noqa: SIM905
)
"""Keys of a service that docker warns of and ignores (`restart` is used all the same without a restart_policy)."""

SENT_SINCE = {"cap_add": (20, 10), "cap_drop": (20, 10), "ulimits": (20, 10), "sysctls": (19, 3)}
"""Keys that clients before a release warn of and ignore in the same way (UnsupportedProperties at v18.09.9, v19.03.15
and v20.10.24; convert/service.go does not read them there)."""

DEPRECATED = {
    "container_name": "Setting the container name is not supported.",
    "expose": "Exposing ports is unnecessary - services on the same network can access each other's containers on any"
    " port.",
}
"""Keys of a service that docker warns of, with what it says of each."""


def sent(key: str, release: tuple[int, int]) -> bool:
    """Whether a client of a release, as (major, minor), sends a key of a service that has not always been sent."""
    return release >= SENT_SINCE.get(key, (0, 0))


def keys(data: Mapping[str, Any], file: str, release: tuple[int, int]) -> Iterator[Fault]:
    """Yield the forbidden, unsupported and deprecated keys of the services of a file, as it was written.

    `release` is the docker client's, as (major, minor). The fault of a key that later clients send has `since`.
    """
    services = data.get("services")
    for name, service in services.items() if isinstance(services, dict) else ():
        for key in service if isinstance(service, dict) else ():
            place = Place(file, ("services", name, key), key=True)
            if key in FORBIDDEN:
                message = "Configuration contains forbidden properties"
                yield ForbiddenKey(place=place, docker=message, key=key, reason=FORBIDDEN[key])
            elif key in UNSUPPORTED or key in DEPRECATED:
                yield IgnoredKey(place=place, key=key)
            elif not sent(key, release):
                yield IgnoredKey(place=place, key=key, since="{}.{:02}".format(*SENT_SINCE[key]))
