"""How many servers fit an upstream's shared memory zone: nginx's slab allocator, by arithmetic."""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Fault
from lblint.proxy.directive import Directive, size, value

PAGE = 4096
_PER_PAGE = {8: 504, 16: 254, 32: 127, 64: 64, 128: 32, 256: 16, 512: 8, 1024: 4, 2048: 2}
"""Pieces of each size on one page; below 64 bytes the page also holds its own bitmap (ngx_slab.c)."""


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


def faults(upstream: Directive, kilobytes: int) -> Iterator[Fault]:
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
    if servers <= 4 or needed(name, addresses) <= pages(kilobytes):
        return
    longest = max(addresses, key=len)
    fit = servers - 1
    low = 0
    while low < fit:
        middle = (low + fit + 1) // 2
        low, fit = (middle, fit) if needed(name, {longest: middle}) <= pages(kilobytes) else (low, middle - 1)
    if upstream.place:
        yield Fault("proxy.limit.zone", upstream.place, facts={"servers": servers, "fit": fit, "kilobytes": kilobytes})
