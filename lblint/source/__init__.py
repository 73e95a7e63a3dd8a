"""Text -> nodes with exact positions: a YAML file as go-yaml, the docker client's parser, reads it.

Kinds of faults (`told` is what the docker client says where it refuses):

- `yaml.syntax`, `yaml.character`, `yaml.encoding`, `yaml.tab`: no tree at all
- `yaml.alias`: an alias without its anchor, or inside it; `yaml.alias-bomb`: aliases that multiply
- `yaml.merge`: a `<<` with neither a map nor a list of maps
- `yaml.duplicate-key`, `yaml.non-string-key`; `yaml.several-documents`: all but the first are ignored
- `yaml.dialect`: a plain yes, no, on, off, y or n, which clients before 28.0 read as a boolean
- `yaml.tag`: a tag of other tools (`!reset`), ignored
- `yaml.deep`: nested deeper than is read; `unchecked` is set
"""

from __future__ import annotations

import codecs
from typing import Any

from lblint.finding import Fault, Path, Place, Position
from lblint.source.build import Builder
from lblint.source.node import SCALAR, Broken, Document, Node, compose
from lblint.source.position import Lines, find, span
from lblint.source.scalar import Timestamp

__all__ = ["Source", "Timestamp", "read"]

MAX_BYTES = 16 * 1024 * 1024
"""Largest file that is read, in bytes: four times what a manager's raft log takes for a whole stack."""


class Source:
    """One file: its text, its data, what the reader noticed, and where everything stands.

    `data` is plain (dict, list, str, int, float, bool, None, Timestamp) and must not be changed: aliases share it.
    `unchecked` says why the file could not be read at all; it is then not known whether docker would take it.
    """

    __slots__ = ("data", "dialect", "faults", "lines", "name", "root", "text", "unchecked")

    def __init__(self, name: str, text: str, dialect: str = "v3") -> None:
        self.name = name
        self.text = text
        self.dialect = dialect
        self.lines = Lines(text)
        self.data: Any = None
        self.root: Node | None = None
        self.faults: tuple[Fault, ...] = ()
        self.unchecked = ""

    def position(self, place: Place) -> Position:
        """Lines and columns of a place in this file; the top of the file where the place is not in it."""
        if place.at is not None:
            return place.at
        return self.lines.position(*span(self.root, self.text, place))

    def written(self, path: Path) -> str | None:
        """The text of the scalar at `path` before resolution (`0777` for what is 511); None where there is none."""
        _, node, whole = find(self.root, path)
        return str(node.value) if whole and node is not None and node.kind is SCALAR else None

    def quoted(self, path: Path) -> bool:
        """Whether the scalar at `path` is quoted, a block, or tagged: text whatever it looks like."""
        _, node, whole = find(self.root, path)
        return whole and node is not None and node.kind is SCALAR and not (node.plain and node.tag is None)


def read(content: bytes, name: str, dialect: str = "v3") -> Source:
    """Read a stack file. Never raises on what stands in it: see `Source.faults` and `Source.unchecked`.

    `name` is shown in findings; `dialect` is "v3" for docker clients from 28.0 on, "v2" for older ones.
    """
    if len(content) > MAX_BYTES:
        source = Source(name, "", dialect)
        source.unchecked = f"the file has {len(content)} bytes; lblint reads up to {MAX_BYTES}"
        return source
    text, encoding_fault = _decode(content, name)
    source = Source(name, text, dialect)
    if encoding_fault is not None:
        source.faults = (encoding_fault,)
        return source
    document = compose(text)
    if document.broken is not None:
        source.faults = (_broken(source, document.broken),)
        if document.broken.kind == "deep":
            source.unchecked = document.broken.problem
        return source
    source.root = document.root
    faults: list[Fault] = []
    if document.root is not None:
        builder = Builder(name, dialect, lambda offset: source.lines.at(offset)[0])
        source.data = builder.build(document.root)
        faults = [_located(source, fault) for fault in builder.faults]
    if document.more is not None:
        faults.append(_second_document(source, document))
    source.faults = tuple(faults)
    return source


def _decode(content: bytes, name: str) -> tuple[str, Fault | None]:
    """Bytes -> text by the rules of go-yaml's reader: UTF-8, or UTF-16 with a byte order mark."""
    encoding = "utf-8"
    if content.startswith(codecs.BOM_UTF8):
        content = content[3:]
    elif content.startswith(codecs.BOM_UTF16_LE):
        content, encoding = content[2:], "utf-16-le"
    elif content.startswith(codecs.BOM_UTF16_BE):
        content, encoding = content[2:], "utf-16-be"
    try:
        return content.decode(encoding), None
    except UnicodeDecodeError as error:
        before = content[: error.start].decode(encoding, "replace")
        position = Lines(before).position(len(before), len(before))
        facts = {"byte": f"0x{content[error.start]:02X}", "encoding": encoding}
        told = "yaml: invalid UTF-8" if encoding == "utf-8" else "yaml: incomplete UTF-16 character"
        return content.decode(encoding, "replace"), Fault("yaml.encoding", Place(name, at=position), told, facts)


def _broken(source: Source, broken: Broken) -> Fault:
    offset = min(broken.offset, len(source.text))
    position = source.lines.position(offset, min(offset + 1, len(source.text)))
    line = source.lines.line(position.line)
    told = f"yaml: line {position.line}: {broken.problem}" if broken.kind == "syntax" else f"yaml: {broken.problem}"
    kind = "tab" if broken.kind == "syntax" and _tab_indent(line, position.column) else broken.kind
    facts = {"problem": broken.problem, "line": line, "offset": offset}
    return Fault(f"yaml.{kind}", Place(source.name, at=position), "" if broken.kind == "deep" else told, facts)


def _tab_indent(line: str, column: int) -> bool:
    """Whether the line is indented with a tab and the parser stopped there."""
    indent = line[: len(line) - len(line.lstrip())]
    return "\t" in indent and column <= len(indent) + 1


def _located(source: Source, fault: Fault) -> Fault:
    """A duplicate key has the path of its twin: only its offset tells the two apart."""
    offset = fault.facts.get("offset")
    if not isinstance(offset, int):
        return fault
    key = str(fault.facts.get("key", ""))
    quote = source.text[offset : offset + 1] in ("'", '"')
    position = source.lines.position(offset, offset + len(key) + 2 * quote)
    return fault._replace(place=fault.place._replace(at=position))


def _second_document(source: Source, document: Document) -> Fault:
    offset = document.more or 0
    position = source.lines.position(offset, min(offset + 3, len(source.text)))
    return Fault("yaml.several-documents", Place(source.name, at=position))
