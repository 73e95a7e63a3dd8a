"""Values that say when a task has failed: `max_fails`, a count, and `fail_timeout`, a time."""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Severity
from lblint.interlock.problems import Part, Problem, shown, spaces, trim, unquoted
from lblint.lazy_re import pattern


def check_max_fails(value: str) -> Iterator[Problem]:
    """Problems of a count (nginx: ngx_http_upstream_server, `max_fails=`)."""
    whole = Part(value, 0, len(value))
    text, start, end = trim(whole)
    yield from spaces(whole)
    if not text:
        yield _empty(value, "3")
    elif not pattern(r"[0-9]{1,18}").fullmatch(text):
        bare = unquoted(text)
        yield Problem("count", start, end, f"{shown(text)} is no count for max_fails: nginx wants a whole number, 0 or "
                      "more", hint=bare if bare.isdecimal() and bare.isascii() else "3")  # fmt: skip


def check_fail_timeout(value: str) -> Iterator[Problem]:
    """Problems of a time in whole seconds (nginx: ngx_parse_time with seconds, `fail_timeout=`): units from larger to
    smaller, each once, no milliseconds."""
    whole = Part(value, 0, len(value))
    text, start, end = trim(whole)
    yield from spaces(whole)
    if not text:
        yield _empty(value, "10s")
    elif not is_time(text):
        yield Problem("time", start, end, f"{shown(text)} is no time for fail_timeout: nginx wants whole seconds or "
                      "larger units", hint="10s, 1m or 1h30m")  # fmt: skip


def _empty(value: str, example: str) -> Problem:
    return Problem("empty", 0, len(value), "an empty value: it is not documented that Interlock takes it for none, and "
                   "nginx refuses it", severity=Severity.WARNING, hint=f"{example}, or no label")  # fmt: skip


def is_time(text: str) -> bool:
    """Whether nginx takes a text as a time in seconds: `10`, `10s`, `1h30m`."""
    if not pattern(r"(?:[0-9]{1,9}[yMwdhms])*(?:[0-9]{1,9}[yMwdhms]?)").fullmatch(text):
        return False
    ranks = ["yMwdhms".index(unit) for unit in pattern(r"[yMwdhms]").findall(text)]
    return ranks == sorted(set(ranks))
