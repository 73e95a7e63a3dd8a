"""Values that are paths: `context_root` (one) and `websocket_endpoints` (separated by commas).

Each becomes a prefix `location` of nginx (ngx_http_core_location), unchanged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import normpath

from lblint.finding import Breaks, Severity
from lblint.interlock.value_problems import (
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

_PLAIN = "use only letters, digits, slashes, dots and hyphens"
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
        yield Problem("empty", 0, len(value), "the context root is empty", severity=Severity.WARNING,
                      hint="write a path, or remove the label")  # fmt: skip
        return
    yield from spaces(whole)
    if path.text == "/":
        yield Problem("root", path.start, path.end, 'the context root "/" has the same effect as no context root',
                      severity=Severity.INFO, breaks=Breaks.NOTHING)  # fmt: skip
        return
    if "," in path.text:
        at = path.start + path.text.index(",")
        yield Problem("list", at, at + 1, f"{shown(path.text)} is read as one path with a comma in it",
                      severity=Severity.WARNING, breaks=Breaks.ROUTE,
                      hint="write one path, and make a second service with its own host for the other")  # fmt: skip
    yield from check_path(path)


def check_websocket_endpoints(value: str) -> Iterator[Problem]:
    """Problems of a list of paths."""
    if not value.strip(" ,"):
        yield Problem("empty", 0, len(value), "the list of paths is empty", severity=Severity.WARNING,
                      hint="write the paths, separated by commas, or remove the label")  # fmt: skip
        return
    seen: set[str] = set()
    without = ""
    for part in split(value, ","):
        path = trim(part)
        if not path.text:
            comma = max(part.start - 1, 0)
            without = without or ",".join(p.text for p in parse_paths(value))
            yield Problem("empty-element", comma, part.end + (part.start == 0), "the list has an empty path",
                          severity=Severity.WARNING, hint=f"write {without}")  # fmt: skip
            continue
        if part.text != path.text:  # measured: a location with spaces around it is read as the same location
            yield from spaces(part, Breaks.ROUTE)
        if path.text in seen:
            yield Problem("duplicate", path.start, path.end, f"{shown(path.text)} is twice in the list")
            continue
        seen.add(path.text)
        yield from check_path(path)


def check_path(path: Part) -> Iterator[Problem]:
    """The first problem of one path: not empty, no spaces around it, no control characters."""
    text, start, end = path
    bare = unquoted(text)
    if char := typographic(text):
        write = plain_text(text)
        yield Problem("typographic", start, end, f"the path {shown(text)} contains the typographic character "
                      f"{named(char)} (U+{ord(char):04X})",
                      write if pattern(r"/[A-Za-z0-9._/-]*").fullmatch(write) else "", Severity.WARNING,
                      Breaks.ROUTE)  # fmt: skip
    elif bare != text:
        yield Problem("quote", start, end, f"the quotes in {text} are part of the path, so it never matches", bare,
                      breaks=Breaks.ROUTE)  # fmt: skip
    elif url := _URL.match(text):
        yield Problem("url", start, end, f"{shown(text)} is a URL, not a path, so it never matches",
                      text[url.end() :] if text[url.end() :].startswith("/") else "/", breaks=Breaks.ROUTE)  # fmt: skip
    elif modifier := _MODIFIER.match(text):
        rest = text[modifier.end() :].lstrip("^")
        write = rest if pattern(r"/[A-Za-z0-9._/-]*").fullmatch(rest) else ""
        works = write != "" and pattern(r"(?:=|\^~) */").match(text) is not None
        yield Problem("modifier", start, end, f"{shown(text)} begins with a modifier of nginx, and Interlock "
                      "documents only paths", write,
                      Severity.WARNING if works else Severity.ERROR,
                      Breaks.ROUTE if works else Breaks.PROXY)  # fmt: skip
    elif odd := _FATAL.search(text):
        yield Problem("character", start + odd.start(), start + odd.end(), f"the path {shown(text)} contains "
                      f"{named(odd[0])}, which nginx reads as syntax", hint=_PLAIN)  # fmt: skip
    elif not text.startswith("/"):
        fix = "/" + text.lstrip("~^=@*") if text.lstrip("~^=@*")[:1] != "/" else text.lstrip("~^=@*")
        breaks = Breaks.PROXY if text[0] in "\"'#" else Breaks.ROUTE
        yield Problem("no-slash", start, end, f"{shown(text)} does not begin with a slash, so it never matches",
                      fix if pattern(r"/[A-Za-z0-9._/-]*").fullmatch(fix) else "", breaks=breaks)  # fmt: skip
    elif text == STATUS:
        yield Problem("status", start, end, f'the proxy has a location "{STATUS}" of its own for every host',
                      hint="write another path")  # fmt: skip
    else:
        yield from _odd(path)


def _odd(path: Part) -> Iterator[Problem]:
    """Paths that nginx takes, and that no request, or not the one that was meant, can match."""
    text, start, _ = path
    if {".", ".."} & set(text.split("/")):
        end = start + len(text)
        yield Problem("never-matches", start, end, f'the path {shown(text)} contains "." or ".." as a segment, so it '
                      "never matches", normpath(text), breaks=Breaks.ROUTE)  # fmt: skip
        return
    for char, says, severity in (
        ("?", "and nginx compares paths without the query, so it never matches", Severity.ERROR),
        ("#", "and clients do not send what follows it, so it never matches", Severity.ERROR),
        ("*", "which nginx reads literally; a path matches everything below it anyway", Severity.WARNING),
        ("%", "and nginx compares decoded paths, so it never matches", Severity.WARNING),
        ("$", "which nginx reads literally", Severity.WARNING),
        ("\\", "which nginx reads literally or as an escape", Severity.WARNING),
        ('"', "which nginx reads literally", Severity.WARNING),
        ("'", "which nginx reads literally", Severity.WARNING),
        ("//", "and nginx merges slashes before it compares, so it never matches", Severity.WARNING),
    ):
        at = text.find(char)
        if at >= 0:
            fixed = {"*": text.rstrip("*").removesuffix("/"), "//": pattern("/+").sub("/", text)}
            write = fixed.get(char, "")
            write = write if pattern(r"/[A-Za-z0-9._/-]+").fullmatch(write) else ""
            name = named(char) if len(char) == 1 else f'"{char}"'
            yield Problem("never-matches", start + at, start + at + len(char), f"the path {shown(text)} contains "
                          f"{name}, {says}", write, severity, Breaks.ROUTE)  # fmt: skip
            return
    hidden = next((at for at, char in enumerate(text) if not char.isprintable()), None)
    if hidden is not None:
        yield Problem("never-matches", start + hidden, start + hidden + 1, f"the path {shown(text)} contains "
                      f"{named(text[hidden])}, so it never matches", breaks=Breaks.ROUTE,
                      hint="remove the invisible character")  # fmt: skip


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
        yield Problem("regex", start + odd.start(), start + odd.end(), f"the path {shown(text)} is rewritten, and "
                      f"with {named(odd[0])} nginx cannot compile the regular expression for it",
                      hint=_PLAIN)  # fmt: skip
    elif odd := pattern(r"[+^|()\]]").search(text):
        yield Problem("regex", start + odd.start(), start + odd.end(), f"the path {shown(text)} is rewritten, and "
                      f"{named(odd[0])} is a metacharacter of the regular expression for it",
                      severity=Severity.WARNING, breaks=Breaks.ROUTE, hint=_PLAIN)  # fmt: skip
    elif "." in text and not text.endswith("/"):
        yield Problem("dotted-root", start, end, f"the path {shown(text)} is rewritten and has a dot, so a request for "
                      f"{shown(text)} without a slash at the end is neither redirected nor rewritten",
                      severity=Severity.INFO, breaks=Breaks.NOTHING,
                      hint=f"link to {text}/, or use a path without a dot")  # fmt: skip
    elif text.endswith("/"):
        yield Problem("trailing-slash", end - 1, end, f"the path {shown(text)} is rewritten and ends with a slash, so "
                      "it is never removed from requests", text.rstrip("/"), Severity.WARNING,
                      Breaks.ROUTE)  # fmt: skip
