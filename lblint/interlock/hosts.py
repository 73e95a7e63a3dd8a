"""The value of `com.docker.lb.hosts`: names separated by commas, wildcards and regular expressions among them.

What nginx makes of each was measured with `nginx -t` (1.22) on the published template: the name is the key of the
upstream, of `server_name` and of the SNI map. Interlock does not document patterns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lblint.finding import Breaks, Severity
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

WITH_COMMAS = "separate the names with a comma"
EVERY_NAME = "list every host name, separated by commas"

NAME = pattern(r"[A-Za-z0-9._-]+")
_URL = pattern(r"([A-Za-z][A-Za-z0-9+.-]*):/{1,3}([^/]*)")
_PORT = pattern(r"([A-Za-z0-9._-]+):([0-9]{1,5})")
_STOPS = pattern(r"[ ;{$]|\A[}#'\"\\]|\\\Z")
"""What stops nginx, as measured: } # and quotes in front, a backslash at the ends; elsewhere they only never match."""

_PLACEHOLDER = pattern(r"<[^<>]*>|\{\{[^{}]*\}\}|\$\{[^{}]*\}|__[A-Z_]+__|%[A-Za-z_]+%|@[A-Z_]+@")


def parse_hosts(value: str) -> list[Part]:
    """The names in a value, trimmed, without the empty ones: the reading under which it works."""
    return [_bare(part) for part in map(trim, split(value, ",")) if part.text]


def _bare(part: Part) -> Part:
    """A name without one pair of quotes around it, which nginx takes off."""
    bare = unquoted(part.text)
    return Part(bare, part.start + 1, part.end - 1) if bare != part.text and NAME.fullmatch(bare) else part


def check_hosts(value: str) -> Iterator[Problem]:
    """Problems of a whole value."""
    if not value.strip(" ,"):
        yield Problem("empty", 0, len(value), "the list of host names is empty, so the service has no route",
                      breaks=Breaks.ROUTE, hint="write the host names, separated by commas")  # fmt: skip
        return
    seen: dict[str, int] = {}
    parts = split(value, ",")
    hosts = [trim(part) for part in parts]
    without = ""
    for part, host in zip(parts, hosts, strict=True):
        if not host.text:
            comma = max(part.start - 1, 0)
            without = without or ",".join(host.text for host in hosts if host.text)
            yield Problem("empty-element", comma, part.end + (part.start == 0), "the list has an empty host name",
                          severity=Severity.WARNING, hint=f"write {without}")  # fmt: skip
            continue
        yield from spaces(part)
        times = seen[host.text.lower()] = seen.get(host.text.lower(), 0) + 1
        if times == 1:
            yield from check_host(host)
        elif times == 2:
            yield Problem("duplicate", host.start, host.end, f"{shown(host.text)} is twice in the list",
                          severity=Severity.WARNING, breaks=Breaks.NOTHING)  # fmt: skip


