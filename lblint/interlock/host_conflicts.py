"""Hosts that several services have behind one proxy: the pairs that the template merges."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lblint.finding import File, Place, RunningService
from lblint.interlock.label_table import PREFIX
from lblint.interlock.redirects import parse_url
from lblint.interlock.routes import Host, Ingress, Route
from lblint.records import NamedTuple

OPTIONS = ("ssl_cert", "ssl_key", "ssl_passthrough", "redirects", "websocket_endpoints", "sticky_session_cookie",
           "ip_hash", "default_backend")  # fmt: skip
"""Options that the template reads from the first service of a host alone (`index $backends 0`), but for the path."""


class Shared(NamedTuple):
    """A host of one route that an earlier one has, too."""

    host: Host
    route: Route
    earlier: Route

    @property
    def earlier_name(self) -> str:
        """The other service for a message: `file:service`, or the service alone in the same file."""
        return where(self.earlier, self.route)

    @property
    def alternative(self) -> bool:
        """Whether the two may be one service in two versions of a file, never deployed side by side."""
        return alternative(self.earlier, self.route)

    def differing(self) -> list[str]:
        """The options of which the template takes only one service's value for the host, and the two differ."""
        name = self.host.name.lower()
        different = [o for o in OPTIONS if meaning(self.route, o, name) != meaning(self.earlier, o, name)]
        return [o for o in different if not (o == "ssl_key" and "ssl_cert" in different)]

    def place(self, option: str) -> Place:
        """The label `com.docker.lb.<option>` of the later route, or the host where it has none."""
        label = self.route.label(option)
        return label.place if label else self.host.place


def where(route: Route, seen_from: Route) -> str:
    """A service for a message about another: `file:service`, or the service alone in the same file."""
    file = route.service.place.file
    return route.service.key if file == seen_from.service.place.file else named(file, route.service.key)


def named(file: File, service: str) -> str:
    """A service of another file for a message; one that runs only by its name."""
    return f"the running service {service}" if isinstance(file, RunningService) else f"{file}:{service}"


def alternative(route: Route, other: Route) -> bool:
    """Whether two routes may be one service in two versions of a file: one key, and not known to be of two stacks."""
    if route.stack is other.stack or route.service.key != other.service.key:
        return False
    return route.stack.name is None or other.stack.name is None or route.stack.name == other.stack.name


def shared_hosts(ingress: Ingress) -> Iterator[Shared]:
    """Each host that a route has after another route of its service cluster, with the first one that has it.

    In another letter case it is another host to Interlock, though not to nginx. Names with a variable that is not set
    here are left out: with it, they are other names.
    """
    first: dict[tuple[str, str], Route] = {}
    for route in ingress.routes:
        label = route.label("hosts")
        for host in route.hosts if not (label and label.unset) else ():
            earlier = first.setdefault((route.cluster, host.name), route)
            if earlier is not route:
                yield Shared(host, route, earlier)


def written(route: Route, option: str) -> str:
    """Return the label of an option for a message: `with <key>: <value>` or `without <key>`."""
    label = route.label(option)
    return f"with {PREFIX}{option}: {label.value}" if label else f"without {PREFIX}{option}"


def meaning(route: Route, option: str, host: str) -> Any:
    """What the template does with an option for this host, so that spellings of one meaning are equal."""
    if option == "redirects":
        pairs = ((parse_url(redirect.source.text), redirect.target.text) for redirect in route.redirects)
        return {target for source, target in pairs if source and source.host == host}
    if option == "websocket_endpoints":
        return {word.text for word in route.websocket_endpoints} if route.context_root is None else set()
    value = getattr(route, option)
    return value if isinstance(value, bool) or value is None else value.text
