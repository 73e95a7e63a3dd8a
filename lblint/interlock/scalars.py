"""Label values that are a single word: ports, booleans, modes, cookies, secrets, networks, clusters, fail limits."""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Severity
from lblint.interlock.problems import FATAL, Part, Problem, named, shown, spaces, trim, unquoted
from lblint.lazy_re import pattern

TRUE = "true"
_LISTENS = "the port that the container listens on"
_TRUE_LIKE = frozenset({"true", "t", "1", "yes", "y", "on", "enable", "enabled"})
_FALSE_LIKE = frozenset({"false", "f", "0", "no", "n", "off", "disable", "disabled", "none"})
_SECRET = pattern(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,62}[A-Za-z0-9])?")


def is_true(value: str) -> bool:
    """Whether a boolean label is on: only the documented spelling counts, spaces around it left aside."""
    return value.strip(" ") == TRUE


def is_port(value: str) -> bool:
    """Whether a text, trimmed, is a port that nginx takes: digits, 1 to 65535 (leading zeros do no harm)."""
    return bool(pattern(r"0*[1-9][0-9]{0,4}").fullmatch(value)) and int(value) < 65536


def check_port(value: str) -> Iterator[Problem]:
    """Problems of a port, which ends up in `server <address>:<port>;`."""
    whole = Part(value, 0, len(value))
    text, start, end = trim(whole)
    yield from spaces(whole)
    digits = pattern(r"[0-9]{1,5}").match(unquoted(text))
    first = digits[0] if digits and is_port(digits[0]) else ""
    kind, says, hint = "not-a-number", f"{shown(text)} is no port: nginx wants a number from 1 to 65535", first
    if not text:
        kind, says, hint = "empty", "an empty port: nginx refuses the server without one", _LISTENS
    elif pattern(r"[0-9]+").fullmatch(text):
        if is_port(text):
            if text.startswith("0"):
                yield Problem("leading-zero", start, end, f"the port {shown(text)} is written with a leading zero",
                              text.lstrip("0"), Severity.INFO, Breaks.NOTHING)  # fmt: skip
            return
        kind, says, hint = "range", f"{shown(text)} is no port: ports are 1 to 65535", ""
    elif unquoted(text) != text:
        kind, says = "quote", f"the quotes in {text} are part of the port"
        hint = f"{unquoted(text)}  (in a list entry, quote all of it or nothing)"
    elif pattern(r"[0-9]+/[A-Za-z]+").fullmatch(text):
        kind, says = "protocol", f"{shown(text)} has a protocol, which is no part of a port"
    elif pattern(r"[0-9]+:[0-9]+").fullmatch(text):
        kind, says = "published", f"{shown(text)} is a pair of ports"
        hint = f"{text.partition(':')[2]}  (the port in the container, alone)"
    elif pattern(r"[0-9]+(?:[ ,;]+[0-9]+)+").fullmatch(text):
        kind, says = "list", f"{shown(text)} is a list of ports, and a service has one"
        hint = f"{first}  (a second service for the second port)" if first else ""
    elif pattern(r"[A-Z_]+|<[^<>]*>|port|PORT|\{\{.*\}\}").fullmatch(text):
        kind, says, hint = "placeholder", f"{shown(text)} is a placeholder, not a port", _LISTENS
    yield Problem(kind, start, end, says, hint=hint)


def check_flag(value: str) -> Iterator[Problem]:
    """Problems of a boolean: how Interlock reads other spellings is not documented."""
    if value in ("true", "false"):
        return
    text = unquoted(value.strip(" "))
    write = TRUE if text.lower() in _TRUE_LIKE else "false" if text.lower() in _FALSE_LIKE else ""
    says = f"{shown(value)} is neither true nor false" if value else "an empty value: neither true nor false"
    yield Problem("flag", 0, len(value), f"{says}, and it is not documented what Interlock makes of it",
                  f'"{write}"' if write else "", Severity.WARNING, Breaks.ROUTE,
                  hint="" if write else '"true", or no label')  # fmt: skip


def check_backend_mode(value: str) -> Iterator[Problem]:
    """Problems of `task` or `vip`."""
    if value in ("task", "vip"):
        return
    text = unquoted(value.strip(" ")).lower()
    write = text if text in ("task", "vip") else "task" if text in ("default", "tasks", "dnsrr") else ""
    yield Problem("mode", 0, len(value), f"{shown(value)} is neither task nor vip: Interlock then keeps to task, or "
                  "to nothing", write, Severity.WARNING, Breaks.ROUTE, hint="" if write else "task or vip")  # fmt: skip


