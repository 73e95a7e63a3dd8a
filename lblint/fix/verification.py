"""What a correction has changed, held against what it was to change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from lblint.finding import Edit, Finding, Fix, Path, Severity, by_file
from lblint.lint import Result
from lblint.records import NamedTuple
from lblint.source import Source
from lblint.stack import Stack

_NONE = object()
"""What stands where nothing is."""


class Scope(NamedTuple):
    """A path below which a fix may change something. `value` is whether it writes over one value, which an anchor may
    have taken to other places, too."""

    path: Path
    value: bool = False


class Change(NamedTuple):
    """A path of plain data with what stood there and what stands there now; `_NONE` for nothing."""

    path: Path
    old: Any
    new: Any


class Scopes:
    """The scopes of one file, to be asked for each change of it."""

    def __init__(self, scopes: Iterable[Scope]) -> None:
        scopes = list(scopes)
        self.paths = {scope.path for scope in scopes}
        self.around = {path[:end] for path in self.paths for end in range(len(path) + 1)}
        self.values = {scope.path[at:] for scope in scopes if scope.value for at in (-1, -2)}

    def cover(self, path: Path, absent: bool) -> bool:
        """Whether a change at a path is one that may be; `absent`: something comes or goes there."""
        if any(path[:end] in self.paths for end in range(len(path) + 1)) or str(path[0] if path else "")[:2] == "x-":
            return True
        if absent and path in self.around:  # what lies around it comes and goes with it
            return True
        shown = -1 if path and isinstance(path[-1], str) else -2  # an item of a list is told by the list's name, too
        return path[shown:] in self.values


NOTHING = Scopes(())
"""The scopes of a file that no fix changes."""


def scopes(fixes: Sequence[Fix], sources: Mapping[str, Source]) -> dict[str, Scopes]:
    """What fixes may change, by file."""
    result: dict[str, list[Scope]] = {}
    for fix in fixes:
        for edit in fix.edits:
            source = by_file(sources, edit.place)
            if source is not None:
                result.setdefault(source.name, []).extend(_scopes(edit, source.data))
    return {file: Scopes(of_file) for file, of_file in result.items()}


def _scopes(edit: Edit, data: Any) -> Iterator[Scope]:
    path = edit.place.path
    if edit.op == "insert":
        whole = isinstance(_at(data, path), list) or not edit.key
        yield Scope((path[:-1] if isinstance(path[-1], int) else path) if whole and path else (*path, edit.key))
        return
    if edit.op == "raise":
        yield Scope(path[:-1])
        yield Scope((*edit.to, path[-1]))
        return
    gone = edit.op in ("remove", "move")
    yield Scope(path[:-1] if gone and isinstance(path[-1], int) else path, not gone)
    if edit.op == "write" and edit.place.key and edit.place.chars is None:
        yield Scope((*path[:-1], str(edit.value)), True)
    if edit.op == "move":
        key = edit.key or (path[-1] if isinstance(path[-1], str) else str(_at(data, path)).partition("=")[0])
        yield Scope(edit.to if isinstance(_at(data, edit.to), list) or isinstance(path[-1], int) else (*edit.to, key))


def _at(data: Any, path: Path) -> Any:
    for step in path:
        if isinstance(data, dict):
            data = data.get(str(step))
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
        else:
            return None
    return data


def changes(old: Any, new: Any, path: Path = ()) -> Iterator[Change]:
    """The deepest paths at which two trees of plain data differ; a list of another length differs as a whole."""
    if old is new:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for key in (*old, *(key for key in new if key not in old)):
            yield from changes(old.get(key, _NONE), new.get(key, _NONE), (*path, key))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (before, after) in enumerate(zip(old, new, strict=True)):
            yield from changes(before, after, (*path, index))
    elif type(old) is not type(new) or old != new:
        yield Change(path, old, new)


def landed(fix: Fix, new: Source) -> bool:
    """Whether the values that a fix writes are read as they were meant, as far as they are where they were written."""
    for edit in fix.edits:
        if edit.op != "write" or edit.place.file != new.name or edit.place.key or edit.place.chars or edit.bare:
            continue
        path = edit.place.path
        around = _at(new.data, path[:-1])
        if path and isinstance(path[-1], int) and isinstance(around, list) and edit.value in around:
            continue  # maybe under another number
        renamed = [
            (*path[:-1], str(change.value)) for change in fix.edits if change.place.key and change.place.path == path
        ]
        value = _at(new.data, renamed[0] if renamed else path)
        if value is not None and (type(value) is not type(edit.value) or value != edit.value):
            return False
    return True


def stray(old: Source, new: Source, allowed: Scopes) -> str:
    """The first place at which a file says something else than before where nothing was to be changed; "" for none."""
    for change in changes(old.data, new.data):
        absent = change.old in (_NONE, None) or change.new is _NONE
        if not allowed.cover(change.path, absent):
            return ".".join(map(str, change.path)) or "the whole file"
    return ""


def stray_config(old: Stack, new: Stack, allowed: Mapping[str, Scopes]) -> str:
    """The same for what docker makes of the files; a stack that it refuses says nothing yet."""
    if old.refused or new.refused:
        return ""
    for change in changes(old.config, new.config):
        place = (new if change.old is _NONE else old).place(*change.path)
        if not (by_file(allowed, place) or NOTHING).cover(place.path, True):
            return ".".join(map(str, change.path))
    return ""


def worse(old: Result, new: Result) -> str:
    """Why a run is not better than one before, in words; "" where it is: no finding more, no error that was not there,
    and less that breaks."""
    before, after = _errors(old.findings), _errors(new.findings)
    for (_, rule), count in after.items():
        if count > before[_, rule]:
            first = next(f for f in new.findings if f.rule == rule and f.severity is Severity.ERROR and f.file == _)
            return f"it would bring an error: {first.message} [{rule}]"
    if len(new.findings) > len(old.findings):
        known = Counter(finding.rule for finding in old.findings)
        for finding in new.findings:
            known[finding.rule] -= 1
            if known[finding.rule] < 0:
                return f"it would bring more findings: {finding.message} [{finding.rule}]"
    if set(new.unchecked) - set(old.unchecked):
        return "a part of it could not be checked then"
    return "" if _rank(new.findings) < _rank(old.findings) else "nothing would be better for it"


def _errors(findings: Sequence[Finding]) -> Counter[tuple[str, str]]:
    return Counter((finding.file, finding.rule) for finding in findings if finding.severity is Severity.ERROR)


def _rank(findings: Sequence[Finding]) -> list[int]:
    return [sum(finding.severity is severity for finding in findings) for severity in reversed(Severity)]
