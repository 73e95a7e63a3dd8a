"""The kinds of faults of a trial: one class each, for whoever writes a rule.

Four families say what nginx does: it refuses the config (`Refused`), that is not known (`Undecided`), it starts and
does something else than the value says (`Ignored`), or it may fail in some versions or under load (`Possible`).
"""

from __future__ import annotations

from collections.abc import Sequence

from lblint.finding import Fault, Place


class Refused(Fault):
    """nginx does not start with the config."""


class Undecided(Fault):
    """Whether nginx starts with it, or what becomes of it, is not known here."""


class Ignored(Fault):
    """nginx starts, and does something else than the value says."""


class Possible(Fault):
    """nginx starts here; with another version, longer addresses or many requests it may not work."""


# What the config would be read as


class BrokenWord(Refused):
    """A `value` that nginx does not read as one word, for the `odd` part of it ("": it is empty), in a `directive`."""

    value: str
    odd: str
    directive: str


class BrokenSyntax(Refused):
    """A value with which nginx.conf does not parse; `message` is crossplane's."""

    message: str


class BrokenTree(Refused):
    """A value with which nginx.conf is read otherwise: the directives that were `meant`, and those `read`."""

    meant: str
    read: str


class LongWord(Refused):
    """A `value` longer than nginx's buffer, whose size is `limit` bytes."""

    value: str
    limit: int


# Values of one directive


class Variable(Refused):
    """A `value` with a `$`, which nginx reads as a variable."""

    value: str


class InvalidServerName(Refused):
    """A `name` that nginx refuses as a server name."""

    name: str


class MapKeyword(Refused):
    """A TLS host (`name`) that is a keyword in the map of TLS hosts."""

    name: str


class InvalidUpstreamName(Refused):
    """An upstream's `name` in which nginx reads a port or a path."""

    name: str


class DuplicateLocation(Refused):
    """A `path` that its server has already; `other` is the place of the first, if a user wrote it."""

    path: str
    other: Place | None


class InvalidPort(Refused):
    """A `value` that is not a port."""

    value: str


class InvalidMaxFails(Refused):
    """A `value` that is not a number of failures."""

    value: str


class InvalidFailTimeout(Refused):
    """A `value` that is not a time."""

    value: str


class InvalidSecret(Refused):
    """A `value` that cannot be the name of a secret, and so of a file in the proxy."""

    value: str


class CertificateWithoutKey(Refused):
    """A certificate (`value`) without a key."""

    value: str


class InvalidRegex(Refused):
    """A `pattern` that does not compile; `error` is Python's reason."""

    pattern: str
    error: str


# Names, and what several routes share


class NameTooLong(Refused):
    """A `name` of `length` bytes in a hash table whose buckets (of `bucket` bytes) hold `limit`."""

    name: str
    length: int
    limit: int
    bucket: int


class ServerNameTooLong(NameTooLong):
    """A server name: `server_names_hash_bucket_size`."""


class TlsHostTooLong(NameTooLong):
    """A TLS host: `map_hash_bucket_size`."""


class DuplicateUpstream(Refused):
    """An upstream `name` that differs from that of an `other` place in case alone."""

    name: str
    other: Place | None


class SecondDefaultServer(Refused):
    """A second default server of one port; `other` is the place of the first."""

    other: Place


class EmptyUpstream(Refused):
    """An upstream without servers."""


class ZoneTooSmall(Refused):
    """More `servers` than an upstream zone of so many `kilobytes` holds (`fit`), with addresses of `length` bytes."""

    servers: int
    fit: int
    kilobytes: int
    length: int


class TooManySockets(Refused):
    """More listening `sockets` than nginx has connections for (`limit`)."""

    sockets: int
    limit: int


class ConfigTooLarge(Fault):
    """A config of `size` bytes, of which managers take fewer than `limit`.

    `services`: the places of the routes that add most, with their bytes.
    """

    size: int
    limit: int
    services: Sequence[tuple[Place, int]]


# What is not known


class UndecidedRegex(Undecided):
    """A `pattern` beyond the subset that is decided here."""

    pattern: str


class UndecidedLocation(Undecided):
    """A `path` with a modifier in front."""

    path: str


class UndecidedSize(Undecided):
    """A config for so many `hosts` that it is not tried."""

    hosts: int


# What nginx takes for something else


class CutCookie(Ignored):
    """A cookie name (`value`) that ends for nginx before it ends."""

    value: str


class DuplicateName(Ignored):
    """A server `name` that another server of the port, at the `other` place, has already."""

    name: str
    other: Place | None


class UnmatchedLocation(Ignored):
    """A `path` with which no request begins."""

    path: str


class TlsWildcard(Ignored):
    """A wildcard (`name`) in the map of TLS hosts, which has literal keys."""

    name: str


# What may fail


class ZoneNearlyFull(Possible):
    """`servers` that fill a zone of so many `kilobytes` in nginx 1.27.3 and later, with addresses of `length` bytes."""

    servers: int
    kilobytes: int
    length: int


class FewConnections(Possible):
    """Listening `sockets` that take most of nginx's `connections`."""

    sockets: int
    connections: int


class ConfigLarge(Possible):
    """A config of `size` bytes, half of what managers take (`limit`) or more; `services` as in `ConfigTooLarge`."""

    size: int
    limit: int
    services: Sequence[tuple[Place, int]]
