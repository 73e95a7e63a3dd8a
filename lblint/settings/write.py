"""What was found in a repository -> a commented `.lblint.yml`. Every key is in it; what is not sure is a comment."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lblint.records import NamedTuple
from lblint.settings.key_table import KEYS, Key

WIDTH = 100
SCHEMA = ".lblint.schema.json"
"""The name of the schema that editors find beside the settings."""
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./-]*")
_WORDS = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}


class Entry(NamedTuple):
    """A line of a key: one item of a list, or a name and its value. What is not `sure` is written as a comment."""

    text: str
    value: str = ""
    sure: bool = True


class Section(NamedTuple):
    """What a key is to hold; `keep` is False where it is only shown, as a comment."""

    key: str
    entries: tuple[Entry, ...]
    keep: bool = True

    @property
    def active(self) -> bool:
        """Whether the key stands in the file as more than a comment."""
        return self.keep and any(entry.sure for entry in self.entries)


def settings_text(sections: Sequence[Section], head: str, schema: bool) -> str:
    """The text of a file with these sections, and with all other keys as comments. `head` is its first sentence."""
    found = {section.key: section for section in sections}
    lines = [f"# yaml-language-server: $schema={SCHEMA}"] if schema else []
    lines += _comment(head)
    for key in KEYS:
        lines.append("")
        lines += _comment(re.sub(r"`(.+?)`", r"\1", key.doc))
        section = found.get(key.name)
        lines += [f"# {key.name}: {key.example}"] if section is None else _section(key, section)
    return "\n".join(lines) + "\n"


def _section(key: Key, section: Section) -> Iterator[str]:
    mark = "" if section.active else "# "
    yield f"{mark}{key.name}:"
    for entry in section.entries:
        own = mark or ("" if entry.sure else "# ")
        if entry.value and section.key == "stacks":
            yield f"{own}  - name: {quoted(entry.text)}"
            yield f"{own}    files: {entry.value}"
        elif entry.value:
            yield f"{own}  {quoted(entry.text)}: {quoted(entry.value)}"
        else:
            yield f"{own}  - {quoted(entry.text)}"


def quoted(text: str) -> str:
    """A text as YAML, in quotes where it would mean something else without."""
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    import json

    return json.dumps(text, ensure_ascii=not text.isprintable())


def _comment(text: str) -> list[str]:
    """A text as lines of comments."""
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= WIDTH:
            lines[-1] += f" {word}"
        else:
            lines.append(f"# {word}")
    return lines
