"""What a scalar means: the resolution rules of go-yaml, which are not those of YAML libraries for Python.

Source of the facts: go.yaml.in/yaml/v3 resolve.go and decode.go, the v2 that docker clients before 28.0 carry, and Go's
time.Parse for the four layouts of dates.
"""

from __future__ import annotations

from typing import Any

from lblint.lazy_re import pattern

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
_INTEGER = pattern(r"([-+]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)")
_FLOAT = pattern(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
# After a leading dot Go's own float syntax counts, which has underscores between digits.
_DOT_FLOAT = pattern(r"\.[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+(?:_[0-9]+)*)?")
_LONGEST_INTEGER = 66
"""Digits of the longest number that fits 64 bits: `0b` and 64 ones."""
_YAML_TAG = "tag:yaml.org,2002:"
_RESOLVABLE = frozenset(("bool", "int", "float", "null", "timestamp"))


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
    if text[0] not in _DIGITS_OR_SIGN:
        return _float(text, text.replace("_", "")) if text[0] == "." and _DOT_FLOAT.fullmatch(text) else text
    stamp = timestamp(text)
    if stamp is not None:
        return stamp if dialect == "v3" else text
    return _number(text)


def is_word(text: str) -> bool:
    """Whether the first character alone tells that a plain scalar is text, for every client."""
    return text != "" and text[0] not in _HINTS


def differs(text: str) -> bool:
    """Whether clients before 28.0 read this plain scalar as another type than newer ones (yes, no, on, off, y, n)."""
    return text in _V2_BOOLEANS


def tagged(text: str, tag: str, dialect: str = "v3") -> tuple[Any, str]:
    """Resolve a scalar that carries an explicit tag such as `!!str`: its value, and what go-yaml says if it refuses.

    A tag of somebody else's (`!reset`) leaves the text as it is.
    """
    short = tag.removeprefix(_YAML_TAG)
    if short == tag or short not in _RESOLVABLE:
        return _binary(text) if short == "binary" and short != tag else (text, "")
    # Only the tag itself makes a date of a text that looks like one.
    value = resolve(text, "v3" if short == "timestamp" else dialect)
    if short != "timestamp" and isinstance(value, Timestamp):
        value = _number(text)
    kind = _type(value)
    if short == "float" and kind == "int" and value < 2**63:
        return float(value), ""
    if kind != short:
        return text, f"yaml: cannot decode !!{kind} `{text}` as a !!{short}"
    return (text if short == "timestamp" and dialect == "v2" else value), ""


def _type(value: Any) -> str:
    if value is None:
        return "null"
    for kind, name in ((bool, "bool"), (int, "int"), (float, "float"), (Timestamp, "timestamp")):
        if isinstance(value, kind):
            return name
    return "str"


def _number(text: str) -> Any:
    plain = text.replace("_", "")
    number = _INTEGER.fullmatch(plain)
    if number:
        integer = _integer(number[1], number[2])
        if integer is not None:
            return integer
    return _float(text, plain) if _FLOAT.fullmatch(plain) else text


def _integer(sign: str, digits: str) -> int | None:
    """The integer as Go's ParseInt with base 0 reads it; None where it fits neither int64 nor uint64."""
    base = {"x": 16, "b": 2, "o": 8}.get(digits[1:2].lower(), 8 if digits[0] == "0" else 10)  # 0777 is 511, as in C
    significant = digits.lstrip("0xXbBoO") if base != 16 else digits[2:].lstrip("0")
    if len(significant) > _LONGEST_INTEGER:
        return None
    value = int(significant or "0", base)
    if sign == "-":
        value = -value
    fits = -(2**63) <= value < 2**63 or (not sign and value < 2**64)
    return value if fits else None


def _float(text: str, plain: str) -> float | str:
    value = float(plain)
    return text if value in (float("inf"), float("-inf")) else value  # out of range is no number for Go


def _binary(text: str) -> tuple[str, str]:
    import base64

    try:
        return base64.b64decode(text.replace("\r", "").replace("\n", ""), validate=True).decode("utf-8", "replace"), ""
    except ValueError:
        return text, "yaml: !!binary value contains invalid base64 data"


_TIMESTAMP = pattern(
    r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})"
    r"(?:([Tt ])([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,]([0-9]+))?(Z|[-+][0-9]{2}:[0-9]{2})?)?"
)
_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class Timestamp(str):
    """A date or time that go-yaml v3 makes of a plain scalar; the text is what Go prints for it."""

    __slots__ = ()


def timestamp(text: str) -> Timestamp | None:
    """The date or time that a text is for go-yaml; None where it is none."""
    if len(text) < 8 or text[4] != "-":
        return None
    match = _TIMESTAMP.fullmatch(text)
    if match is None:
        return None
    mark, fraction, zone = match[4], match[8], match[9]
    if (mark == " " and zone) or (mark and mark in "Tt" and not zone):
        return None
    year, month, day, hour, minute, second = (int(match[i] or 0) for i in (1, 2, 3, 5, 6, 7))
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if not 1 <= month <= 12 or not 1 <= day <= _DAYS[month - 1] + (leap and month == 2):
        return None
    if hour > 23 or minute > 59 or second > 59:
        return None
    offset = _zone(zone)
    if offset is None:
        return None
    digits = (fraction or "")[:9].rstrip("0")
    shown = f"{year:04d}-{month:02d}-{day:02d} {hour:02d}:{minute:02d}:{second:02d}"
    return Timestamp(f"{shown}{'.' + digits if digits else ''} {offset}")


def _zone(zone: str | None) -> str | None:
    """How Go prints a zone of which it has no name; None where it refuses it (24 hours and 60 minutes pass)."""
    if not zone or zone == "Z":
        return "+0000 UTC"
    hours, minutes = int(zone[1:3]), int(zone[4:6])
    if hours > 24 or minutes > 60:
        return None
    total = hours * 60 + minutes
    shown = f"{zone[0]}{total // 60:02d}{total % 60:02d}"
    return "+0000 UTC" if total == 0 else f"{shown} {shown}"
