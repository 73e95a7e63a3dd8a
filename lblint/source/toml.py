"""TOML text -> data with exact positions. Values are the standard library's; their places come from `tomlscan`.

Kinds of faults: `toml.syntax`: no data at all; facts: problem (what is wrong, in words), line (its text), and for a key
that stands twice first (the line of the other).
"""

from __future__ import annotations

from collections.abc import Sequence

from lblint.finding import Fault, Path, Place, Position
from lblint.lazy_re import pattern
from lblint.source import Source
from lblint.source.faults import InvalidToml
from lblint.source.tomlscan import MAX_DEPTH, Mark, Scanner, Twin

__all__ = ["MAX_BYTES", "TomlSource", "read_toml"]

MOST_TWINS = 100
"""So many keys that stand twice are told of."""

MAX_BYTES = 1000 * 1024
"""Largest file that is read, in bytes: as a manager takes for one config (swarmkit controlapi MaxConfigSize)."""

_WHERE = pattern(r" \(at (?:line (\d+), column (\d+)|end of document)\)\Z")
_TWICE = ("Cannot overwrite", "Cannot declare", "Cannot mutate", "Duplicate inline table key")


class TomlSource(Source):
    """A TOML file. `data` is what tomllib makes of it (dates and times included); it has no tree of nodes."""

    __slots__ = ("marks", "repeats")

    def __init__(self, name: str, text: str) -> None:
        super().__init__(name, text, "toml")
        self.marks: dict[Path, Mark] = {}
        self.repeats: dict[Path, list[tuple[int, int]]] = {}

    def position(self, place: Place) -> Position:
        """Lines and columns of a place; of what is nearest around it where it does not exist."""
        if place.at is not None:
            return place.at
        return self.lines.position(*self._span(place))

    def written(self, path: Path) -> str | None:
        """The text of the scalar at `path` as it is written, without quotes; None where there is none."""
        mark = self.marks.get(path)
        return self.text[slice(*self._inner(mark))] if mark is not None and mark.scalar else None

    def quoted(self, path: Path) -> bool:
        """Whether the scalar at `path` is a text in quotes."""
        mark = self.marks.get(path)
        return mark is not None and mark.scalar and self.text[mark.value[0]] in "\"'"

    def _span(self, place: Place) -> tuple[int, int]:
        path = place.path
        while path and path not in self.marks:
            path = path[:-1]
        if not path:
            return 0, 0
        mark = self.marks[path]
        whole = path == place.path
        if mark.key is not None and (place.key or not whole or not mark.scalar):
            return mark.key
        if whole and place.chars is not None:
            start, end = self._inner(mark)
            return min(start + place.chars[0], end), min(start + max(place.chars), end)
        return mark.value

    def _inner(self, mark: Mark) -> tuple[int, int]:
        """The offsets of a scalar's text without its quotes, and without the line break that may follow the first."""
        start, end = mark.value
        quote = self.text[start]
        if quote not in "\"'":
            return start, end
        width = 3 if end - start >= 6 and self.text.startswith(quote * 3, start) else 1
        inner = start + width
        if width == 3:
            inner += 2 if self.text.startswith("\r\n", inner) else self.text.startswith("\n", inner)
        return inner, end - width


def read_toml(content: bytes, name: str) -> TomlSource:
    """Read a TOML file. Never raises on what stands in it: see `faults` and `unchecked` of the source.

    `name` is shown in findings. A file that is too large or nested too deep is not read (`unchecked`).
    """
    source = TomlSource(name, "")
    if len(content) > MAX_BYTES:
        source.unchecked = f"the file has {len(content)} bytes; a config in a Swarm has at most {MAX_BYTES}"
        return source
    try:
        source = TomlSource(name, content.decode("utf-8"))
    except UnicodeDecodeError as error:
        source = TomlSource(name, content.decode("utf-8", "replace"))
        offset = len(content[: error.start].decode("utf-8"))
        source.faults = (_fault(source, offset, f"the byte 0x{content[error.start]:02X} is not UTF-8"),)
        return source
    scanner = Scanner(source.text).run()
    if scanner.deep is not None:
        line = source.lines.at(scanner.deep)[0]
        source.unchecked = f"line {line} is nested deeper than {MAX_DEPTH} levels"
        return source
    return _parsed(source, scanner)


def _parsed(source: TomlSource, scanner: Scanner) -> TomlSource:
    import tomllib

    try:
        source.data = tomllib.loads(source.text)
        source.marks, source.repeats = scanner.marks, scanner.repeats
    except ValueError as error:  # TOMLDecodeError, and what it lets through: a number of thousands of digits
        source.faults = _refused(source, str(error), scanner.twins)
    except RecursionError:
        source.unchecked = "the file is nested too deep"
    return source


def _refused(source: TomlSource, message: str, twins: Sequence[Twin]) -> tuple[Fault, ...]:
    """tomllib's refusal, at the character where it stopped, or at the second of each two equal keys."""
    where = _WHERE.search(message)
    problem = message[: where.start()] if where else message.partition("; ")[0]
    if twins and problem.startswith(_TWICE):
        return tuple(_twice(source, twin) for twin in twins[:MOST_TWINS])
    offset = len(source.text)
    if where and where[1]:
        offset = source.lines.starts[min(int(where[1]), len(source.lines.starts)) - 1] + int(where[2]) - 1
    elif not where:
        offset = 0
    if source.text.startswith("\ufeff"):
        offset, problem = 0, "a byte order mark"
    return (_fault(source, min(offset, len(source.text)), problem[:1].lower() + problem[1:]),)


def _twice(source: TomlSource, twin: Twin) -> Fault:
    place = Place(source.name, at=source.lines.position(*twin.second))
    name = ".".join(map(str, twin.path))
    line, first = source.lines.line(_line(place)), source.lines.at(twin.first[0])[0]
    return InvalidToml(place=place, problem=f"{name} is set twice", line=line, first=first)


def _fault(source: TomlSource, offset: int, problem: str) -> Fault:
    place = source.at(offset)
    return InvalidToml(place=place, problem=problem, line=source.lines.line(_line(place)))


def _line(place: Place) -> int:
    return place.at.line if place.at else 1
