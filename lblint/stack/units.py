"""Durations (nanoseconds), CPUs (billionths of one) and sizes (bytes), as Go and docker read and print them.

Source: Go's time.ParseDuration and Duration.String, big.Rat.SetString; docker/go-units RAMInBytes.
"""

from __future__ import annotations

import re
from functools import lru_cache

from lblint.lazy_re import pattern
from lblint.stack.faults import GrammarError
from lblint.stack.go_printing import quote

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


_LONGEST = 1000
_NANO = 10**9
_PRECISE = GrammarError("value is too precise")

_DIGITS = r"[0-9](?:_?[0-9])*"
_HEX = r"[0-9a-fA-F](?:_?[0-9a-fA-F])*"
_OCTAL = r"[0-7](?:_?[0-7])*"
_BINARY = r"[01](?:_?[01])*"


def _number(prefix: str, digits: str, mark: str) -> re.Pattern[str]:
    return pattern(rf"([+-]?){prefix}(?:({digits})(?:\.({digits})?)?|\.({digits}))(?:([{mark}])([+-]?{_DIGITS}))?")


_NUMBERS = {
    10: _number("", _DIGITS, "eEpP"),
    16: _number("0[xX]_?", _HEX, "pP"),
    8: _number("0[oO]_?", _OCTAL, "eEpP"),
    2: _number("0[bB]_?", _BINARY, "eEpP"),
}
_RADIX = {"x": 16, "o": 8, "b": 2}
_BITS = {10: 1, 16: 4, 8: 3, 2: 1}
_INTEGER = pattern(rf"([+-]?)(0[xX]_?{_HEX}|0[bB]_?{_BINARY}|0[oO]_?{_OCTAL}|0(?:_?[0-7])*|[1-9](?:_?[0-9])*)")


def parse_cpus(text: str) -> int | GrammarError:
    """Read `0.5`, `1/2` or `5e-1` CPUs into billionths of a CPU, which must come out whole.

    Source: docker/cli opts/opts.go ParseCPUs, Go's big.Rat.SetString. Texts beyond a thousand characters are not
    computed but called too precise.
    """
    if len(text) > _LONGEST:
        return _PRECISE
    nanos = _quotient(text) if "/" in text else _decimal_cpus(text)
    return GrammarError(f"failed to parse {text} as a rational number") if nanos is None else nanos


def _quotient(text: str) -> int | GrammarError | None:
    above, _, below = text.partition("/")
    top, bottom = _integer(above), _integer(below)
    if top is None or not bottom or below[0] in "+-":
        return None
    whole, rest = divmod(abs(top) * _NANO, bottom)
    return _PRECISE if rest else _wrapped(whole if top > 0 else -whole)


def _integer(text: str) -> int | None:
    match = _INTEGER.fullmatch(text)
    if match is None:
        return None
    digits = match[2].replace("_", "")
    radix = _RADIX.get(digits[1:2].lower(), 8 if digits[0] == "0" else 10)
    value = int(digits[2:] if radix != 10 and not digits.isdecimal() else digits, radix)
    return -value if match[1] == "-" else value


def _decimal_cpus(text: str) -> int | GrammarError | None:
    unsigned = text[1:] if text[:1] in ("+", "-") else text
    radix = _RADIX.get(unsigned[1:2].lower(), 10) if unsigned[:1] == "0" else 10
    match = _NUMBERS[radix].fullmatch(text)
    if match is None:
        return None
    sign, before, after, only, mark, power = match.groups()
    behind = (after or only or "").replace("_", "")
    mantissa = int((before or "").replace("_", "") + behind, radix)
    exponent = int((power or "0").replace("_", ""))
    if not mantissa:
        return 0
    twos = exponent - len(behind) * _BITS[radix]
    fives = (exponent if mark not in ("p", "P") else 0) - (len(behind) if radix == 10 else 0)
    if abs(fives) > 1_000_000 or abs(twos) > 10_000_000:
        return None
    return _scaled(-mantissa if sign == "-" else mantissa, twos + 9, fives + 9)


