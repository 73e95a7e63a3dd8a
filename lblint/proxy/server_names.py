"""Server names as nginx takes them at its start: valid, short enough for its hash tables, unique, and compilable."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lblint.finding import Fault, Place
from lblint.lazy_re import pattern
from lblint.proxy.directive import Arg, Directive, Word, size, value
from lblint.proxy.faults import (
    DuplicateName,
    DuplicateUpstream,
    InvalidRegex,
    InvalidServerName,
    InvalidUpstreamName,
    MapKeyword,
    SecondDefaultServer,
    ServerNameTooLong,
    TlsHostTooLong,
    TlsWildcard,
    UndecidedRegex,
    Variable,
)

CACHE_LINE = 64
MAP_BUCKET = 64
"""`map_hash_bucket_size`, which the template leaves at nginx's default on amd64."""


def longest(bucket: int) -> int:
    """Bytes of the longest name that a hash bucket of this size holds (NGX_HASH_ELT_SIZE in ngx_hash.c, 64 bit).

    nginx rounds the size up to a cache line; 8 bytes end the bucket, 8 point to the value, 2 hold the length.
    """
    return -(-bucket // CACHE_LINE) * CACHE_LINE - 18


def bucket_for(names: Sequence[str]) -> int:
    """A bucket size that holds all of these names, at least 128: what MKE 3.4.2 and later work out by themselves."""
    bucket = 128
    most = max((size(name) for name in names), default=0)
    while longest(bucket) < most:
        bucket *= 2
    return bucket


def valid(name: str) -> bool:
    """Whether `server_name` takes it (ngx_http_core_server_name, ngx_hash_add_key): `*` only as the first or the last
    label, no empty label in the middle."""
    if name in (".", "") or ".." in name:
        return False
    if "*" not in name:
        return True
    rest = name.removeprefix("*.") if name.startswith("*.") else name.removesuffix(".*")
    return bool(rest) and "*" not in rest and rest[0] != "."


def lower(name: str) -> str:
    """As nginx compares names: ASCII letters alone lose their case."""
    return name if name.islower() else "".join(c.lower() if c.isascii() else c for c in name)


def keys(name: str) -> tuple[str, ...]:
    """What a server name takes in the table of names: `.a.org` is both `a.org` and `*.a.org`."""
    name = lower(name)
    return (name[1:], "*" + name) if name.startswith(".") else (name,)


def too_long(name: str, bucket: int, place: Place) -> ServerNameTooLong | None:
    """The fault of a name that no bucket holds; wildcards are stored label by label."""
    plain = name.removeprefix(".")
    parts = plain.split(".") if "*" in plain else [plain]
    length = max(size(part) for part in parts)
    if length <= longest(bucket):
        return None
    return ServerNameTooLong(place=place, name=name, length=length, limit=longest(bucket), bucket=bucket)


def server_names(servers: Sequence[Directive], bucket: int) -> Iterator[Fault]:
    """What is wrong with the names of all servers of the http part: each is looked up among those of its port."""
    listeners: dict[str, list[Word]] = {}
    default: Place | None = None
    for server in servers:
        directives = {directive.name: directive.args for directive in server.block or () if directive.args}
        listeners.setdefault(value(directives["listen"][0]), []).append(directives["server_name"][0])
        if "default_server" in directives["listen"] and server.place:
            if default:
                yield SecondDefaultServer(place=server.place, other=default)
            default = default or server.place
    for words in listeners.values():
        yield from _on_one_port(words, bucket)


def _on_one_port(words: Sequence[Word], bucket: int) -> Iterator[Fault]:
    taken: dict[str, Place | None] = {}
    for word in words:
        name = value(word)
        place = word.place if isinstance(word, Arg) else None
        if place:
            yield from _server_name(name, place, bucket if len(words) > 1 else None)
        if name.startswith("~"):
            continue
        for key in keys(name):
            if key in taken and place:
                yield DuplicateName(place=place, name=name, other=taken[key])
            taken.setdefault(key, place)


def _server_name(name: str, place: Place, bucket: int | None) -> Iterator[Fault]:
    if name.startswith("~"):
        yield from faults(name[1:], place)
    elif not valid(name):
        yield InvalidServerName(place=place, name=name)
    elif bucket and (fault := too_long(name, bucket, place)):
        yield fault


def sni(entries: Sequence[Directive], bucket: int = MAP_BUCKET) -> Iterator[Fault]:
    """What is wrong with the hosts in the map of the stream part, where each is a literal key."""
    default: Place | None = None
    for entry in entries:
        key = entry.name
        if key == "default":
            if default and entry.place:
                yield SecondDefaultServer(place=entry.place, other=default)
            default = default or entry.place
        elif isinstance(key, Arg) and key.place:
            host = key.value
            if host.startswith("~"):  # a regular expression to the map as well
                yield from faults(host[1:], key.place)
            elif host in ("default", "include") or host.startswith("\\"):
                yield MapKeyword(place=key.place, name=host)
            elif size(host) > longest(bucket):
                length, limit = size(host), longest(bucket)
                yield TlsHostTooLong(place=key.place, name=host, length=length, limit=limit, bucket=bucket)
            elif host.startswith((".", "*.")) or host.endswith(".*"):
                yield TlsWildcard(place=key.place, name=host)


def upstream_names(upstreams: Sequence[Directive]) -> Iterator[Fault]:
    """Upstreams of one name, and names that `proxy_pass` does not read as a name alone."""
    taken: dict[str, Place | None] = {}
    for upstream in upstreams:
        word = upstream.args[0]
        if not isinstance(word, Arg) or not word.place:
            continue
        if any(character in word.user for character in ":/?"):
            yield InvalidUpstreamName(place=word.place, name=word.user)
        if "$" in word.user:
            yield Variable(place=word.place, value=word.user)
        key = lower(word.value)
        if key in taken:
            yield DuplicateUpstream(place=word.place, name=word.user, other=taken[key])
        taken.setdefault(key, word.place)


_SUBSET = pattern(r"(?:[A-Za-z0-9_.,:/~%&=@!^$|()*+\[\]-]|(?<!\()\?|[^\x00-\x7f]|\\[.dwsDWS/-])*")
_DEEPEST = 20
_LONGEST = 2000


def compiles(pattern: str) -> bool:
    """Whether the pattern is in a subset that PCRE (1 and 2) and Python read alike, and Python compiles it.

    False means that it does not compile or that this is not decided here: `(?…)`, most escapes, counts, non-ASCII.
    """
    if "[" not in pattern:  # nginx compiles bytes: a letter beyond ASCII is a few of them, each like any other
        pattern = re.sub(r"[^\x00-\x7f]", lambda match: "a" if match[0].isalnum() else match[0], pattern)
    if len(pattern) > _LONGEST or pattern.count("(") > _DEEPEST or not _SUBSET.fullmatch(pattern):
        return False
    if "[" in pattern and not pattern.isascii():  # bytes to nginx, letters to Python
        return False
    if any(start in pattern.replace("[.]", "") for start in ("[:", "[.", "[=")):
        return False
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        return False
    return True


def faults(pattern: str, place: Place) -> Iterator[Fault]:
    """A pattern that nginx cannot compile, or of which that is not known."""
    if compiles(pattern):
        return
    if _SUBSET.fullmatch(pattern) and len(pattern) <= _LONGEST and pattern.count("(") <= _DEEPEST:
        try:
            re.compile(pattern)
        except re.error as error:
            yield InvalidRegex(place=place, pattern=pattern, error=error.msg)
            return
        except (OverflowError, RecursionError):
            pass
    yield UndecidedRegex(place=place, pattern=pattern)
