"""Texts without the values of environment variables: `${NAME}` stands for what may be a secret of whoever runs lblint.

A value reaches a message in parts (the host of a URL, the first characters of a long text), in small letters, or quoted
as Go, Python or JSON quote. So all that a text has in common with a value is replaced from `SHARED` characters on, and
shorter values and parts of values only as whole words. What the files themselves say is no secret, and stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from lblint.finding import Edit, Fix, Hit, Place, by_file
from lblint.lint.result import Checked
from lblint.source import Source
from lblint.stack import Stack
from lblint.stack.go_printing import quote

SHARED = 8
"""So many characters of a value do not stand in a text by chance."""
_WORD = 4
"""From so many characters on, a value or a part of it is replaced as a word, wherever it stands; shorter ones only
where the variable is used."""
_STEP = SHARED // 2
_PART = SHARED - _STEP + 1
"""Whatever has `SHARED` characters in common with a value has a part of this length at a multiple of `_STEP`."""
_PLAIN = frozenset({"http", "https", "true", "false", "https://", "://"})
"""Parts of values that say nothing."""
_KEPT = 10_000
"""So many texts are kept as they were replaced."""
_SEPARATORS = re.compile(r"[^0-9a-z\u0080-\U0010ffff]+")


class Redactor:
    """Replaces the values of variables in texts; `values` are those by their names. What the `sources` say, their
    names, and `given` texts, such as the names of stacks, may be shown."""

    def __init__(self, values: Mapping[str, str], sources: Iterable[Source] = (), given: Iterable[str] = ()) -> None:
        self.sources = {source.name: source for source in sources}
        self.given = tuple(given)
        self.known: dict[str, bool] = {}
        self.folded: list[str] = []
        self.done: dict[tuple[str, frozenset[str]], str] = {}
        self.grams: dict[str, str] = {}
        self.parts: set[str] = set()
        self.words: dict[str, str] = {}
        self.short: dict[str, str] = {}
        by_length = sorted(values.items(), key=lambda item: -len(item[1]))
        for name, value in by_length:
            self._add(name, value)
        for name, value in by_length:
            for part in {part for form in _forms(value) for part in _SEPARATORS.split(form)} - _PLAIN:
                if len(part) >= _WORD:
                    self.words.setdefault(part, name)
        self.names = frozenset(self.short.values())

    def _add(self, name: str, value: str) -> None:
        for form in _forms(value):
            for start in range(len(form) - SHARED + 1):
                self.grams.setdefault(form[start : start + SHARED], name)
            if len(form) >= SHARED:
                self.parts.update(form[start : start + _PART] for start in range(len(form) - _PART + 1))
            if len(form) < _WORD:
                self.short.setdefault(form, name)
            elif form not in _PLAIN:
                self.words.setdefault(form, name)

    def hit(self, hit: Hit) -> Hit:
        """Return a hit without values, and without the fixes that would write one into a file."""
        used = self._used(hit) if self.names else frozenset()
        place = hit.place
        path = tuple(self.text(step, used) if isinstance(step, str) else step for step in place.path)
        if path != place.path:
            source = by_file(self.sources, place)
            place = place._replace(path=path, at=source.position(place) if source is not None else place.at)
        return hit._replace(
            place=place,
            message=self.text(hit.message, used),
            help=self.text(hit.help, used),
            docker=self.text(hit.docker, used),
            nginx=self.text(hit.nginx, used),
            fixes=tuple(self._fixes(hit.fixes, used)) if hit.fixes else (),
        )

    def _fixes(self, fixes: Iterable[Fix], used: frozenset[str]) -> Iterable[Fix]:
        for fix in fixes:
            if not any(self._writes(edit, used) for edit in fix.edits):
                yield fix._replace(title=self.text(fix.title, used))

    def _writes(self, edit: Edit, used: frozenset[str]) -> bool:
        return any(self.text(text, used) != text for text in (edit.key, *_texts(edit.value)))

    def text(self, text: str, used: frozenset[str] = frozenset()) -> str:
        """Return a text without values; those of `used` variables are replaced however short they are."""
        if not text:
            return text
        known = self.done.get((text, used))
        if known is None:
            if len(self.done) > _KEPT:
                self.done.clear()
            known = self.done[text, used] = self._replaced(text, used)
        return known

    def _replaced(self, text: str, used: frozenset[str]) -> str:
        low = _fold(text)
        spans: list[tuple[int, int, str]] = []
        if self.parts and any(low[at : at + _PART] in self.parts for at in range(0, len(low), _STEP)):
            spans += self._shared(low)
        for words, names in ((self.words, None), (self.short, used)) if self.words or used else ():
            for word, name in words.items():
                if (names is None or name in names) and word in low:
                    spans += [(at, at + len(word), name) for at in _words(word, low)]
        out: list[str] = []
        end = 0
        for start, stop, name in sorted(spans, key=lambda span: (span[0], -span[1])):
            if start < end and stop <= end:
                continue
            start = max(start, end)
            if self._is_known(low[start:stop]):
                continue
            shown = f"${{{name}}}"
            if out and out[-1] == shown and not any(map(str.isalnum, text[end:start])) and start - end <= 1:
                end = stop  # two parts of one value
                continue
            out += [text[end:start], shown]
            end = stop
        return "".join([*out, text[end:]]) if out else text

    def _shared(self, low: str) -> Iterable[tuple[int, int, str]]:
        """Yield the parts of a text that values have, too."""
        at = 0
        while at <= len(low) - SHARED:
            name = self.grams.get(low[at : at + SHARED])
            if name is None:
                at += 1
                continue
            end = at + SHARED
            while end < len(low) and self.grams.get(low[end - SHARED + 1 : end + 1]) == name:
                end += 1
            if low[at:end] not in _PLAIN:
                yield at, end, name
            at = end

    def _is_known(self, part: str) -> bool:
        """Return whether the files say it themselves."""
        known = self.known.get(part)
        if known is None:
            if not self.folded:
                texts = [source.text for source in self.sources.values()]
                self.folded = [_fold(text) for text in ("\n".join([*self.sources, *self.given]), *texts)]
            known = self.known[part] = any(part in text for text in self.folded)
        return known

    def _used(self, hit: Hit) -> frozenset[str]:
        """Return the variables that are used where a hit and its related places are."""
        lines = "\n".join(line for place in (hit.place, *hit.related) for line in _lines(self.sources, place))
        return frozenset(name for name in self.names if re.search(rf"\$\{{?{re.escape(name)}(?![0-9A-Za-z_])", lines))


def of_run(checked: Checked) -> Redactor:
    """Return what replaces the values of a run's stacks."""
    return Redactor(checked.values, checked.sources.values(), given_names(checked.stacks))


