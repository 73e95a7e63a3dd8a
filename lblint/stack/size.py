"""Sizes in bytes, as docker reads them."""

from __future__ import annotations

import re

from lblint.lazy_re import pattern
from lblint.stack.grammar import GrammarError, quote

_UNITS = {"k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40, "p": 1 << 50}
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
    factor = _UNITS.get(suffix[0])
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
    return _int64(size * _UNITS.get((match[2] or "").lower(), 1))


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
