"""What nginx refuses at its start and crossplane cannot see, worked out without nginx."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lblint.finding import Fault, Place, RunningService
from lblint.lazy_re import pattern
from lblint.proxy import server_names
from lblint.proxy.capacity import zone_faults
from lblint.proxy.directive import Arg, Directive, value
from lblint.proxy.faults import (
    CertificateWithoutKey,
    CutCookie,
    DuplicateLocation,
    EmptyUpstream,
    FewConnections,
    InvalidFailTimeout,
    InvalidMaxFails,
    InvalidPort,
    InvalidSecret,
    TooManySockets,
    UndecidedLocation,
    UnmatchedLocation,
    Variable,
)
from lblint.proxy.settings import Settings

_COOKIE = pattern(r"[A-Za-z0-9_]+")
_SECRET = pattern(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,62}[A-Za-z0-9])?")
_NUMBER = pattern(r"0*[0-9]{1,18}")
_TIME = pattern(
    r"(?=[0-9])(?:0*[0-9]{1,3}y)?(?:0*[0-9]{1,9}M)?(?:0*[0-9]{1,9}w)?(?:0*[0-9]{1,9}d)?(?:0*[0-9]{1,9}h)?(?:0*[0-9]{1,9}m)?"
    r"(?:0*[0-9]{1,9}s)?(?:0*[0-9]{1,9})?"
)


FEW_SOCKETS = 16
"""Sockets of which nothing is said while nginx starts."""


def faults(tree: Sequence[Directive], settings: Settings) -> Iterator[Fault]:
    """Everything in the tree that nginx refuses at start or takes for something else, once for each place."""
    seen = set()
    for fault in _faults(tree, settings):
        if (type(fault), fault.place) not in seen:
            seen.add((type(fault), fault.place))
            yield fault


def _faults(tree: Sequence[Directive], settings: Settings) -> Iterator[Fault]:
    parts = {value(directive.name): directive.block or () for directive in tree}
    http, stream = parts["http"], parts["stream"]
    upstreams = [directive for directive in http if directive.name == "upstream"]
    servers = [directive for directive in http if directive.name == "server"]
    bucket = settings.server_names_hash_bucket_size
    yield from server_names.upstream_names(upstreams)
    yield from server_names.server_names(servers, bucket or 1 << 16)
    option = next((value(d.args[0]) for d in stream if value(d.name) == "map_hash_bucket_size" and d.args), "")
    map_bucket = int(option) if _NUMBER.fullmatch(option) else server_names.MAP_BUCKET
    yield from server_names.sni(next(d.block or () for d in stream if d.name == "map"), map_bucket)
    for upstream in upstreams:
        yield from zone_faults(upstream, settings.upstream_zone_size)
        yield from _upstream(upstream)
    for upstream in stream:
        if upstream.name == "upstream":
            yield from _upstream(upstream)
    for server in servers:
        yield from _server(server)
    yield from _listeners([*servers, *(d for d in stream if d.name == "server")], settings.max_connections)


def _upstream(upstream: Directive) -> Iterator[Fault]:
    block = upstream.block or ()
    if upstream.place and not any(directive.name == "server" for directive in block):
        yield EmptyUpstream(place=upstream.place)
    for directive in block:
        if directive.name == "server":
            for word in directive.args:
                if isinstance(word, Arg) and word.place:
                    yield from _server_word(word)
        elif directive.name == "hash":
            word = directive.args[0]
            if isinstance(word, Arg) and word.place and not _COOKIE.fullmatch(word.user):
                kind = Variable if "$" in word.user else CutCookie
                yield kind(place=word.place, value=word.user)


def _server_word(word: Arg) -> Iterator[Fault]:
    assert word.place
    if word.written.startswith("max_fails="):
        if not _NUMBER.fullmatch(word.user):
            yield InvalidMaxFails(place=word.place, value=word.user)
    elif word.written.startswith("fail_timeout="):
        if not _TIME.fullmatch(word.user):
            yield InvalidFailTimeout(place=word.place, value=word.user)
    elif not _NUMBER.fullmatch(word.user) or not 1 <= int(word.user) <= 65535:
        yield InvalidPort(place=word.place, value=word.user)


def _server(server: Directive) -> Iterator[Fault]:
    taken: dict[str, Place | None] = {}
    block = server.block or ()
    for directive in block:
        word = directive.args[-1] if directive.args else ""
        if directive.name == "location":
            path = " ".join(map(value, directive.args)).removeprefix("^~")  # the same location to nginx
            place = word.place if isinstance(word, Arg) else None
            known = path in taken
            culprit = place or (taken[path] if known else None)
            if known and culprit:
                other = taken[path] if place else None
                yield DuplicateLocation(place=culprit, path=path, other=other)
            taken.setdefault(path, place)
            if place:
                yield from _location(directive, " ".join(map(value, directive.args)))
        elif not isinstance(word, Arg) or not word.place:
            continue
        elif directive.name == "return":
            if "$" in word.user:
                yield Variable(place=word.place, value=word.user)
        elif directive.name in ("ssl_certificate", "ssl_certificate_key"):
            if not _SECRET.fullmatch(word.user):
                yield InvalidSecret(place=word.place, value=word.user)
            if directive.name == "ssl_certificate" and not any(d.name == "ssl_certificate_key" for d in block):
                yield CertificateWithoutKey(place=word.place, value=word.user)


def _location(location: Directive, path: str) -> Iterator[Fault]:
    assert location.place
    if path[:1] in ("=", "~", "^", "@"):
        yield UndecidedLocation(place=location.place, path=path)
        if path[:1] == "~":
            yield from server_names.faults(path[1:].removeprefix("*"), location.place)
    elif path[:1] != "/":
        yield UnmatchedLocation(place=location.place, path=path)
    for directive in location.block or ():
        if directive.name == "rewrite" and isinstance(directive.args[0], Arg):
            yield from server_names.faults(directive.args[0].value, location.place)


def _listeners(servers: Sequence[Directive], connections: int) -> Iterator[Fault]:
    sockets = {value(d.args[0]): server for server in servers for d in server.block or () if d.name == "listen"}
    if len(sockets) < connections and (2 * len(sockets) <= connections or len(sockets) < FEW_SOCKETS):
        return
    places = [server.place for server in reversed(sockets.values()) if server.place]
    place = next((place for place in places if not isinstance(place.file, RunningService)), next(iter(places), None))
    if place and len(sockets) >= connections:
        yield TooManySockets(place=place, sockets=len(sockets), limit=connections - 1)
    elif place:
        yield FewConnections(place=place, sockets=len(sockets), connections=connections)
