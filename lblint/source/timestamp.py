"""Dates and times: the plain scalars that go-yaml v3 makes a `time.Time` of, and how Go prints those.

Source of the facts: go.yaml.in/yaml/v3 resolve.go (four layouts) and Go's time.Parse, which reads them.
"""

from __future__ import annotations

from lblint.lazy_re import pattern

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
