"""Values -> YAML text, in the style of what stood there, and so that every docker client reads the same."""

from __future__ import annotations

from typing import Any

from lblint.lazy_re import pattern
from lblint.source.scalars import differs, resolve

_PLAIN = pattern(r"[A-Za-z0-9_./$~^+=(\\;<][^\x00-\x1f\x7f-\xa0\u2028\u2029\ufeff\ud800-\udfff]*")
_BRACKETS = pattern(r"[,\[\]{}]|:")
_ESCAPED = pattern(r"[\x00-\x1f\x7f-\xa0\u2028\u2029\ufeff\ud800-\udfff]")


def text(value: str, style: str = "", flow: bool = False) -> str:
    """A text as a scalar: in the quotes that were there, bare where it means the same bare, else in double quotes."""
    if style not in ("'", '"') and is_plain(value, flow):
        return value
    if style == "'" and not _ESCAPED.search(value):
        return "'" + value.replace("'", "''") + "'"
    if style != '"' and ('"' in value or "\\" in value) and "'" not in value and not _ESCAPED.search(value):
        return f"'{value}'"
    return '"' + _ESCAPED.sub(lambda match: _escape(match[0]), value.replace("\\", "\\\\").replace('"', '\\"')) + '"'


def _escape(char: str) -> str:
    named = {"\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\0"}
    code = ord(char)
    return named.get(char) or (f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}")


def is_plain(value: str, flow: bool = False) -> bool:
    """Whether a text stands for itself without quotes, for clients with either generation of go-yaml."""
    if not _PLAIN.fullmatch(value) or value != value.rstrip() or value in ("=", "<<"):
        return False
    if ": " in value or " #" in value or value.endswith(":") or (flow and _BRACKETS.search(value)):
        return False
    return resolve(value) == value and isinstance(resolve(value), str) and not differs(value) and value[:3] != "..."


def literal(value: Any, flow: bool = True) -> str:
    """Plain data on one line; texts are quoted where they have to be."""
    if isinstance(value, str):
        return text(value, flow=flow)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{text(key, flow=True)}: {literal(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(literal(item) for item in value) + "]"
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    return str(value)


def block(value: Any, indent: int, step: int, newline: str) -> str:
    """What follows the colon of a key whose column is `indent`: mappings and lists on lines of their own."""
    if isinstance(value, dict) and value:
        pad = newline + " " * (indent + step)
        return "".join(f"{pad}{text(key)}:{block(item, indent + step, step, newline)}" for key, item in value.items())
    if isinstance(value, list) and value and not all(isinstance(item, str | int) for item in value):
        pad = newline + " " * (indent + step)
        return "".join(_item(item, indent + step, step, newline, pad) for item in value)
    return " " + literal(value, flow=isinstance(value, list))


def _item(value: Any, indent: int, step: int, newline: str, pad: str) -> str:
    if not isinstance(value, dict) or not value:
        return f"{pad}- {literal(value, flow=False)}"
    lines = block(value, indent, 2, newline).split(newline + " " * (indent + 2))
    return f"{pad}- " + (newline + " " * (indent + 2)).join(lines[1:])
