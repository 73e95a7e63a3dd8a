"""How many bytes the proxy's nginx.conf has, for which services, and how many managers take."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from lblint.finding import Fault, File, RunningService
from lblint.interlock.routes import Route
from lblint.interlock.running_proxy import Running
from lblint.interlock.version import Version, engines
from lblint.proxy.directive import Directive, size, written
from lblint.proxy.faults import ConfigLarge, ConfigTooLarge
from lblint.proxy.server_names import lower

LIMIT = 1000 * 1024
"""Managers refuse a config of so many bytes or more (swarmkit MaxConfigSize, from engine 20.10.15 on)."""

LIMIT_BEFORE = 500 * 1024
"""The same for engines before."""

_NAMED = 3
"""Services that are named at most."""

Services = Mapping[tuple[File, str], int]
"""The number of a route by each of its stack's files and its service's key."""


def faults(
    tree: Sequence[Directive], routes: Sequence[Route], running: Iterable[Running], version: Version | None
) -> Iterator[Fault]:
    """Yield a fault for a config as large as managers take, or half as large, at the route of the run that adds most.

    A config that runs counts with its own size, and beside it a route for its hosts that are not served yet.
    """
    known = engines(version)
    limit = LIMIT_BEFORE if known and known[1] < (20, 10) else LIMIT
    services = {(file, route.service.key): at for at, route in enumerate(routes) for file in route.files}
    sizes: Counter[int | None] = Counter()
    measure(tree, 0, None, services, sizes)
    total, added = sum(sizes.values()), sizes
    for proxy in running:
        new = Counter({at: int(count * _new(routes[at], proxy)) for at, count in sizes.items() if at is not None})
        if proxy.size and proxy.size + sum(new.values()) > total:
            total, added = proxy.size + sum(new.values()), Counter(new)
    most = [(routes[at], count) for at, count in added.most_common() if at is not None and count]
    of_files = (route for route, _ in most if not isinstance(route.place.file, RunningService))
    own = next(of_files, most[0][0] if most else None)
    if own is not None and 2 * total >= limit:
        kind = ConfigTooLarge if total >= limit else ConfigLarge
        place = own.hosts[0].place if own.hosts else own.place
        named = tuple((route.place, count) for route, count in most[:_NAMED])
        yield kind(place=place, size=total, limit=limit, services=named)


def _new(route: Route, running: Running) -> float:
    """Return the part of a route's hosts that a running proxy does not serve, from 0 to 1."""
    return sum(lower(host.name) not in running.hosts for host in route.hosts) / max(1, len(route.hosts))


def measure(
    tree: Sequence[Directive], depth: int, owner: int | None, services: Services, sizes: Counter[int | None]
) -> None:
    """Add the bytes of a tree, at a depth of blocks, to those of the routes that it is there for."""
    for name, args, block, place, times, raw in tree:
        own = owner
        if place and len(place.path) > 1:
            own = services.get((place.file, str(place.path[1])), owner)
        text = size(raw) if raw else size(written(name)) + sum(1 + size(written(word)) for word in args)
        if block is None:
            sizes[own] += times * (4 * depth + text + (1 if raw else 2))
        else:
            sizes[own] += 8 * depth + text + 5
            measure(block, depth + 1, own, services, sizes)
