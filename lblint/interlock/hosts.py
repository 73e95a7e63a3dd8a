"""The value of `com.docker.lb.hosts`: names separated by commas, wildcards and regular expressions among them.

What nginx makes of each was measured with `nginx -t` (1.22) on the published template: the name is the key of the
upstream, of `server_name` and of the SNI map. Interlock does not document patterns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lblint.finding import Breaks, Severity
from lblint.interlock.problems import (
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
        yield Problem("empty", 0, len(value), "no host name in it: the service has no route", breaks=Breaks.ROUTE,
                      hint="app.example.org")  # fmt: skip
        return
    seen: dict[str, int] = {}
    parts = split(value, ",")
    hosts = [trim(part) for part in parts]
    without = ""
    for part, host in zip(parts, hosts, strict=True):
        if not host.text:
            comma = max(part.start - 1, 0)
            without = without or ",".join(host.text for host in hosts if host.text)
            yield Problem("empty-element", comma, part.end + (part.start == 0), "an empty host name beside a comma: "
                          "it is not documented that Interlock drops it, and nginx refuses it",
                          severity=Severity.WARNING, hint=without)  # fmt: skip
            continue
        yield from spaces(part)
        times = seen[host.text.lower()] = seen.get(host.text.lower(), 0) + 1
        if times == 1:
            yield from check_host(host)
        elif times == 2:
            yield Problem("duplicate", host.start, host.end, f"{shown(host.text)} stands twice in the list",
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
                      "was not replaced", breaks=breaks, hint="the real host name")  # fmt: skip
    elif typographic(text):
        write = plain_text(text)
        yield Problem("typographic", start, end, f"{shown(text)} has quotes, dashes or spaces that a web page or word "
                      "processor made of plain ones: no client asks for that name",
                      write if NAME.fullmatch(write) else "", breaks=Breaks.ROUTE)  # fmt: skip
    elif text != unquoted(text):
        plain_name = NAME.fullmatch(unquoted(text)) is not None
        says = "the host works only because nginx takes them off" if plain_name else "nginx refuses the config"
        yield Problem("quote", start, end, f"the quotes in {text} are part of the value: {says}", unquoted(text),
                      Severity.WARNING if plain_name else Severity.ERROR,
                      Breaks.ROUTE if plain_name else Breaks.PROXY,
                      hint="in a list entry, quote all of it or nothing")  # fmt: skip
    elif url := _URL.match(text):
        write = url[2] if NAME.fullmatch(url[2]) else url[2].partition(":")[0]
        hint = f"{url[2].partition(':')[2]} goes into com.docker.lb.port" if ":" in url[2] else ""
        yield Problem("scheme", start, end, f"{shown(text)} is a URL, not a host name: nginx takes what follows the "
                      "colon for a port", write if NAME.fullmatch(write) else "", hint=hint)  # fmt: skip
    elif text.startswith("~"):
        yield from check_regex(host)
    elif port := _PORT.fullmatch(text):
        yield Problem("port", start + len(port[1]), end, f"{shown(text)} has a port, which is no part of a host name: "
                      "nginx does not find its upstream", hint=f"{port[1]}  (and {port[2]} in com.docker.lb.port, if "
                      "the container listens on it)")  # fmt: skip
    elif "*" in text and not _wildcard_with_odd(text):
        yield from check_wildcard(host)
    elif "/" in text and NAME.fullmatch(text.partition("/")[0]):
        name, _, path = text.partition("/")
        says = f"a slash at the end of {shown(text)}" if not path else f"{shown(text)} has a path"
        hint = f"the path goes into com.docker.lb.context_root: /{path}" if path else ""
        yield Problem("path", start, end, f"{says}: nginx does not find its upstream", name, hint=hint)
    elif odd := _STOPS.search(text) or pattern(r"[/:]").search(text) or pattern(r"[}#'\"\\]").search(text):
        yield _odd_character(host, odd.start())
    elif not text.isascii():
        yield _non_ascii(host)
    else:
        odd = pattern(r"[^A-Za-z0-9._*-]").search(text)
        yield _never_matches(host, odd.start() if odd else 0)


def _plain(host: Part) -> Iterator[Problem]:
    """Names of letters, digits, dots, hyphens and underscores."""
    text, start, end = host
    if ".." in text or text == ".":
        at = start + text.find("..") if ".." in text else start
        yield Problem("double-dot", at, min(at + 2, end), f"{shown(text)} has an empty label between its dots: nginx "
                      "stops at such a server name", pattern(r"\.{2,}").sub(".", text) if text.strip(".") else "",
                      hint="")._replace(start=start, end=end)  # fmt: skip
        return
    says = write = ""
    severity, breaks = Severity.WARNING, Breaks.ROUTE
    label = next((label for label in text.split(".") if label.startswith("-") or label.endswith("-")), "")
    if text in ("_", "localhost"):
        says = f"{shown(text)} is a name that no request from outside asks for"
        if text == "_":
            says = '"_" is the name of the stock default server: nginx ignores the second one'
    elif text.startswith("."):
        says, write = f"{shown(text)} is a wildcard to nginx, which Interlock does not document", text[1:]
    elif text.endswith("."):
        says = f"{shown(text)} ends with a dot, which nginx takes off the name of a request: it never matches"
        write = text[:-1]
        severity = Severity.ERROR
    elif label:
        says = f"{shown(text)} is no name that DNS can hold: {shown(label)} begins or ends with a hyphen"
    elif any(len(label) > 63 for label in text.split(".")) or len(text) > 253:
        says = f"{shown(text)} is no name that DNS can hold: more than 63 characters between dots, or 253 in all"
    if says:
        yield Problem("name", start, end, says, write, severity, breaks)


def _wildcard_with_odd(text: str) -> bool:
    """Whether the `*` is where nginx takes one, and the rest holds a character that no name has."""
    rest = text.removeprefix("*.") if text.startswith("*.") else text.removesuffix(".*")
    return "*" not in rest and rest != "" and NAME.fullmatch(rest) is None


def _odd_character(host: Part, at: int) -> Problem:
    """A character that divides, ends or changes the word for nginx, or is harmless only inside a word."""
    text, start, _ = host
    char = text[at]
    if char in "}#'\"\\" and not _STOPS.match(text, at):
        return _never_matches(host, at)
    says = f"{named(char)} in the host name {shown(text)}: nginx refuses the config"
    if char == "$":
        says = f'"$" in the host name {shown(text)}: nginx reads a variable, which there is not, and stops'
    hint = "a comma between two names" if char == " " else ""
    if char == ";":
        says, hint = f"a semicolon in {shown(text)} ends the directive in nginx.conf", "a comma between two names"
    return Problem("character", start + at, start + at + 1, says, hint=hint)


def _never_matches(host: Part, at: int) -> Problem:
    text, start, _ = host
    return Problem("character", start + at, start + at + 1, f"{named(text[at])} in the host name {shown(text)}: no "
                   "request can ask for it, so the route never matches", breaks=Breaks.ROUTE,
                   hint="letters, digits, dots and hyphens")  # fmt: skip


def _non_ascii(host: Part) -> Problem:
    """Browsers send names in punycode (RFC 3492), so the letters themselves never match."""
    text, start, end = host
    hidden = next((at for at, char in enumerate(text) if not char.isprintable()), None)
    if hidden is not None:
        return Problem("character", start + hidden, start + hidden + 1, f"{named(text[hidden])} in "
                       f"the host name {shown(text)}: no request can ask for it", breaks=Breaks.ROUTE,
                       hint="the name typed anew")  # fmt: skip
    write = _punycode(text) if len(text) < 254 else ""
    return Problem("non-ascii", start, end, f"{shown(text)} is not ASCII: clients ask for the name in punycode, so the "
                   "route does not match", write, Severity.WARNING, Breaks.ROUTE)  # fmt: skip


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
        yield Problem("wildcard", start, end, f"{shown(text)} is a wildcard, which Interlock does not document: plain "
                      "HTTP may work, HTTPS never does, for the SNI map compares names literally",
                      severity=Severity.WARNING, breaks=Breaks.ROUTE, hint="every name, divided by commas")  # fmt: skip
    else:
        at = start + text.index("*")
        yield Problem("wildcard", at, at + 1, f"the * in {shown(text)}: nginx takes it only as the whole first or last "
                      "label, and stops", hint="every name, divided by commas")  # fmt: skip


def check_regex(host: Part) -> Iterator[Problem]:
    """`~` makes a server name a regular expression, which must also do as the name of an upstream."""
    text, start, end = host
    if _REGEX.fullmatch(text) and _compiles(text[1:]):
        yield Problem("regex", start, end, f"{shown(text)} is a regular expression, which Interlock does not document",
                      severity=Severity.WARNING, breaks=Breaks.ROUTE, hint="every name, divided by commas")  # fmt: skip
    else:
        yield Problem("regex", start, end, f"{shown(text)} is no host name, and no regular expression that nginx can "
                      "use here", hint="every name, divided by commas")  # fmt: skip


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
