"""Comments -> what they ask lblint to be quiet about, and where: `# lblint: ignore[rule, rule] reason`.

A comment at the end of a line speaks of that line and of the block that it opens; one on a line of its own of the node
that follows. `# lblint: ignore-file[rule] reason` above all else speaks of the whole file.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from lblint.finding import Path, Place
from lblint.lazy_re import pattern
from lblint.records import NamedTuple
from lblint.source import Source
from lblint.source.comments import NAME, Comment, comments, skip

if TYPE_CHECKING:
    from lblint.source.comment_scope import Block, Blocks, TomlBlocks

MOST = 1000
"""So many such comments of one file count; nobody means more."""

_SPOKEN = pattern(rf"(?<!#)#++[ \t]*+(?={NAME})", re.IGNORECASE)
_FORM = pattern(rf"{NAME}:[ \t]+ignore(?P<file>-file)?\[(?P<rules>[^\[\]]*)\](?P<reason>.*)")
_RULE = pattern(r"[^\s,\[\]]+")
_MEANT = pattern(
    rf"{NAME}[ \t]*:|"
    rf"{NAME}[ \t_-]*(?:ignore|disable|suppress|silence|skip|allow|noqa|nolint|off)[\w-]*[ \t]*(?:[\[(=:]|\Z)",
    re.IGNORECASE,
)
_WORD = pattern(r"\w\w")
_NAMES, _WORDS = 100, 1000
"""The most rules that a comment names, and the most characters of it that are shown."""
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
    def line(self) -> int:
        """The line that it stands on."""
        return self.place.at.line if self.place.at else 0

    @property
    def counts(self) -> bool:
        """Whether it silences anything at all: it has the form, and a reason."""
        return not self.problem and bool(self.reason)


class Suppressions(NamedTuple):
    """The comments of a run and what came of them: `idle` are those that met no finding of a rule, though it was looked
    for, as (number of the comment, rule). `known` are the ids of all rules, `on_comments` those of rules that judge
    comments, or the baseline, and so are not silenced by a comment."""

    comments: tuple[Suppression, ...]
    idle: frozenset[tuple[int, str]]
    known: Collection[str]
    on_comments: Collection[str]


def suppressions(source: Source) -> tuple[Suppression, ...]:
    """What the comments of a file ask for, in their order; those without the form, too."""
    return tuple(_read(source))


def _read(source: Source) -> Iterator[Suppression]:
    speaker = _Speaker(source)
    for number, (comment, start, name, words) in enumerate(_spoken(source)):
        place = Place(source.name, at=source.lines.position(start, name + len(words)))
        form = _FORM.fullmatch(words)
        names = tuple(name.strip() for name in form["rules"].split(",")) if form else ()
        if number == MOST:
            yield Suppression(place, words[:_WORDS], problem="many")
            return
        if form is None or len(names) > _NAMES or not all(map(_RULE.fullmatch, names)):
            yield Suppression(place, words[:_WORDS], problem="form")
            continue
        reason = form["reason"].strip().lstrip(":-–—").strip()
        explanation = reason[:_WORDS] if _WORD.search(reason[:_WORDS]) else ""
        asked = Suppression(place, words[:_WORDS], tuple(dict.fromkeys(names)), explanation)
        if form["file"]:
            problem = "" if speaker.top >= comment.start else "top"
            yield asked._replace(end=_EVERYWHERE, whole=True, problem=problem)
            continue
        block = speaker.block(comment)
        lines = source.lines
        yield asked._replace(begin=lines.at(block.start), end=lines.at(block.end), path=block.path)


class _Speaker:
    """What the comments of a file stand at, each looked up once."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._blocks: Blocks | TomlBlocks | None = None
        self._last: tuple[Comment, Block] | None = None
        self._top = -1

    def block(self, comment: Comment) -> Block:
        """The block that a comment speaks of."""
        if self._last is None or self._last[0] is not comment:
            if self._blocks is None:
                self._blocks = _blocks(self.source)
            self._last = comment, self._blocks.of(comment)
        return self._last[1]

    @property
    def top(self) -> int:
        """Where the file begins to hold more than comments and `---`."""
        if self._top < 0:
            text = self.source.text
            at = skip(text, 0)
            self._top = skip(text, at + 3) if text.startswith("---", at) else at
        return self._top


def _blocks(source: Source) -> Blocks | TomlBlocks:
    if source.dialect == "toml":
        from lblint.source.comment_scope import TomlBlocks

        return TomlBlocks(source)
    from lblint.source.comment_scope import Blocks

    assert source.root is not None
    return Blocks(source.text, source.root)


def _spoken(source: Source) -> Iterator[tuple[Comment, int, int, str]]:
    """The comments that speak to lblint: where each begins, where its words do, and these. A comment on a line of its
    own does so from its beginning (a line that is commented out may end with one); behind a value others may come
    first."""
    for comment in comments(source):
        text = source.text[comment.start : comment.end]
        marks = [mark.span() for mark in _SPOKEN.finditer(text) if _MEANT.match(text, mark.end())]
        if not marks or (comment.alone and marks[0][0]):
            continue
        ends = [start for start, _ in marks[1:]] + [len(text)]
        for (start, name), end in zip(marks, ends, strict=True):
            yield comment, comment.start + start, comment.start + name, text[name:end].rstrip()