def check_host(host: Part) -> Iterator[Problem]:
    """The first problem of one name: not empty, no spaces around it, no control characters."""
    text, start, end = host
    placeholder = _PLACEHOLDER.search(text)
    if not placeholder and NAME.fullmatch(text):
        yield from _plain(host)
    elif placeholder:
        breaks, at = (Breaks.PROXY if FATAL.search(text) else Breaks.ROUTE), placeholder.start()
        yield Problem("placeholder", start + at, start + placeholder.end(), f"the placeholder {shown(placeholder[0])} "
                      "was not replaced", breaks=breaks, hint="write the real host name")  # fmt: skip
    elif char := typographic(text):
        write = plain_text(text)
        yield Problem("typographic", start, end, f"{shown(text)} contains the typographic character {named(char)} "
                      f"(U+{ord(char):04X}), so no client asks for this name",
                      write if NAME.fullmatch(write) else "", breaks=Breaks.ROUTE)  # fmt: skip
    elif text != unquoted(text):
        plain_name = NAME.fullmatch(unquoted(text)) is not None
        says = "; the host works only because nginx removes them" if plain_name else ""
        yield Problem("quote", start, end, f"the quotes in {text} are part of the value{says}", unquoted(text),
                      Severity.WARNING if plain_name else Severity.ERROR,
                      Breaks.ROUTE if plain_name else Breaks.PROXY)  # fmt: skip
    elif url := _URL.match(text):
        write = url[2] if NAME.fullmatch(url[2]) else url[2].partition(":")[0]
        yield Problem("scheme", start, end, f"{shown(text)} is a URL, not a host name",
                      write if NAME.fullmatch(write) else "", hint=_port_hint(url[2].partition(":")[2]))  # fmt: skip
    elif text.startswith("~"):
        yield from check_regex(host)
    elif port := _PORT.fullmatch(text):
        hint = "; ".join(filter(None, (f"write {port[1]}", _port_hint(port[2]))))
        yield Problem("port", start + len(port[1]), end, f"{shown(text)} has a port, which is not part of a host name",
                      hint=hint)  # fmt: skip
    elif "*" in text and not _wildcard_with_odd(text):
        yield from check_wildcard(host)
    elif "/" in text and NAME.fullmatch(text.partition("/")[0]):
        name, _, path = text.partition("/")
        says = f"{shown(text)} {'has a path, which is not part of a host name' if path else 'ends with a slash'}"
        hint = f"write the path as com.docker.lb.context_root: /{path}" if path else ""
        yield Problem("path", start, end, says, name, hint=hint)
    elif odd := _STOPS.search(text) or pattern(r"[/:]").search(text) or pattern(r"[}#'\"\\]").search(text):
        yield _odd_character(host, odd.start())
    elif not text.isascii():
        yield _non_ascii(host)
    else:
        odd = pattern(r"[^A-Za-z0-9._*-]").search(text)
        yield _never_matches(host, odd.start() if odd else 0)


def _port_hint(port: str) -> str:
    """Return where a port belongs that was written behind a host; "" for the proxy's own ports."""
    if not port.isdecimal() or port in ("80", "443"):
        return ""
    return f"if the container listens on {port}, write it as com.docker.lb.port: {port}"


def _plain(host: Part) -> Iterator[Problem]:
    """Names of letters, digits, dots, hyphens and underscores."""
    text, start, end = host
    if ".." in text or text == ".":
        at = start + text.find("..") if ".." in text else start
        yield Problem("double-dot", at, min(at + 2, end), f"{shown(text)} has nothing between two dots",
                      pattern(r"\.{2,}").sub(".", text).rstrip("."),
                      hint="")._replace(start=start, end=end)  # fmt: skip
        return
    says = write = ""
    severity, breaks = Severity.WARNING, Breaks.ROUTE
    label = next((label for label in text.split(".") if label.startswith("-") or label.endswith("-")), "")
    if text in ("_", "localhost"):
        says = f"{shown(text)} is a name that clients elsewhere cannot use"
        if text == "_":
            says = '"_" is the name of the default server of the proxy, and nginx ignores a second server of that name'
    elif text.startswith("."):
        says, write = f"{shown(text)} is a wildcard in nginx, and Interlock does not document wildcards", text[1:]
    elif text.endswith("."):
        says = f"{shown(text)} ends with a dot, so no request matches it"
        write = text[:-1]
        severity = Severity.ERROR
    elif label:
        says = f"{shown(text)} is not a valid DNS name, because {shown(label)} begins or ends with a hyphen"
    elif any(len(label) > 63 for label in text.split(".")) or len(text) > 253:
        says = f"{shown(text)} is not a valid DNS name, because it has more than 63 characters between dots, or 253"
    if says:
        yield Problem("name", start, end, says, write, severity, breaks)


def _wildcard_with_odd(text: str) -> bool:
    """Whether the `*` is where nginx takes one, and the rest holds a character that no name has."""
    rest = text.removeprefix("*.") if text.startswith("*.") else text.removesuffix(".*")
    return "*" not in rest and rest != "" and NAME.fullmatch(rest) is None


def _odd_character(host: Part, at: int) -> Problem:
    """A character that splits, ends or changes the word for nginx, or is harmless only inside a word."""
    text, start, _ = host
    char = text[at]
    if char in "}#'\"\\" and not _STOPS.match(text, at):
        return _never_matches(host, at)
    says = f"the host name {shown(text)} contains {named(char)}"
    if char == "$":
        says += ", which nginx reads as the beginning of a variable"
    elif char == ";":
        says += ", which ends the directive in nginx.conf"
    hint = WITH_COMMAS if char in " ;" else "use only letters, digits, dots and hyphens"
    return Problem("character", start + at, start + at + 1, says, hint=hint)


