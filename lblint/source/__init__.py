"""Text -> nodes with exact positions: a YAML file as go-yaml, the docker client's parser, reads it.

The kinds of faults are in faults.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lblint.finding import Fault, Path, Place, Position
from lblint.source.constructor import Builder, excessive
from lblint.source.encoding import decode, forbidden
from lblint.source.faults import (
    AliasBomb,
    ForbiddenCharacter,
    InvalidYaml,
    KeyFault,
    NestedTooDeep,
    SecondDocument,
    TabIndent,
    UndecodableByte,
    UnknownAlias,
)
from lblint.source.nodes import SCALAR, Broken, Node, compose
from lblint.source.positions import Lines, find, span
from lblint.source.scalars import Timestamp

__all__ = ["Source", "Timestamp", "later", "read", "unread", "unreadable"]

MAX_BYTES = 16 * 1024 * 1024
"""Largest file that is read, in bytes: four times what a manager's raft log takes for a whole stack."""


class Source:
    """One file: its text, its data, what the reader noticed, and where everything stands.

    `data` is plain (dict, list, str, int, float, bool, None, Timestamp) and must not be changed: aliases share it.
    `unchecked` says why the file could not be read at all; it is then not known whether docker would take it.
    """

    __slots__ = ("_content", "data", "dialect", "faults", "lines", "name", "root", "text", "unchecked")

    _content: bytes

    def __init__(self, name: str, text: str, dialect: str = "v3") -> None:
        self.name = name
        self.text = text
        self.dialect = dialect
        self.lines = Lines(text)
        self.data: Any = None
        self.root: Node | None = None
        self.faults: tuple[Fault, ...] = ()
        self.unchecked = ""

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> object:
            """What `later` has left out, once somebody asks for it. Raises `AttributeError` for what never was."""
            if name not in Source.__slots__ or name == "_content" or not hasattr(self, "_content"):
                raise AttributeError(name)
            _take(self, name)
            return getattr(self, name)

    def forget(self) -> None:
        """Let go of what was read of a source of `later`; who asks for it has it read again. Nothing for others."""
        for slot in _READ if hasattr(self, "_content") else ():
            try:  # noqa: SIM105 - five times as quick as what it suggests
                object.__delattr__(self, slot)
            except AttributeError:
                pass

    def position(self, place: Place) -> Position:
        """Lines and columns of a place in this file; the top of the file where the place is not in it."""
        if place.at is not None:
            return place.at
        return self.lines.position(*span(self.root, self.text, place, self.dialect))

    def at(self, offset: int) -> Place:
        """The place of the one character at an offset of the text."""
        return Place(self.name, at=self.lines.position(offset, min(offset + 1, len(self.text))))

    def written(self, path: Path) -> str | None:
        """The text of the scalar at `path` before resolution (`0777` for what is 511); None where there is none."""
        _, node, whole = find(self.root, path, self.dialect)
        return str(node.value) if whole and node is not None and node.kind is SCALAR else None

    def quoted(self, path: Path) -> bool:
        """Whether the scalar at `path` is quoted, a block, or tagged: text whatever it looks like."""
        _, node, whole = find(self.root, path, self.dialect)
        return whole and node is not None and node.kind is SCALAR and not (node.plain and node.tag is None)


_READ = ("data", "faults", "lines", "root", "text", "unchecked")
"""What a source has when it is read."""


def later(content: bytes, name: str, dialect: str = "v3") -> Source:
    """As `read`, but the content is read when somebody first asks for a part of it: maybe another process, or nobody.

    Where only the text is asked for, it is not parsed."""
    source = Source.__new__(Source)
    source.name = name
    source.dialect = dialect
    source._content = content
    return source


def unread(source: Source) -> bytes | None:
    """The content of a source of `later`; None for others."""
    content: bytes | None = getattr(source, "_content", None)
    return content


def unreadable(name: str, reason: str, dialect: str = "v3") -> Source:
    """Return the source of a file that cannot be opened: it is empty, and `unchecked` is the reason."""
    source = Source(name, "", dialect)
    source.unchecked = reason
    return source