def check_cookie(value: str) -> Iterator[Problem]:
    """Problems of a cookie's name, which is rendered as `hash $cookie_<name> consistent;`."""
    whole = Part(value, 0, len(value))
    text, start, end = trim(whole)
    if not text:
        yield Problem("empty", 0, len(value), "an empty cookie name: no session is sticky", severity=Severity.WARNING,
                      breaks=Breaks.ROUTE, hint="the cookie that the application sets, or no label")  # fmt: skip
        return
    yield from spaces(whole)
    if text.lower() == "none":
        yield Problem("none", start, end, f"{shown(text)} is taken for the name of a cookie", severity=Severity.WARNING,
                      breaks=Breaks.ROUTE, hint="the cookie that the application sets, or no label")  # fmt: skip
    elif text != unquoted(text):
        yield Problem("quote", start, end, f"the quotes in {text} are part of the name", unquoted(text))
    elif odd := pattern(r"[ ;{}$\\]").search(text) or FATAL.search(text):
        breaks = Breaks.ROUTE if odd[0] in "'\"" else Breaks.PROXY
        yield Problem("character", start + odd.start(), start + odd.end(), f"{named(odd[0])} in the cookie name "
                      f"{shown(text)}: nginx reads it as syntax of its own", breaks=breaks,
                      hint="a cookie named with letters, digits and underscores")  # fmt: skip
    elif odd := pattern(r"[^A-Za-z0-9_]").search(text):
        before = text[: odd.start()]
        says = f'reads the cookie "{before}" and takes the rest as text' if before else "reads no cookie"
        yield Problem("cookie", start + odd.start(), start + odd.end(), f"{named(odd[0])} in the cookie name "
                      f"{shown(text)}: nginx {says}, so all clients go to one server", breaks=Breaks.ROUTE,
                      hint="a cookie named with letters, digits and underscores")  # fmt: skip


def check_secret(value: str) -> Iterator[Problem]:
    """Problems of a secret's name (swarmkit: letters, digits, `._-` inside, at most 64), which is also the file under
    /run/secrets that nginx opens."""
    whole = Part(value, 0, len(value))
    text, start, end = trim(whole)
    if not text:
        yield Problem("empty", 0, len(value), "no name of a secret: the host gets no TLS", severity=Severity.WARNING,
                      breaks=Breaks.ROUTE, hint="the name of a Swarm secret, or no label")  # fmt: skip
        return
    yield from spaces(whole)
    if _SECRET.fullmatch(text):
        return
    hint, says = "letters, digits, dots, hyphens and underscores, at most 64", f"{shown(text)} is no name of a secret"
    last = text.rstrip("/").rpartition("/")[2]
    if text.startswith("-----BEGIN"):
        says, hint = "the certificate or key itself is no name of a secret", "the name of the secret that holds it"
    elif "/" in text:
        says, hint = f"{shown(text)} is a path, not the name of a secret", last if _SECRET.fullmatch(last) else hint
    elif unquoted(text) != text:
        says, hint = f"the quotes in {text} are part of the name of the secret", unquoted(text)
    yield Problem("secret", start, end, f"{says}: no proxy can mount it", hint=hint)


def check_name(value: str) -> Iterator[Problem]:
    """Problems of the name of a network or service cluster: it is compared, and not rendered."""
    whole = Part(value, 0, len(value))
    text, start, end = trim(whole)
    if not text:
        yield Problem("empty", 0, len(value), "an empty name", severity=Severity.WARNING, breaks=Breaks.ROUTE,
                      hint="the name, or no label")  # fmt: skip
        return
    yield from spaces(whole, Breaks.ROUTE)
    if unquoted(text) != text:
        yield Problem("quote", start, end, f"the quotes in {text} are part of the name", unquoted(text),
                      Severity.WARNING, Breaks.ROUTE)  # fmt: skip
    elif odd := pattern(r"[^A-Za-z0-9._-]").search(text):
        yield Problem("character", start + odd.start(), start + odd.end(), f"{named(odd[0])} in the name {shown(text)}:"
                      " one name of letters, digits, dots, hyphens and underscores is wanted",
                      severity=Severity.WARNING, breaks=Breaks.ROUTE)  # fmt: skip


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