def _never_matches(host: Part, at: int) -> Problem:
    text, start, _ = host
    return Problem("character", start + at, start + at + 1, f"the host name {shown(text)} contains {named(text[at])}, "
                   "so no request matches it", breaks=Breaks.ROUTE,
                   hint="use only letters, digits, dots and hyphens")  # fmt: skip


def _non_ascii(host: Part) -> Problem:
    """Browsers send names in punycode (RFC 3492), so the letters themselves never match."""
    text, start, end = host
    hidden = next((at for at, char in enumerate(text) if not char.isprintable()), None)
    if hidden is not None:
        return Problem("character", start + hidden, start + hidden + 1, f"the host name {shown(text)} contains "
                       f"{named(text[hidden])}, so no request matches it", breaks=Breaks.ROUTE,
                       hint="remove the invisible character")  # fmt: skip
    write = _punycode(text) if len(text) < 254 else ""
    return Problem("non-ascii", start, end, f"{shown(text)} is not ASCII, and clients ask for the name in punycode",
                   write, Severity.WARNING, Breaks.ROUTE)  # fmt: skip


def _punycode(text: str) -> str:
    """A name as browsers ask for it, "" where there is none. They keep ß and final sigma (UTS 46, since 2023 all of
    them), which Python's codec of 2003 writes as other letters: another name, of another owner."""
    try:
        labels = [_kept(label) if pattern("[ßẞς]").search(label) else label.encode("idna").decode("ascii")
                  for label in pattern("[.\u3002\uff0e\uff61]").split(text)]  # fmt: skip
    except UnicodeError:
        return ""
    name = ".".join(labels)
    return name if NAME.fullmatch(name) and ".." not in name else ""


def _kept(label: str) -> str:
    from unicodedata import normalize

    return "xn--" + normalize("NFKC", label.lower()).encode("punycode").decode("ascii")


_REGEX = pattern(r"~[A-Za-z0-9._\\^|()+*?\[\]-]+")


def check_wildcard(host: Part) -> Iterator[Problem]:
    """nginx allows `*` as the whole first or last label (ngx_http_add_names); Interlock documents neither."""
    text, start, end = host
    if re.fullmatch(r"\*\.[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*|[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.\*", text):
        yield Problem("wildcard", start, end, f"{shown(text)} is a wildcard; Interlock does not document wildcards, "
                      "and HTTPS does not work with them",
                      severity=Severity.WARNING, breaks=Breaks.ROUTE, hint=EVERY_NAME)  # fmt: skip
    else:
        at = start + text.index("*")
        yield Problem("wildcard", at, at + 1, f"the * in {shown(text)} is neither the whole first nor the whole last "
                      "label", hint=EVERY_NAME)  # fmt: skip


def check_regex(host: Part) -> Iterator[Problem]:
    """`~` makes a server name a regular expression, which must also do as the name of an upstream."""
    text, start, end = host
    if _REGEX.fullmatch(text) and _compiles(text[1:]):
        yield Problem("regex", start, end, f"{shown(text)} is a regular expression; Interlock does not document them",
                      severity=Severity.WARNING, breaks=Breaks.ROUTE, hint=EVERY_NAME)  # fmt: skip
    else:
        yield Problem("regex", start, end, f"{shown(text)} is not a regular expression that nginx can use here",
                      hint=EVERY_NAME)  # fmt: skip


def _compiles(pattern: str) -> bool:
    """Whether a pattern surely compiles: of what PCRE and Python read alike, and Python compiles it.

    A `?` is not: `proxy_pass` reads a query behind it, and does not find the upstream.
    """
    if len(pattern) > 253 or not re.fullmatch(r"(?:[A-Za-z0-9_.^|()*+\[\]-]|\\[.dwsDWS-])+", pattern):
        return False
    sets = pattern.replace("[.]", "")  # a set of one dot, which no reader takes for a collating symbol
    if "[" in sets and any(pair in sets for pair in ("[[", "[.", "--", "||")):  # sets within sets
        return False
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        return False
    return True
