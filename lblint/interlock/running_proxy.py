"""What a proxy that runs already serves: the facts that a rendered nginx.conf gives of it."""

from __future__ import annotations

from collections.abc import Mapping

from lblint.records import NamedTuple


class Served(NamedTuple):
    """One name of the running config. `ports` are those of the tasks behind it, `paths` its locations, but for nginx's
    own status page; both are empty where the config does not tell (a redirect, passthrough)."""

    name: str
    line: int
    ports: frozenset[str] = frozenset()
    paths: frozenset[str] = frozenset()
    tls: bool = False


class Running(NamedTuple):
    """A config read. `hosts` go by their name in lower case; `default` is the backend for all other names, if any.

    Sizes are None where the config does not set them; `zone` is the smallest of all, in kB; `sockets` are those that it
    listens on, `size` is that of the config in bytes. `unchecked` is a sentence where the file could not be read as a
    config: then all else is empty. `proxy` is the service that runs with it and `cluster` its service cluster, where
    the managers have told of them: "" and None for a file that somebody gave, which may be any proxy's. `told` are
    those of the hosts that labels of running services ask for.
    """

    file: str
    hosts: Mapping[str, Served] = {}
    default: Served | None = None
    bucket: int | None = None
    map_bucket: int | None = None
    zone: int | None = None
    connections: int | None = None
    sockets: int = 0
    size: int = 0
    unchecked: str = ""
    proxy: str = ""
    cluster: str | None = None
    told: frozenset[str] = frozenset()

    def concerns(self, cluster: str) -> bool:
        """Whether routes of a service cluster are, or may be, served by this proxy."""
        return self.cluster is None or self.cluster == cluster