def _take(source: Source, part: str) -> None:
    content: bytes = source._content
    if part in ("text", "lines"):
        source.text = decode(content).text if len(content) <= MAX_BYTES else ""
        source.lines = Lines(source.text)
        return
    whole = read(content, source.name, source.dialect)
    for slot in _READ:
        setattr(source, slot, getattr(whole, slot))


def read(content: bytes, name: str, dialect: str = "v3") -> Source:
    """Read a stack file. Never raises on what stands in it: see `Source.faults` and `Source.unchecked`.

    `name` is shown in findings; `dialect` is "v3" for docker clients from 28.0 on, "v2" for older ones.
    """
    if len(content) > MAX_BYTES:
        source = Source(name, "", dialect)
        source.unchecked = f"the file has {len(content)} bytes; lblint reads up to {MAX_BYTES}"
        return source
    decoded = decode(content)
    source = Source(name, decoded.text, dialect)
    if decoded.told:
        source.faults = (
            UndecodableByte(
                place=source.at(decoded.offset),
                docker=decoded.told,
                byte=f"0x{decoded.byte:02X}",
                encoding=decoded.encoding,
            ),
        )
        return source
    document = compose(decoded.text, dialect)
    if document.broken is not None:
        source.faults = (_broken(source, document.broken),)
        if document.broken.kind == "deep":
            source.unchecked = document.broken.problem
        return source
    source.root = document.root
    faults: list[Fault] = []
    if document.root is not None:
        bomb = excessive(document.root) if document.aliased else None
        if bomb is not None:
            source.faults = (_bomb(source, bomb),)
            source.root = None
            return source
        builder = Builder(name, dialect, lambda offset: source.lines.at(offset)[0])
        source.data = builder.build(document.root)
        faults = builder.faults
        for fault in faults:
            _locate(source, fault)
    if document.more is not None:
        faults.append(_second_document(source, document.more))
    source.faults = tuple(faults)
    return source


def _bomb(source: Source, path: Path) -> Fault:
    place = Place(source.name, path, key=True)
    message = "yaml: document contains excessive aliasing"
    return AliasBomb(place=place._replace(at=source.position(place)), docker=message)


def _broken(source: Source, broken: Broken) -> Fault:
    offset = broken.offset
    if broken.kind == "character":
        offset = forbidden(source.text) or 0
    where = f"line {broken.line}: " if broken.line else ""
    place = source.at(offset)
    assert place.at is not None
    line = source.lines.line(place.at.line)
    message = f"yaml: {where}{broken.problem}"
    character = source.text[offset : offset + 1]
    if broken.kind == "deep":
        return NestedTooDeep(place=place)
    if broken.kind == "character":
        return ForbiddenCharacter(place=place, docker=message, character=character)
    if broken.kind == "alias":
        return UnknownAlias(place=place, docker=message)
    if _tab_indent(line, place.at.column):
        return TabIndent(place=place, docker=message)
    return InvalidYaml(place=place, docker=message, problem=broken.problem, character=character)


def _tab_indent(line: str, column: int) -> bool:
    """Whether the line is indented with a tab and the parser stopped there."""
    indent = line[: len(line) - len(line.lstrip())]
    return "\t" in indent and column <= len(indent) + 1


def _locate(source: Source, fault: Fault) -> None:
    """Give a key that no path leads to, or that shares its path with its twin, the position of its offset."""
    if not isinstance(fault, KeyFault) or fault.offset is None:
        return
    offset, key = fault.offset, fault.key
    quote = source.text[offset : offset + 1] in ("'", '"')
    width = len(key) + 2 * quote if source.text.startswith(key, offset + quote) else 1
    fault.place = fault.place._replace(at=source.lines.position(offset, offset + width))


def _second_document(source: Source, offset: int) -> Fault:
    marker = next((mark for mark in ("---", "...") if source.text.startswith(mark, offset)), "")
    position = source.lines.position(offset, offset + len(marker or source.text[offset : offset + 1]))
    return SecondDocument(place=Place(source.name, at=position), marker=marker)
