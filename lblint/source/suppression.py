"""Comments -> what they ask lblint to be quiet about, and where: `# lblint: ignore[rule, rule] reason`.

A comment at the end of a line speaks of that line and of the block that it opens; one on a line of its own of the node
that follows. `# lblint: ignore-file[rule] reason` above all else speaks of the whole file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from lblint.finding import Path, Place, Position
from lblint.pattern import pattern
from lblint.record import NamedTuple
from lblint.source import Source
from lblint.source.comment import NAME, Comment, comments, skip

if TYPE_CHECKING:
    from lblint.source.block import Blocks
    from lblint.source.tomlblock import TomlBlocks

MOST = 1000
"""So many such comments of one file count; nobody means more."""

_SPOKEN = pattern(rf"#+[ \t]*(?={NAME})", re.IGNORECASE)
_FORM = pattern(rf"{NAME}:[ \t]+ignore(?P<file>-file)?\[(?P<rules>[^\[\]]*)\](?P<reason>.*)")
_RULE = pattern(r"[^\s,\[\]]+")
_MEANT = pattern(
    rf"{NAME}[ \t]*:|"
    rf"{NAME}[ \t_-]*(?:ignore|disable|suppress|silence|skip|allow|noqa|nolint|off)[\w-]*[ \t]*(?:[\[(=:]|\Z)",
    re.IGNORECASE,
)
_WORD = pattern(r"\w\w")
_EVERYWHERE = (1 << 62, 0)


class Suppression(NamedTuple):
    """One comment. `begin` and `end` are (line, column) of what it speaks of, the end exclusive; `path` leads there,
    too, where a path does. `problem`: "form" where it is none that lblint knows, "top" for `ignore-file` below the top
    of the file, "many" for the first of too many. `whole`: it speaks of the whole file."""

    place: Place
    written: str
    rules: tuple[str, ...] = ()
    reason: str = ""
    begin: tuple[int, int] = (0, 0)
    end: tuple[int, int] = (0, 0)
    path: Path | None = None
    problem: str = ""
    whole: bool = False

    @property
    def counts(self) -> bool:
        """Whether it silences anything at all: it has the form, and a reason."""
        return not self.problem and bool(self.reason)

    def covers(self, place: Place, position: Position) -> bool:
        """Whether a finding is one that it speaks of, its rule aside."""
        if self.begin <= position[:2] < self.end:
            return True
        return self.path is not None and place.path[: len(self.path)] == self.path


class Suppressions(NamedTuple):
    """The comments of a run and what came of them: `idle` are those that met no finding of a rule, though it was looked
    for, as (number of the comment, rule). `known` are all rules that there are, and what each of them judges."""

    comments: tuple[Suppression, ...]
    idle: frozenset[tuple[int, str]]
    known: Mapping[str, str]


def suppressions(source: Source) -> tuple[Suppression, ...]:
    """What the comments of a file ask for, in their order; those without the form, too."""
    return tuple(_read(source))


def _read(source: Source) -> Iterator[Suppression]:
    blocks: Blocks | TomlBlocks | None = None
    for number, (comment, said) in enumerate(_spoken(source)):
        start, end = comment.start, comment.end
        place = Place(source.name, at=source.lines.position(start, end))
        form = _FORM.fullmatch(said)
        names = tuple(name.strip() for name in form["rules"].split(",")) if form else ()
        if number == MOST:
            yield Suppression(place, said, problem="many")
            return
        if form is None or not all(map(_RULE.fullmatch, names)):
            yield Suppression(place, said, problem="form")
            continue
        reason = form["reason"].strip().lstrip(":-–—").strip()
        asked = Suppression(place, said, tuple(dict.fromkeys(names)), reason if _WORD.search(reason) else "")
        if form["file"]:
            problem = "" if _top(source.text) >= start else "top"
            yield asked._replace(end=_EVERYWHERE, whole=True, problem=problem)
            continue
        if blocks is None:
            blocks = _blocks(source)
        block = blocks.of(comment)
        lines = source.lines
        yield asked._replace(begin=lines.at(block.start), end=lines.at(block.end), path=block.path)


def _blocks(source: Source) -> Blocks | TomlBlocks:
    if source.dialect == "toml":
        from lblint.source.tomlblock import TomlBlocks

        return TomlBlocks(source)
    from lblint.source.block import Blocks

    assert source.root is not None
    return Blocks(source.text, source.root)


def _top(text: str) -> int:
    """Where a file begins to hold more than comments and `---`."""
    at = skip(text, 0)
    return skip(text, at + 3) if text.startswith("---", at) else at


def _spoken(source: Source) -> Iterator[tuple[Comment, str]]:
    """The comments that speak to lblint, each with its words. A comment on a line of its own does so from its beginning
    (a line that is commented out may end with one); behind a value others may come first."""
    for comment in comments(source):
        text = source.text[comment.start : comment.end]
        marks = [mark.span() for mark in _SPOKEN.finditer(text) if _MEANT.match(text, mark.end())]
        if not marks or (comment.alone and marks[0][0]):
            continue
        ends = [start for start, _ in marks[1:]] + [len(text)]
        for (start, name), end in zip(marks, ends, strict=True):
            said = text[name:end].rstrip()
            yield comment._replace(start=comment.start + start, end=comment.start + name + len(said)), said
