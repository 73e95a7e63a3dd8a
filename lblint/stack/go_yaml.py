"""Plain data as YAML text, the way go-yaml writes it.

Source: go-yaml v3 encode.go and emitterc.go, with an indent of 2.
"""

from __future__ import annotations

import re
from typing import Any

from lblint.lazy_re import pattern
from lblint.source import Timestamp
from lblint.source.scalars import resolve
from lblint.stack.go_printing import number

_PLAIN = pattern(r"[A-Za-z/][A-Za-z0-9_./-]*")
_BASE_60 = pattern(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?")
_OLD_BOOLEANS = frozenset("y Y yes Yes YES on On ON n N no No NO off Off OFF".split())  # noqa: SIM905
_BREAKS = "\r\n\x85\u2028\u2029"
_LONGEST_SIMPLE_KEY = 128


class Emitter:
    """Writes nodes with go-yaml's state: the column, and whether the line so far is blank or indentation only."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self.column = 0
        self.white = True
        self.blank = True

    def write(self, text: str) -> None:
        self.out.append(text)
        self.column += len(text)

    def newline(self) -> None:
        self.out.append("\n")
        self.column = 0
        self.blank = True

    def indent(self, width: int) -> None:
        """Go to a column, on a new line unless this one is still empty up to there."""
        if not self.blank or self.column > width or (self.column == width and not self.white):
            self.newline()
        self.write(" " * (width - self.column))
        self.white = True

    def mark(self, text: str, *, space: bool = True, keeps_blank: bool = False) -> None:
        if space and not self.white:
            self.write(" ")
        self.write(text)
        self.white = False
        self.blank = self.blank and keeps_blank

    def node(self, value: Any, width: int) -> None:
        """Write a value; its block, if it is one, stands at column `width`."""
        if isinstance(value, dict) and value:
            for key, item in value.items():
                self.indent(width)
                self.pair(key, item, width)
        elif isinstance(value, list) and value:
            for item in value:
                self.indent(width)
                self.mark("-", keeps_blank=True)
                self.node(item, width + 2)
        elif isinstance(value, dict | list):
            self.mark("{" if isinstance(value, dict) else "[")
            self.mark("}" if isinstance(value, dict) else "]", space=False)
        else:
            self.scalar(value, width, False)

    def pair(self, key: str, value: Any, width: int) -> None:
        multiline = any(char in _BREAKS for char in key)
        simple = not multiline and len(key.encode("utf-8", "surrogatepass")) <= _LONGEST_SIMPLE_KEY
        if simple:
            self.scalar(key, width, True)
            self.mark(":", space=False)
        else:
            self.mark("?", keeps_blank=True)
            self.scalar(key, width + 2, False)
            self.indent(width)
            self.mark(":", keeps_blank=True)
        self.node(value, width + 2)

    def scalar(self, value: Any, width: int, key: bool) -> None:
        text, style = _style(value, key)
        if style == "plain":
            self.mark(text)
        elif style == "literal":
            self.literal(text, width)
        elif style == "single":
            self.single(text, width)
        else:
            self.mark(f'"{_escaped(text)}"')

    def literal(self, text: str, width: int) -> None:
        hint = "2" if text[0] in " " + _BREAKS else ""
        chomp = "-" if text[-1] not in _BREAKS else "+" if len(text) == 1 or text[-2] in _BREAKS else ""
        self.mark("|" + hint + chomp)
        self.white = True
        self.lines(text, width, True)

    def single(self, text: str, width: int) -> None:
        self.mark("'")
        self.lines(text.replace("'", "''"), width, False)
        self.mark("'", space=False)

    def lines(self, text: str, width: int, breaks: bool) -> None:
        """Write text line by line; the line separators of Unicode are kept as they are and end a line, too."""
        for char in text:
            if char == "\n":
                self.newline()
                breaks = True
            elif char in _BREAKS:
                self.out.append(char)
                self.column, self.blank, breaks = 0, True, True
            else:
                if breaks:
                    self.indent(width)
                self.write(char)
                self.blank = breaks = False


def _style(value: Any, key: bool) -> tuple[str, str]:
    """The text of a scalar and how go-yaml writes it: plain, single (quotes), double or literal."""
    if value is None:
        return "null", "plain"
    if value is True or value is False:
        return ("true" if value else "false"), "plain"
    if isinstance(value, Timestamp):
        return _rfc3339(value), "plain"
    if isinstance(value, int):
        return str(value), "plain"
    if isinstance(value, float):
        shown = number(value)
        return {"Inf": ".inf", "-Inf": "-.inf", "NaN": ".nan"}.get(shown, shown), "plain"
    text = str(value)
    if _PLAIN.fullmatch(text) and "-" not in text[:1] and type(resolve(text)) is str and text not in _OLD_BOOLEANS:
        return text, "plain"
    resolved = resolve(text)
    plain = type(resolved) is str and not _BASE_60.fullmatch(text) and text not in _OLD_BOOLEANS
    return text, _quoting(text, "literal" if "\n" in text else "plain" if plain else "double", key)


def _quoting(text: str, wanted: str, key: bool) -> str:
    """The style that the characters of a text allow (emitterc.go yaml_emitter_analyze_scalar and what follows)."""
    special = any(_is_special(char) for char in text)
    breaks = [at for at, char in enumerate(text) if char in _BREAKS]
    space_before_break = any(at and text[at - 1] == " " for at in breaks)
    space_after_break = any(text[at + 1 : at + 2] == " " for at in breaks)
    if wanted == "plain":
        edges = text[:1] in " " + _BREAKS or text[-1:] in " " + _BREAKS
        if not (edges or breaks or special or "\t" in text or _has_indicators(text)):
            return "plain"
        wanted = "single"
    if wanted == "single":
        return "double" if special or "\t" in text or space_after_break or space_before_break else "single"
    if wanted == "literal" and (key or special or space_before_break or text[-1:] == " "):
        return "double"
    return wanted


def _is_special(char: str) -> bool:
    """A character that go-yaml does not print as it is. Tabs are dealt with apart; all beyond the BMP are special."""
    if " " <= char <= "~" or char in "\n\t":
        return False
    return not ("\xa0" <= char <= "\ud7ff" or ("\ue000" <= char <= "\ufffd" and char != "\ufeff"))


def _has_indicators(text: str) -> bool:
    """Whether a text would be read as something else than a plain scalar in a block."""
    if text.startswith(("---", "...")) or text[0] in "#,[]{}&*!|>'\"%@`":
        return True
    blank_next = text[1:2] in ("", " ", "\t")
    if text[0] in "?:-" and blank_next:
        return True
    return bool(pattern(r".:(?:[ \t]|\Z)|[ \t]#", re.DOTALL).search(text))


_SHORT = {"\0": "0", "\a": "a", "\b": "b", "\t": "t", "\n": "n", "\v": "v", "\f": "f", "\r": "r", "\x1b": "e",
          '"': '"', "\\": "\\", "\x85": "N", "\xa0": "_", "\u2028": "L", "\u2029": "P"}  # fmt: skip


def _escaped(text: str) -> str:
    """The inside of double quotes. A text that begins with a byte order mark is escaped throughout, as go-yaml does."""
    everything = text[:1] == "\ufeff"
    out = []
    for char in text:
        code = ord(char)
        if not everything and char not in '"\\\t' and char not in _BREAKS and not _is_special(char):
            out.append(char)
        elif char in _SHORT:
            out.append("\\" + _SHORT[char])
        else:
            out.append(f"\\x{code:02X}" if code <= 0xFF else f"\\u{code:04X}" if code <= 0xFFFF else f"\\U{code:08X}")
    return "".join(out)


def _rfc3339(stamp: Timestamp) -> str:
    date, time, offset = str(stamp).split(" ")[:3]
    zone = "Z" if offset == "+0000" else f"{offset[:3]}:{offset[3:]}"
    return f"{date}T{time}{zone}"
