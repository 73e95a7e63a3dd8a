"""Hosts that are patterns: wildcards and regular expressions, which nginx knows and Interlock does not document."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lblint.finding import Breaks, Severity
from lblint.interlock.problems import Part, Problem, shown
from lblint.lazy_re import pattern

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
    if _REGEX.fullmatch(text) and "?" not in text and _compiles(text[1:]):
        yield Problem("regex", start, end, f"{shown(text)} is a regular expression, which Interlock does not document",
                      severity=Severity.WARNING, breaks=Breaks.ROUTE, hint="every name, divided by commas")  # fmt: skip
    else:
        yield Problem("regex", start, end, f"{shown(text)} is no host name, and no regular expression that nginx can "
                      "use here", hint="every name, divided by commas")  # fmt: skip


def _compiles(pattern: str) -> bool:
    """Whether a pattern of the allowed characters surely compiles: without groups, sets or repeats of nothing."""
    return bool(re.fullmatch(r"\^?(?:(?:[A-Za-z0-9_-]|\.|\\[.dwsDWS-])[*+]?)+", pattern))
