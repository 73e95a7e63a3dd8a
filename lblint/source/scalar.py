"""What a plain scalar means: the resolution rules of go-yaml, which are not those of YAML libraries for Python.

Source of the facts: go.yaml.in/yaml/v3 resolve.go and decode.go, and the v2 that docker clients before 28.0 carry.
"""

from __future__ import annotations

import datetime
import re
from typing import Any

_WORDS: dict[str, Any] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
    ".nan": float("nan"), ".NaN": float("nan"), ".NAN": float("nan"),
    ".inf": float("inf"), ".Inf": float("inf"), ".INF": float("inf"),
    "+.inf": float("inf"), "+.Inf": float("inf"), "+.INF": float("inf"),
    "-.inf": float("-inf"), "-.Inf": float("-inf"), "-.INF": float("-inf"),
}  # fmt: skip
_V2_BOOLEANS: dict[str, bool] = {
    word: value
    for value, words in ((True, "y Y yes Yes YES on On ON"), (False, "n N no No NO off Off OFF"))
    for word in words.split()
}
# The first characters of anything that is not a string; most scalars are told apart by this one look.
_HINTS = frozenset("0123456789+-.~tTfFnNyYoO")
_DIGITS_OR_SIGN = frozenset("0123456789+-")
_INTEGER = re.compile(r"([-+]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_DOT_FLOAT = re.compile(r"\.[0-9]+(?:[eE][-+]?[0-9]+)?")
_TIMESTAMP = re.compile(
    r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})"
    r"(?:([Tt ])([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,]([0-9]+))?(Z|[-+][0-9]{2}:[0-9]{2})?)?"
)


class Timestamp(str):
    """A date or time that go-yaml v3 makes of a plain scalar; the text is what Go prints for it."""

    __slots__ = ()


def resolve(text: str, dialect: str = "v3") -> Any:
    """Resolve a plain scalar as go-yaml does: `None`, bool, int, float, `Timestamp` or the text itself.

    `dialect` is "v3" (docker client 28.0 and newer) or "v2" (older ones: `yes`, `no`, `on`, `off`, `y`, `n` are
    booleans and dates stay text).
    """
    if text and text[0] not in _HINTS:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if dialect == "v2" and text in _V2_BOOLEANS:
        return _V2_BOOLEANS[text]
    first = text[0]
    if first == ".":
        return _float(text) if _DOT_FLOAT.fullmatch(text) else text
    if first not in _DIGITS_OR_SIGN:
        return text
    if dialect == "v3":
        stamp = _timestamp(text)
        if stamp is not None:
            return stamp
    plain = text.replace("_", "")
    number = _INTEGER.fullmatch(plain)
    if number:
        integer = _integer(number[1], number[2])
        if integer is not None:
            return integer
    if _FLOAT.fullmatch(plain):
        value = _float(plain)
        return text if isinstance(value, str) else value
    return text


def differs(text: str) -> bool:
    """Whether clients before 28.0 read this plain scalar as another type than newer ones (yes, no, on, off, y, n)."""
    return text in _V2_BOOLEANS


def tagged(text: str, tag: str, dialect: str = "v3") -> Any:
    """Resolve a scalar that carries an explicit tag such as `!!str`; unknown tags leave the text as it is."""
    short = tag.removeprefix("tag:yaml.org,2002:")
    if short == tag or short in ("str", "binary"):
        return text
    value = resolve(text, dialect)
    if short == "float" and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return value


def _integer(sign: str, digits: str) -> int | None:
    """The integer as Go's ParseInt with base 0 reads it; None where it fits neither int64 nor uint64."""
    lower = digits.lower()
    if lower.startswith("0x"):
        value = int(lower, 16)
    elif lower.startswith("0b"):
        value = int(lower, 2)
    elif lower.startswith("0o"):
        value = int(lower, 8)
    elif lower.startswith("0") and len(lower) > 1:
        value = int(lower, 8)  # YAML 1.1's octal, which Go's base 0 keeps: 0777 is 511
    elif len(lower) > 20:
        return None
    else:
        value = int(lower)
    if sign == "-":
        value = -value
    fits = -(2**63) <= value < 2**63 or (not sign and value < 2**64)
    return value if fits else None


def _float(text: str) -> float | str:
    value = float(text)
    return text if value in (float("inf"), float("-inf")) else value  # out of range is no number for Go


def _timestamp(text: str) -> Timestamp | None:
    if len(text) < 8 or text[4] != "-":
        return None
    match = _TIMESTAMP.fullmatch(text)
    if match is None:
        return None
    year, month, day, mark, hour, minute, second, fraction, zone = match.groups()
    if (mark == " " and zone) or (mark and mark in "Tt" and not zone):
        return None
    try:
        moment = datetime.datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0))
    except ValueError:
        return None
    shown = f"{int(year):04d}-{moment:%m-%d %H:%M:%S}"
    digits = (fraction or "")[:9].rstrip("0")
    offset = "+0000 UTC"
    if zone and zone != "Z":
        if int(zone[1:3]) > 24 or int(zone[4:6]) >= 60:
            return None
        compact = zone.replace(":", "")
        offset = "+0000 UTC" if compact[1:] == "0000" else f"{compact} {compact}"
    return Timestamp(f"{shown}{'.' + digits if digits else ''} {offset}")
