"""Label values that are a single word: ports, booleans, modes, cookies, secrets, networks, clusters, fail limits."""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Severity
from lblint.interlock.value_problems import FATAL, Part, Problem, named, shown, spaces, trim, unquoted
from lblint.lazy_re import pattern

TRUE = "true"
_LISTENS = "write the port that the container listens on"
_NAME_COOKIE = "write the name of the cookie that the application sets, or remove the label"
_RENAME_COOKIE = "use a cookie whose name has only letters, digits and underscores"
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
    kind, says, write, hint = "not-a-number", f"{shown(text)} is not a valid port (1 to 65535)", "", _LISTENS
    if not text:
        kind, says = "empty", "the port is empty"
    elif pattern(r"[0-9]+").fullmatch(text):
        if is_port(text):
            if text.startswith("0"):
                yield Problem("leading-zero", start, end, f"the port {shown(text)} has a leading zero",
                              text.lstrip("0"), Severity.INFO, Breaks.NOTHING)  # fmt: skip
            return
        kind = "range"
    elif unquoted(text) != text:
        kind, says, write = "quote", f"the quotes in {text} are part of the value", unquoted(text)
    elif pattern(r"[0-9]+/[A-Za-z]+").fullmatch(text):
        kind, says, write = "protocol", f"{shown(text)} has a protocol, and the label takes only a port", first
    elif pattern(r"[0-9]+:[0-9]+").fullmatch(text):
        kind, says = "published", f"{shown(text)} is a pair of ports, and the label takes only that of the container"
        write = text.partition(":")[2]
    elif pattern(r"[0-9]+(?:[ ,;]+[0-9]+)+").fullmatch(text):
        kind, says = "list", f"{shown(text)} is a list of ports, and a service has only one"
        hint = f"write {first}, and make a second service for the other port" if first else _LISTENS
    elif pattern(r"[A-Z_]+|<[^<>]*>|port|PORT|\{\{.*\}\}").fullmatch(text):
        kind, says = "placeholder", f"{shown(text)} is a placeholder, not a port"
    elif first:
        hint = f"write {first}"
    write = write if is_port(write) else ""
    yield Problem(kind, start, end, says, write, hint="" if write else hint)


def check_flag(value: str) -> Iterator[Problem]:
    """Problems of a boolean: how Interlock reads other spellings is not documented."""
    if value in ("true", "false"):
        return
    text = unquoted(value.strip(" "))
    write = TRUE if text.lower() in _TRUE_LIKE else "false" if text.lower() in _FALSE_LIKE else ""
    says = f"{shown(value)} is neither true nor false" if value else "the value is empty; it must be true or false"
    yield Problem("flag", 0, len(value), says, f'"{write}"' if write else "", Severity.WARNING, Breaks.ROUTE,
                  hint="" if write else 'write "true", or remove the label')  # fmt: skip


def check_backend_mode(value: str) -> Iterator[Problem]:
    """Problems of `task` or `vip`."""
    if value in ("task", "vip"):
        return
    text = unquoted(value.strip(" ")).lower()
    write = text if text in ("task", "vip") else "task" if text in ("default", "tasks", "dnsrr") else ""
    says = f"{shown(value)} is neither task nor vip" if value else "the value is empty; it must be task or vip"
    yield Problem("mode", 0, len(value), says, write, Severity.WARNING, Breaks.ROUTE,
                  hint="" if write else "write task or vip")  # fmt: skip


def check_cookie(value: str) -> Iterator[Problem]:
    """Problems of a cookie's name, which is rendered as `hash $cookie_<name> consistent;`."""
    whole = Part(value, 0, len(value))
    text, start, end = trim(whole)
    if not text:
        yield Problem("empty", 0, len(value), "the cookie name is empty, so no session is sticky",
                      severity=Severity.WARNING, breaks=Breaks.ROUTE, hint=_NAME_COOKIE)  # fmt: skip
        return
    yield from spaces(whole)
    if text.lower() == "none":
        yield Problem("none", start, end, f"{shown(text)} does not switch sticky sessions off: it is read as the name "
                      "of a cookie", severity=Severity.WARNING, breaks=Breaks.ROUTE, hint=_NAME_COOKIE)  # fmt: skip
    elif text != unquoted(text):
        yield Problem("quote", start, end, f"the quotes in {text} are part of the cookie name", unquoted(text))
    elif odd := pattern(r"[ ;{}$\\]").search(text) or FATAL.search(text):
        breaks = Breaks.ROUTE if odd[0] in "'\"" else Breaks.PROXY
        yield Problem("character", start + odd.start(), start + odd.end(), f"the cookie name {shown(text)} contains "
                      f"{named(odd[0])}, which nginx reads as syntax", breaks=breaks, hint=_RENAME_COOKIE)  # fmt: skip
    elif odd := pattern(r"[^A-Za-z0-9_]").search(text):
        before = text[: odd.start()]
        reads = f'nginx reads the cookie "{before}"' if before else "nginx reads no cookie"
        yield Problem("cookie", start + odd.start(), start + odd.end(), f"the cookie name {shown(text)} contains "
                      f"{named(odd[0])}, so {reads} and sends all clients to one task", breaks=Breaks.ROUTE,
                      hint=_RENAME_COOKIE)  # fmt: skip


