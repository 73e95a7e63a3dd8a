"""Durations as Go reads and prints them, in nanoseconds (Go's time.ParseDuration and Duration.String)."""

from __future__ import annotations

from functools import lru_cache

from lblint.lazy_re import pattern
from lblint.stack.grammar import GrammarError

NANOSECOND = 1
MICROSECOND = 1_000
MILLISECOND = 1_000_000
SECOND = 1_000_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE

_UNITS = {
    "ns": NANOSECOND,
    "us": MICROSECOND,
    "µs": MICROSECOND,
    "μs": MICROSECOND,
    "ms": MILLISECOND,
    "s": SECOND,
    "m": MINUTE,
    "h": HOUR,
}
_LIMIT = 1 << 63
_USUAL = 40
"""Texts below this length are the same few in all files, and read once."""
_PART = pattern(r"([0-9]*)(?:(\.)([0-9]*))?([^.0-9]*)")


def parse_duration(text: str) -> int | GrammarError:
    """Read `1h5m30s` into nanoseconds, as `stop_grace_period` and all other durations of a stack file are read.

    A sign, decimals and compounds are allowed, `0` alone too; days, spaces and bare numbers are not.
    Source: Go time.ParseDuration, called by docker/cli cli/compose/loader/loader.go (transformStringToDuration).
    """
    return _cached(text) if len(text) < _USUAL else _parsed(text)


def _parsed(text: str) -> int | GrammarError:
    invalid = GrammarError(f"time: invalid duration {_quote(text)}")
    rest = text[1:] if text[:1] in ("-", "+") else text
    negative = text[:1] == "-"
    if rest == "0":
        return 0
    if not rest:
        return invalid
    total = 0
    at = 0
    while at < len(rest):
        part = _PART.match(rest, at)
        if part is None or not (part[1] or part[3]):
            return invalid
        at = part.end()
        whole = _whole(part[1])
        if whole is None:
            return invalid
        if not part[4]:
            return GrammarError(f"time: missing unit in duration {_quote(text)}")
        unit = _UNITS.get(part[4])
        if unit is None:
            return GrammarError(f"time: unknown unit {_quote(part[4])} in duration {_quote(text)}")
        if whole > _LIMIT // unit:
            return invalid
        total += whole * unit + _fraction(part[3] or "", unit)
        if total > _LIMIT:
            return invalid
    if negative:
        return -total
    return invalid if total == _LIMIT else total


_cached = lru_cache(maxsize=1000)(_parsed)


def _whole(digits: str) -> int | None:
    """The number in front of the point, or None where Go overflows. Zeros in front cost nothing."""
    digits = digits.lstrip("0")
    if len(digits) > 19:
        return None
    whole = int(digits or "0")
    return None if whole > _LIMIT else whole


def _fraction(digits: str, unit: int) -> int:
    """The nanoseconds behind the point. Digits past what Go's 63 bits hold are dropped; the rounding is Go's."""
    value = 0
    scale = 1.0
    for digit in digits[:400]:
        longer = value * 10 + int(digit)
        if value > (_LIMIT - 1) // 10 or longer > _LIMIT:
            break
        value = longer
        scale *= 10
    return int(float(value) * (float(unit) / scale)) if value else 0


def format_duration(nanoseconds: int) -> str:
    """Print nanoseconds as Go does: `1m0s`, `1.5s`, `100ms`, `0s` (Go time.Duration.String)."""
    if nanoseconds == 0:
        return "0s"
    sign = "-" if nanoseconds < 0 else ""
    size = abs(nanoseconds)
    for unit, name in ((MICROSECOND, "ns"), (MILLISECOND, "µs"), (SECOND, "ms")):
        if size < unit:
            return sign + _decimal(size, unit // 1000) + name
    hours, minutes, rest = size // HOUR, size // MINUTE % 60, size % MINUTE
    text = _decimal(rest, SECOND) + "s"
    if hours:
        return f"{sign}{hours}h{minutes}m{text}"
    return f"{sign}{minutes}m{text}" if minutes else sign + text


def _decimal(size: int, unit: int) -> str:
    whole, part = divmod(size, unit)
    if not part:
        return str(whole)
    digits = str(part).rjust(len(str(unit)) - 1, "0").rstrip("0")
    return f"{whole}.{digits}"


def _quote(text: str) -> str:
    """Quote as Go's time package does: control characters and all bytes beyond ASCII as \\x."""
    out = []
    for char in text:
        if " " <= char < "\x80":
            out.append("\\" + char if char in '"\\' else char)
        else:
            out.extend(f"\\x{byte:02x}" for byte in char.encode("utf-8", "surrogatepass"))
    return '"' + "".join(out) + '"'
