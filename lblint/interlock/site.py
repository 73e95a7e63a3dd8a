"""What the people behind an ingress say of it themselves: `.lblint.yml`, as far as the rules on routes need it."""

from __future__ import annotations

from lblint.records import NamedTuple


class Site(NamedTuple):
    """The lists that a site keeps; an empty one is not kept, and allows everything.

    `file` is where they stand, for messages. `domains` are names, or `*.` and a name, in lower case. `clusters` are the
    values that `com.docker.lb.service_cluster` may have, `networks` the Swarm names of the networks that a proxy may
    join, with `*` for any text. `publish_mode` is that of the proxies, `ingress` or `host`; "" where it is not known.
    """

    file: str = ""
    domains: tuple[str, ...] = ()
    clusters: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    publish_mode: str = ""