def check_secret(value: str) -> Iterator[Problem]:
    """Problems of a secret's name (swarmkit: letters, digits, `._-` inside, at most 64), which is also the file under
    /run/secrets that nginx opens."""
    whole = Part(value, 0, len(value))
    text, start, end = trim(whole)
    if not text:
        yield Problem("empty", 0, len(value), "the name of the secret is empty, so the host has no TLS",
                      severity=Severity.WARNING, breaks=Breaks.ROUTE,
                      hint="write the name of a Swarm secret, or remove the label")  # fmt: skip
        return
    yield from spaces(whole)
    if _SECRET.fullmatch(text):
        return
    hint, says, meant = "write the name that docker secret ls shows", f"{shown(text)} is not a valid secret name", ""
    if text.startswith("-----BEGIN"):
        says = "the value is a certificate or key, not the name of the secret that holds it"
        hint = "make a secret of it (docker secret create), and write the name of the secret"
    elif "/" in text:
        says, meant = f"{shown(text)} is a path, not the name of a secret", text.rstrip("/").rpartition("/")[2]
    elif unquoted(text) != text:
        says, meant = f"the quotes in {text} are part of the value", unquoted(text)
    yield Problem("secret", start, end, says, hint=f"write {meant}" if _SECRET.fullmatch(meant) else hint)


def check_name(value: str) -> Iterator[Problem]:
    """Problems of the name of a network or service cluster: it is compared, and not rendered."""
    whole = Part(value, 0, len(value))
    text, start, end = trim(whole)
    if not text:
        yield Problem("empty", 0, len(value), "the name is empty", severity=Severity.WARNING, breaks=Breaks.ROUTE,
                      hint="write the name, or remove the label")  # fmt: skip
        return
    yield from spaces(whole, Breaks.ROUTE)
    if unquoted(text) != text:
        yield Problem("quote", start, end, f"the quotes in {text} are part of the name", unquoted(text),
                      Severity.WARNING, Breaks.ROUTE)  # fmt: skip
    elif odd := pattern(r"[^A-Za-z0-9._-]").search(text):
        yield Problem("character", start + odd.start(), start + odd.end(), f"{shown(text)} is not a valid name, "
                      f"because it contains {named(odd[0])}", severity=Severity.WARNING, breaks=Breaks.ROUTE,
                      hint="write one name of letters, digits, dots, hyphens and underscores")  # fmt: skip


def check_max_fails(value: str) -> Iterator[Problem]:
    """Problems of a count (nginx: ngx_http_upstream_server, `max_fails=`)."""
    whole = Part(value, 0, len(value))
    text, start, end = trim(whole)
    yield from spaces(whole)
    if not text:
        yield _empty(value, "a whole number")
    elif not pattern(r"[0-9]{1,18}").fullmatch(text):
        bare = unquoted(text)
        bare = bare if bare.isdecimal() and bare.isascii() else "a whole number, 0 or more"
        yield Problem("count", start, end, f"{shown(text)} is not a valid number of failures",
                      hint=f"write {bare}")  # fmt: skip


def check_fail_timeout(value: str) -> Iterator[Problem]:
    """Problems of a time in whole seconds (nginx: ngx_parse_time with seconds, `fail_timeout=`): units from larger to
    smaller, each once, no milliseconds."""
    whole = Part(value, 0, len(value))
    text, start, end = trim(whole)
    yield from spaces(whole)
    if not text:
        yield _empty(value, "a time")
    elif not is_time(text):
        yield Problem("time", start, end, f"{shown(text)} is not a time in whole seconds or larger units",
                      hint=f"write {_time_meant(text) or 'a time such as 10s, 1m or 1h30m'}")  # fmt: skip


def _time_meant(text: str) -> str:
    """Return the time that a number with a spelled out unit was meant to be (`10 seconds`); "" for anything else."""
    parts = pattern(r"([0-9]+) *([smhd])(?:ec|in|ay|our)?[a-z]{0,4}").fullmatch(unquoted(text).lower())
    meant = parts is not None and parts[0][len(parts[1]) :].strip() not in ("ms", "msec", "mo", "month", "months")
    return f"{parts[1]}{parts[2]}" if parts and meant and is_time(parts[1] + parts[2]) else ""


def _empty(value: str, what: str) -> Problem:
    return Problem("empty", 0, len(value), "the value is empty", severity=Severity.WARNING,
                   hint=f"write {what}, or remove the label")  # fmt: skip


def is_time(text: str) -> bool:
    """Whether nginx takes a text as a time in seconds: `10`, `10s`, `1h30m`."""
    if not pattern(r"(?:[0-9]{1,9}[yMwdhms])*(?:[0-9]{1,9}[yMwdhms]?)").fullmatch(text):
        return False
    ranks = ["yMwdhms".index(unit) for unit in pattern(r"[yMwdhms]").findall(text)]
    return ranks == sorted(set(ranks))