def given_names(stacks: Iterable[Stack]) -> list[str]:
    """Return the names of stacks that were given, and do not follow from labels."""
    return [stack.name for stack in stacks if stack.name is not None and stack.inferred_from is None]


def _forms(value: str) -> set[str]:
    """Return a value as it is, and as it is quoted."""
    import json

    forms = {value, value.strip(), quote(value)[1:-1], repr(value)[1:-1], json.dumps(value)[1:-1]}
    if not value.isascii():
        with suppress(UnicodeError):
            forms.add(value.encode("idna").decode("ascii"))
    return {_fold(form) for form in forms if form.strip()}


def _fold(text: str) -> str:
    """Return a text in small letters, of the same length."""
    low = text.lower()
    return low if len(low) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


def _words(word: str, low: str) -> Iterable[int]:
    """Yield where a word begins in a text that is not a part of a longer one."""
    at = low.find(word)
    while at >= 0:
        end = at + len(word)
        before, after = low[at - 1 : at], low[end : end + 1]
        if not (before.isalnum() and word[0].isalnum()) and not (after.isalnum() and word[-1].isalnum()):
            yield at
        at = low.find(word, at + 1)


def _lines(sources: Mapping[str, Source], place: Place) -> Sequence[str]:
    source = by_file(sources, place)
    if source is None:
        return ()
    at = source.position(place)
    return [source.lines.line(number) for number in range(at.line, min(at.end_line, at.line + 50) + 1)]


def _texts(value: Any) -> Iterable[str]:
    """Yield the texts of what an edit writes."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(key)
            yield from _texts(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _texts(inner)
    elif value is not None:
        yield str(value)
