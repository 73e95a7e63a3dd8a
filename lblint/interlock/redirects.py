"""The value of `com.docker.lb.redirects`: pairs `source,target` of URLs, separated by semicolons.

The template renders `return 302 <target>$request_uri;` in the server of the source's host on the HTTP port.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Severity
from lblint.interlock.hosts import NAME
from lblint.interlock.value_problems import (
    FATAL,
    Part,
    Problem,
    named,
    plain_text,
    shown,
    spaces,
    split,
    trim,
    typographic,
    unquoted,
)
from lblint.lazy_re import pattern
from lblint.records import NamedTuple

_URL = pattern(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]*)([/?#].*)?")
_AUTHORITY = pattern(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::(0*[0-9]{1,5}))?")
_JOINED = pattern(r"(\S+?)(?: *=> *|->|=| +)(https?://\S+)")


class Url(NamedTuple):
    """A URL in pieces: scheme and host in lower case, the port as a number or None, and what follows them."""

    scheme: str
    host: str
    port: int | None
    rest: str


def parse_url(text: str) -> Url | None:
    """The pieces of `scheme://host[:port][rest]`; None for anything else. The host is letters, digits and `._-`."""
    url = _URL.fullmatch(text)
    authority = _AUTHORITY.fullmatch(url[2]) if url else None
    if url is None or authority is None:
        return None
    host = authority[1].lower().removesuffix(".")  # a.example.org. is a.example.org
    return Url(url[1].lower(), host, int(authority[2]) if authority[2] else None, url[3] or "")


def parse_redirects(value: str) -> list[tuple[Part, Part]]:
    """The pairs that have a source and a target, trimmed: the reading under which the value works."""
    pairs = []
    for pair in split(value, ";"):
        pieces = [trim(_shift(piece, pair.start)) for piece in split(pair.text, ",")]
        if len(pieces) == 2 and pieces[0].text and pieces[1].text:
            pairs.append((pieces[0], pieces[1]))
    return pairs


def check_redirects(value: str) -> Iterator[Problem]:
    """Problems of a whole value, each URL for itself; what it has to do with the hosts is left to rules."""
    if not value.strip(" ;,"):
        yield Problem("empty", 0, len(value), "the list of redirects is empty", severity=Severity.WARNING,
                      breaks=Breaks.NOTHING, hint="write a source and a target, or remove the label")  # fmt: skip
        return
    pairs = split(value, ";")
    yield from _repeated_sources(value)
    for number, pair in enumerate(pairs):
        if not pair.text.strip(" "):
            if number < len(pairs) - 1:
                yield Problem("empty-pair", pair.start, pair.end + 1, "the list has an empty redirect",
                              severity=Severity.WARNING, breaks=Breaks.ROUTE,
                              hint="remove the extra semicolon")  # fmt: skip
            continue
        yield from _pair(pair)


def _repeated_sources(value: str) -> Iterator[Problem]:
    """Redirects from a host that an earlier one redirects: nginx answers with the first `return` of a server."""
    first: dict[tuple[str, int], str] = {}
    for source, target in parse_redirects(value):
        url = parse_url(source.text)
        if url is None or url.scheme != "http":
            continue
        key = (url.host.rstrip("."), url.port or 80)
        if key in first:
            yield Problem("source-twice", source.start, target.end, f"the second redirect from {shown(source.text)} is "
                          f"never used, because the first one, to {shown(first[key])}, answers",
                          severity=Severity.WARNING, breaks=Breaks.ROUTE, hint="remove the second redirect, or the "
                          "first if the second is meant")  # fmt: skip
        first.setdefault(key, target.text)


def _pair(pair: Part) -> Iterator[Problem]:
    pieces = [_shift(piece, pair.start) for piece in split(pair.text, ",")]
    around = trim(pair)
    if len(pieces) != 2 or not all(piece.text.strip(" ") for piece in pieces):
        yield from _not_a_pair(around, len([piece for piece in pieces if piece.text.strip(" ")]), len(pieces))
        return
    source, target = trim(pieces[0]), trim(pieces[1])
    # spaces outside of the pair end words for nginx only on the target's side, where `$request_uri` follows
    if pieces[0].text != source.text:
        yield from spaces(pieces[0], Breaks.ROUTE)
    yield from spaces(pieces[1])
    yield from _source(source)
    yield from _target(target)


def _not_a_pair(pair: Part, full: int, pieces: int) -> Iterator[Problem]:
    says, hint = f"{shown(pair.text)} is not a pair of a source and a target", "write source,target"
    if pieces > 2:
        says = f"{shown(pair.text)} has more than one comma, and a redirect is one source and one target"
        hint = "separate two redirects with a semicolon"
    elif pieces == 2:
        before = pair.text.startswith(",")
        says = f"{shown(pair.text)} has no {'source' if before else 'target'}"
        hint = "write the source before the comma" if before else "write the target after the comma"
    elif full and pattern(r"\S(?: +|=|->| *=> *)https?://").search(pair.text):
        says = f"{shown(pair.text)} has no comma between the source and the target"
        joined = _JOINED.fullmatch(pair.text)
        plain = joined is not None and parse_url(joined[1]) is not None and parse_url(joined[2]) is not None
        hint = f"write {joined[1]},{joined[2]}" if joined and plain else "separate source and target with a comma"
    elif (url := parse_url(pair.text)) and url.scheme == "http" and not url.rest:
        hint = f"write source,target; to force HTTPS, write {pair.text},https://{url.host}"
    yield Problem("not-a-pair", pair.start, pair.end, says, breaks=Breaks.ROUTE, hint=hint)


def _source(source: Part) -> Iterator[Problem]:
    """The source is only compared with the host (isRedirectHost of the template), never rendered."""
    text, start, end = source
    url = parse_url(text)
    if url is None:
        yield _no_url(source, "source", Breaks.ROUTE)
    elif url.scheme == "https":
        yield Problem("source-scheme", start, end, f"the source {shown(text)} is HTTPS, and only the HTTP port "
                      "redirects", "http" + text[5:], Severity.WARNING, Breaks.ROUTE)  # fmt: skip
    elif url.scheme != "http":
        yield Problem("source-scheme", start, end, f"the source {shown(text)} is not an http:// URL",
                      breaks=Breaks.ROUTE, hint=f"write http://{url.host}")  # fmt: skip
    elif url.rest:
        yield Problem("source-path", end - len(url.rest), end, f"the source {shown(text)} has a path, and redirects "
                      "are by host", hint=f"write http://{url.host}", severity=Severity.WARNING,
                      breaks=Breaks.ROUTE)  # fmt: skip


def _target(target: Part) -> Iterator[Problem]:
    text, start, end = target
    url = parse_url(text)
    if char := typographic(text):
        write = plain_text(text)
        yield Problem("typographic", start, end, f"the target {shown(text)} contains the typographic character "
                      f"{named(char)} (U+{ord(char):04X})", write if parse_url(write) else "",
                      breaks=Breaks.ROUTE)  # fmt: skip
    elif odd := pattern(r"[ ;{}$]").search(text) or FATAL.search(text):
        breaks = Breaks.ROUTE if odd[0] in "'\"\\" and odd.start() > 0 else Breaks.PROXY
        if unquoted(text) != text:
            yield Problem("quote", start, end, f"the quotes in {text} are part of the target", unquoted(text))
        else:
            yield Problem("character", start + odd.start(), start + odd.end(), f"the target {shown(text)} contains "
                          f"{named(odd[0])}, which nginx reads as syntax", breaks=breaks,
                          hint="write a scheme and a host, with a port if need be")  # fmt: skip
    elif pattern(r"https?://[^/@\s]+@[A-Za-z0-9._-]+(?::[0-9]{1,5})?(?:/.*)?").fullmatch(text):
        yield Problem("target-user", start, end, f"the target {shown(text)} contains a user name, which every "
                      "client receives", severity=Severity.WARNING, breaks=Breaks.NOTHING,
                      hint="remove the part up to the @")  # fmt: skip
    elif url is None:
        yield _no_url(target, "target", Breaks.PROXY if text[0] == "#" else Breaks.ROUTE)
    elif url.scheme not in ("http", "https"):
        yield Problem("target-scheme", start, end, f"the target {shown(text)} is neither http:// nor https://",
                      severity=Severity.WARNING, breaks=Breaks.ROUTE, hint=f"write https://{url.host}")  # fmt: skip
    elif ".." in url.host or url.host.startswith("."):
        yield Problem("target-host", start, end, f"the target {shown(text)} has nothing between two dots of its host",
                      text.replace(url.host, plain) if (plain := ".".join(filter(None, url.host.split(".")))) else "",
                      breaks=Breaks.ROUTE)  # fmt: skip
    elif url.port is not None and not 0 < url.port < 65536:
        yield Problem("target-port", start, end, f"the target {shown(text)} has port {url.port}, which is not a valid "
                      "port (1 to 65535)", breaks=Breaks.ROUTE)  # fmt: skip
    elif url.rest:
        says = "ends with a slash" if url.rest == "/" else "has a path"
        yield Problem("target-path", end - len(url.rest), end, f"the target {shown(text)} {says}, and nginx appends "
                      f"the path of the request, so /x leads to {text}/x", hint=f"write {text[: -len(url.rest)]}",
                      severity=Severity.WARNING, breaks=Breaks.ROUTE)  # fmt: skip


def _no_url(part: Part, role: str, breaks: Breaks) -> Problem:
    """A source or target that is no `scheme://host[:port]`."""
    text, start, end = part
    host = text.partition("/")[0].partition(":")[0]
    slip = pattern(r"(https?):?/{0,2}([A-Za-z0-9.-]+\.[A-Za-z0-9-]+)\Z").match(text)
    write = f"{slip[1]}://{slip[2]}" if slip else ""
    if "://" not in text and not slip and NAME.fullmatch(host) and "." in host:
        write = "http://" + host
    effect = "clients cannot follow it" if role == "target" else "it matches no host"
    if "://" not in text:
        return Problem(f"{role}-no-scheme", start, end, f"the {role} {shown(text)} has no scheme, so {effect}", write,
                       breaks=breaks, hint="" if write else "write http:// or https:// and a host")  # fmt: skip
    if not text.isascii():
        return Problem(f"{role}-host", start, end, f"the {role} {shown(text)} is not ASCII", severity=Severity.WARNING,
                       breaks=Breaks.ROUTE, hint="write the host name in punycode")  # fmt: skip
    return Problem(f"{role}-host", start, end, f"the {role} {shown(text)} has no valid host name, so {effect}",
                   breaks=breaks, hint="write http:// or https:// and a host")  # fmt: skip


def _shift(part: Part, by: int) -> Part:
    return Part(part.text, part.start + by, part.end + by)
