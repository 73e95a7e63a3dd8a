"""Text <-> baseline: the findings that were there when it was written, told by their content and not by their line.

A JSON object with `schema` and `findings`, one to a line and sorted, so that two branches that each change it seldom
touch the same line, and the same findings are always the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from lblint.finding import Position
from lblint.records import NamedTuple

SCHEMA = 1
"""The number of the format, as schemas/baseline.schema.json describes it."""
_MOST = 1 << 31
_KEYS = {"file", "rule", "path", "text", "count"}


class BaselineError(ValueError):
    """A text is no baseline; says why."""


class Entry(NamedTuple):
    """What makes a finding the same one: its rule, the file (below the baseline's folder, with slashes), the keys that
    lead to the place, and the text that stands there. No line, no index of a list, and no message."""

    file: str
    rule: str
    path: tuple[str, ...]
    text: str


class Baseline(NamedTuple):
    """The findings that are known, each with how many there are that are alike. `name` is that of the file as it was
    given, `folder` where it is: an absolute path without links."""

    name: str
    folder: str
    counts: Mapping[Entry, int]
    text: str = ""


class Outdated(NamedTuple):
    """Entries of a baseline that no finding answers to any more: each with how many are too many, and its place."""

    name: str
    gone: tuple[tuple[Entry, int, Position], ...]


def read_baseline(content: bytes, name: str, folder: str) -> Baseline:
    """The baseline that a file holds. Raises `BaselineError` for anything else; entries that stand twice, as they may
    after a merge, count once."""
    import json

    try:
        text = content.decode("utf-8")
        document = json.loads(text, parse_constant=_refused)
    except UnicodeDecodeError:
        raise BaselineError("it is not UTF-8") from None
    except RecursionError:
        raise BaselineError("it is nested too deep") from None
    except ValueError as error:
        if any(line.startswith(("<<<<<<< ", "=======", ">>>>>>> ")) for line in text.splitlines()):
            raise BaselineError("it holds the marks of a merge that is not finished") from None
        raise BaselineError(f"it is no JSON: {error}") from None
    if not isinstance(document, dict) or not isinstance(document.get("findings"), list) or "schema" not in document:
        raise BaselineError("it has no `schema` and `findings`")
    if document["schema"] != SCHEMA or isinstance(document["schema"], bool):
        raise BaselineError(f"its schema is {_short(document['schema'])}, and this version of lblint knows {SCHEMA}")
    counts: dict[Entry, int] = {}
    for number, document_entry in enumerate(document["findings"], 1):
        entry, count = _entry(document_entry, number)
        counts[entry] = max(count, counts.get(entry, 0))
    return Baseline(name, folder, counts, text)


def _entry(document_entry: Any, number: int) -> tuple[Entry, int]:
    if not isinstance(document_entry, dict):
        raise BaselineError(f"finding {number} is no object")
    unknown = sorted(set(document_entry) - _KEYS)
    if unknown:
        raise BaselineError(f"finding {number} has a key {_short(unknown[0])}, which is not known")
    path, count = document_entry.get("path"), document_entry.get("count", 1)
    if not isinstance(path, list) or not all(isinstance(step, str) for step in path):
        raise BaselineError(f"the path of finding {number} is no list of keys")
    if not isinstance(count, int) or isinstance(count, bool) or not 0 < count < _MOST:
        raise BaselineError(f"the count of finding {number} is no number from 1 on")
    texts = [document_entry.get(key) for key in ("file", "rule", "text")]
    if not all(isinstance(text, str) for text in texts):
        raise BaselineError(f"finding {number} needs `file`, `rule`, `path` and `text`")
    file, rule, text = map(str, texts)
    return Entry(file, rule, tuple(path), text), count


def _refused(word: str) -> Any:
    raise ValueError(f"{word} is no number")


def _short(value: object) -> str:
    text = ascii(value)
    return text if len(text) <= 40 else f"{text[:40]}…"


def as_text(counts: Mapping[Entry, int]) -> str:
    """The file for these findings: pure ASCII, always the same bytes for the same ones."""
    lines = ",\n".join(as_line(entry, counts[entry]) for entry in sorted(counts))
    return f'{{"schema": {SCHEMA}, "findings": [\n{lines}{chr(10) if lines else ""}]}}\n'


def as_line(entry: Entry, count: int) -> str:
    """The line of one entry."""
    import json

    file, rule, path, text = entry
    more = {"count": count} if count > 1 else {}
    return json.dumps({"file": file, "rule": rule, "path": path, "text": text, **more})


def positions(baseline: Baseline, entries: Iterable[tuple[Entry, int]]) -> tuple[tuple[Entry, int, Position], ...]:
    """The entries with their lines in the file; the first line where a file is laid out in another way."""
    lines = {line.rstrip(","): number for number, line in enumerate(baseline.text.splitlines(), 1)}
    result = []
    for entry, count in entries:
        line = lines.get(as_line(entry, baseline.counts[entry]), 0)
        width = len(as_line(entry, baseline.counts[entry])) if line else 0
        result.append((entry, count, Position(line or 1, 1, line or 1, 1 + width)))
    return tuple(result)
