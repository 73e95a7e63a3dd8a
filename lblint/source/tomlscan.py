"""Where the keys and values of a TOML file stand: a scanner that finds places and leaves all judgement to tomllib.

It takes more than TOML allows, so that it reads whatever tomllib reads; where it cannot go on it stops. One pass over
the text, without recursion.
"""

from __future__ import annotations

import re

from lblint.finding import Path
from lblint.lazy_re import pattern
from lblint.records import NamedTuple

MAX_DEPTH = 32
"""Deepest nesting that is read, dotted keys included; an Interlock config needs five. tomllib's work grows with it."""

_SPACE = pattern(r"[ \t]*")
_GAP = pattern(r"(?:[ \t\r\n]++|#[^\n]*+)*")
_KEY = pattern(r"""(?P<bare>[A-Za-z0-9_-]+)|"(?P<basic>(?:[^"\\\n]++|\\.)*)"|'(?P<literal>[^'\n]*+)'""")
TEXT = pattern(
    r'"""(?:[^"\\]++|\\[\s\S]|""?(?!"))*"{3,5}'
    r"|'''(?:[^']++|''?(?!'))*'{3,5}"
    r'|"(?!"")(?:[^"\\\n]++|\\.)*"'
    r"|'(?!'')[^'\n]*+'"
)
_PLAIN = pattern(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9][^\s,\]}#]*|[^\s,\]}\[{#=\"']+")


class Mark(NamedTuple):
    """Where a node stands, in offsets: its key (None for an item of an array), and its value.

    A table or an array is no scalar; its value is the bracket that opens it.
    """

    key: tuple[int, int] | None
    value: tuple[int, int]
    scalar: bool


class Twin(NamedTuple):
    """A key that stands twice: where, and where it stood first."""

    path: Path
    second: tuple[int, int]
    first: tuple[int, int]


class Scanner:
    """Fills `marks` by path. `deep` is the offset at which the nesting becomes too deep, None where it does not;
    `twins` the keys that stand twice; `repeats` where a table's key stands again in a header of what is below it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.marks: dict[Path, Mark] = {}
        self.deep: int | None = None
        self.twins: list[Twin] = []
        self.repeats: dict[Path, list[tuple[int, int]]] = {}
        self._arrays: dict[Path, int] = {}
        self._set: set[Path] = set()

    def run(self) -> Scanner:
        """Scan as far as it goes."""
        table: Path | None = ()
        while table is not None:
            self._skip(_GAP)
            if self.at >= len(self.text):
                break
            if self.text[self.at] == "[":
                table = self._header()
            elif not self._pair(table):
                break
        return self

    def _skip(self, what: re.Pattern[str]) -> str:
        """Go over spaces; the character there, "" at the end."""
        match = what.match(self.text, self.at)
        if match:
            self.at = match.end()
        return self.text[self.at : self.at + 1]

    def _keys(self) -> list[tuple[str, tuple[int, int]]]:
        """A key with its dots, each part with its place; nothing where none stands here or it is too long."""
        parts: list[tuple[str, tuple[int, int]]] = []
        while True:
            self._skip(_SPACE)
            match = _KEY.match(self.text, self.at)
            if match is None:
                return []
            if len(parts) >= MAX_DEPTH:
                self.deep = self.at
                return []
            name = str(match[str(match.lastgroup)])
            parts.append((_unescaped(match[0]) if "\\" in name and match["basic"] else name, match.span()))
            self.at = match.end()
            if self._skip(_SPACE) != ".":
                return parts
            self.at += 1

    def _header(self) -> Path | None:
        """`[table]` or `[[array of tables]]`: the path of what follows."""
        start = self.at
        several = self.text.startswith("[[", start)
        self.at += 1 + several
        parts = self._keys()
        if not parts or not self.text.startswith("]" * (1 + several), self.at):
            return None
        self.at += 1 + several
        path: Path = ()
        for name, span in parts:
            last = span is parts[-1][1]
            path = (*path, name)
            explicit = last and not several and path not in self._set
            if path in self.marks:
                self.repeats.setdefault(path, []).append(span)
            if path not in self.marks or explicit:
                self.marks[path] = Mark(span, span, False)
            if last and not several:
                self._once(path, span)
            elif last:
                self._arrays[path] = self._arrays.get(path, 0) + 1
            if path in self._arrays:
                path = (*path, self._arrays[path] - 1)
                if last:
                    self.marks[path] = Mark(None, (start, start + 2), False)
        return path

    def _once(self, path: Path, span: tuple[int, int]) -> None:
        if path in self._set:
            self.twins.append(Twin(path, span, self.marks[path].key or span))
        self._set.add(path)

    def _pair(self, table: Path) -> bool:
        """`key = value`; whether it could be read."""
        key = self._key(table)
        return key is not None and self._value(*key)

    def _key(self, table: Path) -> tuple[Path, tuple[int, int]] | None:
        """A key below a table, up to its value: the path that it leads to and the place of its last part."""
        parts = self._keys()
        if not parts or self.text[self.at : self.at + 1] != "=":
            return None
        self.at += 1
        path = table
        for name, span in parts[:-1]:
            path = (*path, name)
            self.marks.setdefault(path, Mark(span, span, False))
        name, span = parts[-1]
        self._once((*path, name), span)
        return (*path, name), span

    def _value(self, path: Path, key: tuple[int, int] | None) -> bool:
        """A value with all that is in it; whether it could be read."""
        open_: list[tuple[Path, bool, int]] = []  # path, whether an array, items so far
        while True:
            self._skip(_GAP if open_ else _SPACE)
            start = self.at
            bracket = self.text[start : start + 1]
            if bracket in ("[", "{") and bracket:
                if len(path) >= MAX_DEPTH:
                    self.deep = start
                    return False
                self.marks.setdefault(path, Mark(key, (start, start + 1), False))
                open_.append((path, bracket == "[", 0))
                self.at += 1
            else:
                match = TEXT.match(self.text, start) or _PLAIN.match(self.text, start)
                if match is None:
                    return False
                self.at = match.end()
                self.marks.setdefault(path, Mark(key, match.span(), True))
            below = self._next(open_)
            if below is None:
                return not open_
            path, key = below

    def _next(self, open_: list[tuple[Path, bool, int]]) -> tuple[Path, tuple[int, int] | None] | None:
        """Close what ends here, and go to the next value; None where there is none, or it cannot be read."""
        while open_:
            path, array, items = open_[-1]
            char = self._skip(_GAP)
            if char == ("]" if array else "}"):
                self.at += 1
                open_.pop()
            elif char == ",":
                self.at += 1
            elif array:
                open_[-1] = path, array, items + 1
                return (*path, items), None
            else:
                return self._key(path)
        return None


def _unescaped(quoted: str) -> str:
    """The key that a quoted one with escapes stands for; as written where it is none."""
    import tomllib

    try:
        return next(iter(tomllib.loads(quoted + "=0")))
    except ValueError:
        return quoted[1:-1]
