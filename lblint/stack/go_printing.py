"""How Go prints plain values and quotes texts in its messages: what becomes of `port: 1e3` or `0777` in a label.

Source: Go's strconv.FormatFloat and fmt (`%v`, `%q`), as docker/cli cli/compose/loader/loader.go toString uses them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence


def number(value: float, mark: str = "") -> str:
    """A float as `%v` and the YAML encoder print it: the shortest digits that read back, no trailing `.0`.

    The exponent form starts below 1e-4 and at 1e6: `1000000.0` is `1e+06`. `mark` is put before infinity ("+" in fmt).
    """
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "-Inf" if value < 0 else f"{mark}Inf"
    if value == 0:
        return "-0" if math.copysign(1, value) < 0 else "0"
    mantissa, _, exponent_text = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent_text or 0)
    point -= len(whole + fraction) - len((whole + fraction).lstrip("0"))
    digits = digits.rstrip("0")
    sign = "-" if value < 0 else ""
    exponent = point - 1
    if exponent < -4 or exponent >= 6:
        tail = f".{digits[1:]}" if len(digits) > 1 else ""
        return f"{sign}{digits[0]}{tail}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"
    if point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    if point >= len(digits):
        return sign + digits + "0" * (point - len(digits))
    return f"{sign}{digits[:point]}.{digits[point:]}"


def sprint(value: object) -> str:
    """What Go's fmt.Sprint prints for a value as go-yaml read it: numbers, text, dates, and nested maps and lists."""
    if isinstance(value, str):
        return str(value)
    if value is None:
        return "<nil>"
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return number(value, "+")
    if isinstance(value, Mapping):
        return f"map[{' '.join(f'{key}:{sprint(value[key])}' for key in sorted(value))}]"
    if isinstance(value, Sequence):
        return f"[{' '.join(sprint(item) for item in value)}]"
    return str(value)


def quote(text: str) -> str:
    """Write a text in double quotes as Go's %q does (strconv.Quote): printable characters stay, others are escaped."""
    return '"' + "".join(_escaped(char) for char in text) + '"'


_SHORT = {
    '"': '\\"',
    "\\": "\\\\",
    "\a": "\\a",
    "\b": "\\b",
    "\f": "\\f",
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\v": "\\v",
}


def _escaped(char: str) -> str:
    short = _SHORT.get(char)
    if short is not None:
        return short
    code = ord(char)
    if code == 0x7F or code < 0x20:
        return f"\\x{code:02x}"
    if char == " " or (char.isprintable() and not char.isspace()):
        return char
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
