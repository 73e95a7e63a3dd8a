"""What there is room for: bytes of the proxy's nginx.conf with the managers, servers in the zone of an upstream."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from lblint.finding import Fault, File, RunningService
from lblint.interlock.routes import Route
from lblint.interlock.running_proxy import Running
from lblint.interlock.version import Version, engines
from lblint.proxy.directive import Directive, size, value, written
from lblint.proxy.faults import (
    ConfigLarge,
    ConfigTooLarge,
    ZoneNearlyFull,
    ZoneTooSmall,
)
from lblint.proxy.server_names import lower

LIMIT = 1000 * 1024
"""Managers refuse a config of so many bytes or more (swarmkit MaxConfigSize, from engine 20.10.15 on)."""

LIMIT_BEFORE = 500 * 1024
"""The same for engines before."""

_NAMED = 3
"""Services that are named at most."""


PAGE = 4096

_PER_PAGE = {8: 504, 16: 254, 32: 127, 64: 64, 128: 32, 256: 16, 512: 8, 1024: 4, 2048: 2}
"""Pieces of each size on one page; below 64 bytes the page also holds its own bitmap (ngx_slab.c)."""

LONGEST_ADDRESS = "172.20.130.111:32768"
"""An address of a task as long as real ones are."""

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


def _slot(size: int) -> int:
    return next((slot for slot in _PER_PAGE if size <= slot), 2048)


def pages(kilobytes: int) -> int:
    """Pages of a zone that are free for use: the pool's head takes 24 bytes for each page, and about 700 more."""
    total = kilobytes * 1024 // PAGE
    return total - -(-(704 + 24 * total) // PAGE)


def needed(name: str, addresses: dict[str, int]) -> int:
    """Pages that an upstream of this name takes, with so many servers of each address.

    A server takes 512 bytes for its state, two pieces of 128 for its socket address and its name, and its text; the
    upstream 128, its name twice (once in a log line) and a string head (ngx_http_upstream_zone_module.c, nginx 1.22,
    amd64; measured against `nginx -t` for zones of 32k to 1024k).
    """
    servers = sum(addresses.values())
    pieces = {512: servers, 128: 2 * servers + 1}
    texts = [(16, 1), (size(name), 1), (size(name) + len('_backend in upstream zone ""') + 1, 1)]
    texts += [(size(address), count) for address, count in addresses.items()]
    for length, count in texts:
        pieces[_slot(length)] = pieces.get(_slot(length), 0) + count
    return sum(-(-count // _PER_PAGE[slot]) for slot, count in pieces.items())


def zone_faults(upstream: Directive, kilobytes: int) -> Iterator[Fault]:
    """An upstream of the http part with more servers than its zone holds ("no memory in upstream zone")."""
    block = upstream.block or ()
    if not any(directive.name == "zone" for directive in block):
        return
    addresses: dict[str, int] = {}
    for directive in block:
        if directive.name == "server":
            address = value(directive.args[0])
            addresses[address] = addresses.get(address, 0) + directive.times
    servers, name = sum(addresses.values()), value(upstream.args[0])
    if servers <= 4:
        return
    if needed(name, addresses) <= pages(kilobytes):
        # nginx 1.27.3 and later take one more piece of a zone
        if upstream.place and needed(name, {LONGEST_ADDRESS: servers}) + 1 > pages(kilobytes):
            length = len(LONGEST_ADDRESS)
            yield ZoneNearlyFull(place=upstream.place, servers=servers, kilobytes=kilobytes, length=length)
        return
    longest = max(addresses, key=len)
    fit = servers - 1
    low = 0
    while low < fit:
        middle = (low + fit + 1) // 2
        low, fit = (middle, fit) if needed(name, {longest: middle}) <= pages(kilobytes) else (low, middle - 1)
    if upstream.place:
        length = len(longest)
        yield ZoneTooSmall(place=upstream.place, servers=servers, fit=fit, kilobytes=kilobytes, length=length)
