"""Numbers of CPUs, as docker reads them: exact fractions, in billionths of a CPU."""

from __future__ import annotations

import re

from lblint.lazy_re import pattern
from lblint.stack.grammar import GrammarError

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
    nanos = _quotient(text) if "/" in text else _decimal(text)
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


def _decimal(text: str) -> int | GrammarError | None:
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
