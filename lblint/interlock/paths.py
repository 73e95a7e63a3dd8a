"""Values that are paths: `context_root` (one) and `websocket_endpoints` (divided by commas).

Each becomes a prefix `location` of nginx (ngx_http_core_location), with the text as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import normpath

from lblint.finding import Breaks, Severity
from lblint.interlock.problems import (
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

STATUS = "/nginx_status"
"""The location that the template gives to every server: a second one of that path stops nginx."""

_FATAL = pattern(r"[ ;{}]|\\\Z")
"""What ends or splits the word for nginx; a backslash only at its end, where it takes the space or brace behind it."""

_MODIFIER = pattern(r"(?:=|~\*|~|\^~) *(?=[/^])")
_URL = pattern(r"[A-Za-z][A-Za-z0-9+.-]*://[^/]*")


def parse_paths(value: str) -> list[Part]:
    """The paths in a value, trimmed, without the empty ones: the reading under which it works."""
    return [part for part in map(trim, split(value, ",")) if part.text]


def check_context_root(value: str) -> Iterator[Problem]:
    """Problems of one path, rewriting left aside (see `check_rewritten`)."""
    whole = Part(value, 0, len(value))
    path = trim(whole)
    if not path.text:
        yield Problem("empty", 0, len(value), "an empty context root: it is not documented that Interlock takes it for "
                      "none, and nginx refuses it", severity=Severity.WARNING, hint="/app, or no label")  # fmt: skip
        return
    yield from spaces(whole)
    if path.text == "/":
        yield Problem("root", path.start, path.end, 'the context root "/" says the same as no context root',
                      severity=Severity.INFO, breaks=Breaks.NOTHING)  # fmt: skip
        return
    if "," in path.text:
        at = path.start + path.text.index(",")
        yield Problem("list", at, at + 1, f"{shown(path.text)} is read as one path with a comma in it: a context root "
                      "is one path", severity=Severity.WARNING, breaks=Breaks.ROUTE,
                      hint="one path; a second service for the second one")  # fmt: skip
    yield from check_path(path)


def check_websocket_endpoints(value: str) -> Iterator[Problem]:
    """Problems of a list of paths."""
    if not value.strip(" ,"):
        yield Problem("empty", 0, len(value), "no path in it: it is not documented that Interlock takes it for none, "
                      "and nginx refuses an empty location", severity=Severity.WARNING,
                      hint="/ws, or no label")  # fmt: skip
        return
    seen: set[str] = set()
    without = ""
    for part in split(value, ","):
        path = trim(part)
        if not path.text:
            comma = max(part.start - 1, 0)
            without = without or ",".join(p.text for p in parse_paths(value))
            yield Problem("empty-element", comma, part.end + (part.start == 0), "an empty path beside a comma: it is "
                          "not documented that Interlock drops it, and nginx refuses it", severity=Severity.WARNING,
                          hint=without)  # fmt: skip
            continue
        if part.text != path.text:  # measured: a location with spaces around it is read as the same location
            yield Problem("space", part.start, part.end, f"a space around {shown(path.text)}: it is not documented "
                          "whether Interlock trims it", path.text, Severity.WARNING, Breaks.ROUTE)  # fmt: skip
        if path.text in seen:
            yield Problem("duplicate", path.start, path.end, f"{shown(path.text)} stands twice in the list: nginx "
                          "stops at two locations of one path", hint="it once")  # fmt: skip
            continue
        seen.add(path.text)
        yield from check_path(path)


def check_path(path: Part) -> Iterator[Problem]:
    """The first problem of one path: not empty, no spaces around it, no control characters."""
    text, start, end = path
    bare = unquoted(text)
    if char := typographic(text):
        write = plain_text(text)
        yield Problem("typographic", start, end, f"{named(char)} (U+{ord(char):04X}) in the path {shown(text)} is not "
                      "a plain character: the path hardly matches a request",
                      write if pattern(r"/[A-Za-z0-9._/-]*").fullmatch(write) else "", Severity.WARNING,
                      Breaks.ROUTE)  # fmt: skip
    elif bare != text:
        yield Problem("quote", start, end, f"the quotes in {text} are part of the path: it never matches", bare,
                      breaks=Breaks.ROUTE, hint="in a list entry, quote all of it or nothing")  # fmt: skip
    elif url := _URL.match(text):
        yield Problem("url", start, end, f"{shown(text)} is a URL, not a path: it never matches",
                      text[url.end() :] if text[url.end() :].startswith("/") else "/", breaks=Breaks.ROUTE)  # fmt: skip
    elif modifier := _MODIFIER.match(text):
        rest = text[modifier.end() :].lstrip("^")
        write = rest if pattern(r"/[A-Za-z0-9._/-]*").fullmatch(rest) else ""
        works = write != "" and pattern(r"(?:=|\^~) */").match(text) is not None
        yield Problem("modifier", start, end, f"{shown(text)} has a modifier of nginx, which Interlock does not "
                      "document and its rewriting cannot take: only a path", write,
                      Severity.WARNING if works else Severity.ERROR,
                      Breaks.ROUTE if works else Breaks.PROXY)  # fmt: skip
    elif odd := _FATAL.search(text):
        yield Problem("character", start + odd.start(), start + odd.end(), f"{named(odd[0])} in the path "
                      f"{shown(text)}: nginx reads it as syntax of its own and refuses the config",
                      hint="a path of letters, digits, slashes, dots and hyphens")  # fmt: skip
    elif not text.startswith("/"):
        fix = "/" + text.lstrip("~^=@*") if text.lstrip("~^=@*")[:1] != "/" else text.lstrip("~^=@*")
        breaks = Breaks.PROXY if text[0] in "\"'#" else Breaks.ROUTE
        yield Problem("no-slash", start, end, f"{shown(text)} does not begin with a slash: it never matches",
                      fix if pattern(r"/[A-Za-z0-9._/-]*").fullmatch(fix) else "", breaks=breaks)  # fmt: skip
    elif text == STATUS:
        yield Problem("status", start, end, f'"{STATUS}" is a location of the proxy itself in every server: nginx '
                      "stops at the second one", hint="another path")  # fmt: skip
    else:
        yield from _odd(path)


def _odd(path: Part) -> Iterator[Problem]:
    """Paths that nginx takes, and that no request, or not the one that was meant, can match."""
    text, start, _ = path
    if {".", ".."} & set(text.split("/")):
        end = start + len(text)
        yield Problem("never-matches", start, end, f"{shown(text)} has a segment of dots, which nginx resolves before "
                      "it compares: it never matches", breaks=Breaks.ROUTE, hint=normpath(text))  # fmt: skip
        return
    for char, says, severity in (
        ("?", "a location is compared with the path alone, without the query: it never matches", Severity.ERROR),
        ("#", "clients do not send what follows a #: it never matches", Severity.ERROR),
        ("*", "nginx takes the * literally; a path matches everything below it anyway", Severity.WARNING),
        ("%", "a location is compared with the decoded path: it never matches", Severity.WARNING),
        ("$", "nginx takes the $ literally", Severity.WARNING),
        ("\\", "nginx takes it literally, or for an escape", Severity.WARNING),
        ('"', "nginx takes the quote literally", Severity.WARNING),
        ("'", "nginx takes the quote literally", Severity.WARNING),
        ("//", "nginx merges slashes before it compares: it never matches", Severity.WARNING),
    ):
        at = text.find(char) if char != "/.." or text.endswith(char) else -1
        if at >= 0:
            fixed = {"*": text.rstrip("*").removesuffix("/"), "//": pattern("/+").sub("/", text)}
            write = fixed.get(char, "")
            write = write if pattern(r"/[A-Za-z0-9._/-]+").fullmatch(write) else ""
            yield Problem("never-matches", start + at, start + at + len(char), f'"{char}" in the path {shown(text)}: '
                          f"{says}", hint=write, severity=severity, breaks=Breaks.ROUTE)  # fmt: skip
            return
    hidden = next((at for at, char in enumerate(text) if not char.isprintable()), None)
    if hidden is not None:
        yield Problem("never-matches", start + hidden, start + hidden + 1, f"{named(text[hidden])} in the "
                      f"path {shown(text)}: it never matches", breaks=Breaks.ROUTE,
                      hint="the path typed anew")  # fmt: skip


def check_rewritten(value: str) -> Iterator[Problem]:
    """Problems of a context root with `context_root_rewrite`: the path becomes a part of two regular expressions
    (`rewrite ^<path>/(.*) ...` of the template)."""
    path = trim(Part(value, 0, len(value)))
    text, start, end = path
    if not text.startswith("/") or text == "/" or not text.isprintable():
        return
    if any(problem.breaks is Breaks.PROXY for problem in check_path(path)):
        return
    odd = re.search(r"[()]" if text.count("(") != text.count(")") else r"\[", text)
    if odd:
        yield Problem("regex", start + odd.start(), start + odd.end(), f"{named(odd[0])} in {shown(text)}, which is "
                      "rewritten: the regular expression of nginx does not compile",
                      hint="a path of letters, digits, slashes, dots and hyphens")  # fmt: skip
    elif odd := pattern(r"[+^|()\]]").search(text):
        yield Problem("regex", start + odd.start(), start + odd.end(), f"{named(odd[0])} in {shown(text)}, which is "
                      "rewritten: in the regular expression of nginx it means something else",
                      severity=Severity.WARNING, breaks=Breaks.ROUTE)  # fmt: skip
    elif "." in text and not text.endswith("/"):
        yield Problem("dotted-root", start, end, f"the path {shown(text)} has a dot, and it is rewritten: {shown(text)}"
                      " itself, without a slash behind it, is neither redirected nor stripped", severity=Severity.INFO,
                      breaks=Breaks.NOTHING, hint=f"links to {text}/, or a path without a dot")  # fmt: skip
    elif text.endswith("/"):
        yield Problem("trailing-slash", end - 1, end, f"a slash at the end of {shown(text)}, which is rewritten: the "
                      "prefix is never taken off", hint=text.rstrip("/"), severity=Severity.WARNING,
                      breaks=Breaks.ROUTE)  # fmt: skip