def _scaled(mantissa: int, twos: int, fives: int) -> int | GrammarError:
    """mantissa · 2^twos · 5^fives, with no work that grows with the exponents."""
    for base, power in ((2, twos), (5, fives)):
        if power < 0:
            if -power > mantissa.bit_length():
                return _PRECISE
            mantissa, rest = divmod(mantissa, base**-power)
            if rest:
                return _PRECISE
    return _wrapped(mantissa * pow(2, max(twos, 0), 1 << 64) * pow(5, max(fives, 0), 1 << 64))


def _wrapped(value: int) -> int:
    """The low 64 bits, as big.Int.Int64 gives a number that does not fit."""
    low = abs(value) & ((1 << 64) - 1)
    low = -low if value < 0 else low
    return (low + (1 << 63)) % (1 << 64) - (1 << 63)


_SIZE_UNITS = {"k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40, "p": 1 << 50}
_DIGITS = r"[0-9](?:_?[0-9])*"
_FLOAT = pattern(rf"[+-]?(?:(?:{_DIGITS})(?:\.(?:{_DIGITS})?)?|\.(?:{_DIGITS}))(?:[eE][+-]?{_DIGITS})?")
_HEX = r"[0-9a-fA-F](?:_?[0-9a-fA-F])*"
_HEX_FLOAT = pattern(rf"[+-]?0[xX]_?(?:(?:{_HEX})(?:\.(?:{_HEX})?)?|\.(?:{_HEX}))[pP][+-]?{_DIGITS}")
_SPECIAL = pattern(r"[+-]?(?:inf|infinity)|nan", re.IGNORECASE | re.ASCII)
_OLD = pattern(r"([0-9]+(?:\.[0-9]+)*) ?([kKmMgGtTpP])?[iI]?[bB]?")
_LOWEST = -(1 << 63)


def parse_size(text: str, legacy: bool = False) -> int | GrammarError:
    """Read `512M`, `1.5 GiB` or `100` into bytes; units are powers of 1024, of any case.

    `legacy` reads as client 20.10 did. Source: go-units RAMInBytes, called by docker/cli
    cli/compose/loader/loader.go (transformSize).
    """
    if legacy:
        return _old_size(text)
    end = max((text.rfind(char) for char in "0123456789. "), default=-1)
    if end < 0:
        return GrammarError(f"invalid size: '{text}'")
    number, suffix = (text[:end] if text[end] == " " else text[: end + 1]), text[end + 1 :]
    size = _float(number)
    if isinstance(size, GrammarError):
        return size
    if size < 0:
        return GrammarError(f"invalid size: '{text}'")
    if not suffix:
        return _int64(size)
    if len(suffix.encode("utf-8", "surrogatepass")) > 3:
        return GrammarError(f"invalid suffix: '{suffix}'")
    suffix = suffix.lower()
    if suffix == "b":
        return _int64(size)
    factor = _SIZE_UNITS.get(suffix[0])
    if factor is None or suffix[1:] not in ("", "b", "ib"):
        return GrammarError(f"invalid suffix: '{suffix}'")
    return _int64(size * factor)


def _old_size(text: str) -> int | GrammarError:
    match = _OLD.fullmatch(text)
    if match is None:
        return GrammarError(f"invalid size: '{text}'")
    size = _float(match[1])
    if isinstance(size, GrammarError):
        return size
    return _int64(size * _SIZE_UNITS.get((match[2] or "").lower(), 1))


def _float(text: str) -> float | GrammarError:
    """Read a number as Go's strconv.ParseFloat: no spaces, underscores between digits, hexadecimal with `p`."""
    if _HEX_FLOAT.fullmatch(text):
        try:
            return float.fromhex(text.replace("_", ""))
        except OverflowError:
            return GrammarError(f"strconv.ParseFloat: parsing {quote(text)}: value out of range")
    if _FLOAT.fullmatch(text):
        size = float(text)
        if size in (float("inf"), float("-inf")):
            return GrammarError(f"strconv.ParseFloat: parsing {quote(text)}: value out of range")
        return size
    if _SPECIAL.fullmatch(text):
        return float(text)
    return GrammarError(f"strconv.ParseFloat: parsing {quote(text)}: invalid syntax")


def _int64(size: float) -> int:
    """Go's conversion of a float to int64; what does not fit becomes the lowest number, as amd64 does it."""
    return int(size) if -(2.0**63) <= size < 2.0**63 else _LOWEST
