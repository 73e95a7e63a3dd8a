"""`.lblint.yml` -> settings, or everything that is wrong with it, each with its line and column."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from lblint.finding import Fault, Place, Severity
from lblint.interlock.owner_policy import Site
from lblint.interlock.version import parse_version
from lblint.settings.key_table import KEYS, Key, Kind
from lblint.settings.model import Settings, StackFiles, Variables
from lblint.source import Source, Timestamp, read
from lblint.source.faults import (
    AliasBomb,
    BooleanWord,
    DuplicateKey,
    ForeignTag,
    InvalidMerge,
    NonStringKey,
    SecondDocument,
    TagMismatch,
)
from lblint.spelling import nearest


class Reader:
    """Takes values by the table of keys; what is wrong is kept as sentences, and the value left out."""

    def __init__(self, source: Source, rules: Callable[[], Collection[str]]) -> None:
        self.source = source
        self.rules = rules
        self.problems: list[str] = []

    def refuse(self, place: Place, says: str) -> None:
        """Keep what is wrong at a place."""
        position = self.source.position(place)
        self.problems.append(f"{place.file}:{position.line}:{position.column}: {says}")

    def table(self, place: Place, value: Any, keys: Sequence[Key], needed: Sequence[str] = ()) -> dict[str, Any]:
        """The keys that a map sets, by their names."""
        if not isinstance(value, dict):
            self.refuse(place, f"{_kind(value)}; it must be a map of keys: {', '.join(key.name for key in keys[:4])} …")
            return {}
        known = {key.name: key for key in keys}
        result = {}
        for name, inner in value.items():
            at = place.child(name)
            key = known.get(str(name))
            if key is None:
                self.refuse(at.on_key(), f"unknown key {_shown(name)}{_near(str(name), known)}")
            elif (taken := self.value(at, inner, key)) is not None:
                result[key.name] = taken
        for name in needed:
            if name not in value:
                self.refuse(place, f"{name} is missing")
        return result

    def value(self, place: Place, value: Any, key: Key) -> Any:
        """The value of a key; None where it is wrong."""
        match key.kind:
            case Kind.TEXT:
                return self.text(place, value, key)
            case Kind.VERSION:
                written = self.source.written(place.path) if isinstance(value, (int, float)) else None
                return self.text(place, written if written and not isinstance(value, bool) else value, key)
            case Kind.NUMBER:
                return self.number(place, value, key)
            case Kind.FILES if isinstance(value, str):
                return self.texts(place, [value], key)
            case Kind.TEXTS | Kind.FILES:
                return self.texts(place, value, key)
            case Kind.TABLE:
                return self.table(place, value, key.keys, key.needed)
            case Kind.TABLES:
                items = self.items(place, value, key)
                return [self.table(at, item, key.keys, key.needed) for at, item in items]
            case Kind.NAMED_TABLES:
                return self.named_tables(place, value, key)
            case Kind.PAIRS | Kind.RULES:
                return self.pairs(place, value, key)

    def text(self, place: Place, value: Any, key: Key) -> str | None:
        """A text that the key takes; None where it is wrong."""
        if not isinstance(value, str) or isinstance(value, Timestamp):
            wanted = f"one of {', '.join(key.choices)}" if key.choices else "a text"
            quotes = ": put quotes around it" if isinstance(value, (bool, int, float, str)) and not key.choices else ""
            kind = _kind(value)
            if isinstance(value, Timestamp):
                kind = f"{_shown(self.source.written(place.path))} is a date"
            self.refuse(place, f"{_name(place, key)}: {kind}; {wanted} is wanted{quotes}")
            return None
        says = key.check(value)
        if key.choices and value not in key.choices:
            says = f"it is none of {', '.join(key.choices)}{_near(value, key.choices)}"
        if says:
            self.refuse(place, f"{_name(place, key)}: {_shown(value)}: {says}")
        return None if says else value

    def number(self, place: Place, value: Any, key: Key) -> int | None:
        """A whole number from 0 on; None where it is wrong."""
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
        shown = _shown(value) if isinstance(value, str) else value
        self.refuse(place, f"{_name(place, key)}: {shown} is not {key.kind.value}")
        return None

    def items(self, place: Place, value: Any, key: Key) -> Iterator[tuple[Place, Any]]:
        """What a list holds, and where."""
        if not isinstance(value, list) or not value:
            problem = "the list is empty: leave the key out" if value == [] else f"{_kind(value)}; a list is wanted"
            self.refuse(place, f"{key.name}: {problem}")
            return
        for at, item in enumerate(value):
            yield place.child(at), item

    def texts(self, place: Place, value: Any, key: Key) -> list[str]:
        """The texts of a list that the key takes."""
        taken = (self.text(at, item, key) for at, item in self.items(place, value, key))
        return [text for text in taken if text is not None]

    def named_tables(self, place: Place, value: Any, key: Key) -> dict[str, dict[str, Any]]:
        """The maps of a map with free keys."""
        if not isinstance(value, dict):
            self.refuse(place, f"{key.name}: {_kind(value)}; a map is wanted, like {key.example}")
            return {}
        result = {}
        for name, inner in value.items():
            at = place.child(name)
            if says := key.check_name(str(name)):
                self.refuse(at.on_key(), f"{key.name}: {_shown(name)}: {says}")
            else:
                result[str(name)] = self.table(at, inner, key.keys, key.needed)
        return result

    def pairs(self, place: Place, value: Any, key: Key) -> dict[str, str]:
        """The texts of a map with free keys, or with those of rules."""
        if not isinstance(value, dict):
            self.refuse(place, f"{key.name}: {_kind(value)}; a map is wanted, like {key.example}")
            return {}
        result = {}
        rules = self.rules() if key.kind is Kind.RULES else None
        for name, inner in value.items():
            at = place.child(name)
            if rules is not None and name not in rules:
                self.refuse(at.on_key(), f"there is no rule {_shown(name)}{_near(str(name), rules)}")
            elif says := "" if rules is not None else key.check_name(str(name)):
                self.refuse(at.on_key(), f"{key.name}: {_shown(name)}: {says}")
            elif (text := self.text(at, inner, key)) is not None:
                result[str(name)] = text
        return result


def _name(place: Place, key: Key) -> str:
    """What a value is called: the name beside it, or that of the key whose list it stands in."""
    return str(place.path[-1]) if isinstance(place.path[-1], str) else key.name


def _near(word: str, known: Collection[str]) -> str:
    closest = nearest(word.lower().replace("_", "-")[:80], known, 3)
    return f" (did you mean {closest}?)" if closest else ""


def _shown(value: object) -> str:
    text = str(value)
    return repr(text if len(text) <= 60 else f"{text[:60]}…")


def _kind(value: Any) -> str:
    """A value of the wrong type, in words."""
    if value is None:
        return "it is empty"
    if isinstance(value, bool):
        return f"{str(value).lower()} is no text"
    if isinstance(value, (list, dict)):
        return "this is a list" if isinstance(value, list) else "this is a map"
    return f"{_shown(value)} is a {'text' if isinstance(value, str) else 'number'}"


MAX_BYTES = 256 * 1024
"""Largest file that is read, in bytes."""
MOST_PROBLEMS = 20
"""So many are told of."""


class SettingsError(Exception):
    """A file of settings that cannot be used; the text says why, a line for each problem."""


def read_settings(content: bytes, file: str, folder: str, rules: Callable[[], Collection[str]]) -> Settings:
    """Read the content of a `.lblint.yml`.

    `file` is its name for messages, `folder` the absolute path of its folder, `rules` gives the ids that there are.
    Raises `SettingsError`, whatever the content is.
    """
    if len(content) > MAX_BYTES:
        raise SettingsError(f"{file}: the file has {len(content)} bytes; settings have at most {MAX_BYTES}")
    source = read(content, file)
    if source.unchecked:
        raise SettingsError(f"{file}: {source.unchecked}")
    reader = Reader(source, rules)
    for fault in source.faults:
        if not isinstance(fault, BooleanWord):
            reader.refuse(fault.place, _FAULTS.get(type(fault)) or _parser_message(fault))
    values = {}
    if not reader.problems and source.data is not None:
        values = reader.table(Place(file), source.data, KEYS)
    if reader.problems:
        raise SettingsError("\n".join(reader.problems[:MOST_PROBLEMS]))
    return _settings(values, file, folder)


def _parser_message(fault: Fault) -> str:
    """The words of the parser, without the line, which the report has."""
    words = fault.docker.removeprefix("yaml: ")
    return words.partition(": ")[2] if words.startswith("line ") else words


_FAULTS = {
    SecondDocument: "a second document, which lblint does not read",
    ForeignTag: "a tag, which has no meaning here",
    TagMismatch: "a tag that does not fit its value",
    NonStringKey: "the key is not a string: quote it",
    DuplicateKey: "the key is written twice",
    InvalidMerge: "<< needs a map, or a list of maps",
    AliasBomb: "aliases multiply the size of the file",
}


def _settings(values: Mapping[str, Any], file: str, folder: str) -> Settings:
    interlock = values.get("interlock", {})
    stacks = values.get("stacks", ())
    severities = values.get("rules", {})
    return Settings(
        file=file,
        folder=folder,
        names=tuple(values.get("stack-names", {}).items()),
        stacks=tuple(StackFiles(stack["name"], tuple(stack["files"]), _variables(stack)) for stack in stacks),
        client=values.get("client", ""),
        version=parse_version(interlock.get("version", "")),
        config=interlock.get("config", ""),
        site=Site(
            file=file,
            domains=tuple(domain.lower() for domain in values.get("domains", ())),
            clusters=tuple(values.get("service-clusters", ())),
            networks=tuple(values.get("proxy-networks", ())),
            access={
                "" if name == "default" else name: tuple(table["access"])
                for name, table in values.get("clusters", {}).items()
                if "access" in table
            },
            publish_mode=interlock.get("publish-mode", ""),
        ),
        variables=_variables(values),
        severities={
            rule: None if severity == "off" else Severity[severity.upper()] for rule, severity in severities.items()
        },
        exclude=tuple(values.get("exclude", ())),
        baseline=values.get("baseline", ""),
        fail_on=values.get("fail-on", ""),
        max_findings=values.get("max-findings"),
    )


def _variables(values: Mapping[str, Any]) -> Variables:
    return Variables(values.get("env", {}), values.get("env-file", ""))
