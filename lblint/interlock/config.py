"""Interlock's own config.toml: its core, and its extensions, each of which is a proxy with its settings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lblint.finding import Fault, Path, Place, RunningService, Severity, of_kind
from lblint.interlock import config_keys
from lblint.interlock.config_faults import (
    ConfigOfVersion1,
    DuplicateConfigKey,
    NoExtension,
    OnlySubTables,
    UnknownConfigKey,
    WrongConfigType,
)
from lblint.interlock.config_keys import Key, Table
from lblint.interlock.value_problems import Problem
from lblint.interlock.version import Version, parse_version
from lblint.records import NamedTuple
from lblint.source import Source
from lblint.stack.constraint import Constraint, parse_constraint

MOST_EXTENSIONS = 200
"""So many extensions are read; each is a service of its own, so that no Swarm has as many."""

MOST_FAULTS = 200
"""So many unknown keys and wrong types are told of; a file with more is no config."""


class Setting(NamedTuple):
    """A key of the table that is set, with a value of its type."""

    key: Key
    value: Any
    place: Place

    def problems(self) -> Iterator[tuple[Place, Problem]]:
        """What is wrong with the value, and where; for a list each of its items."""
        items = enumerate(self.value) if self.key.kind == config_keys.TEXTS else ((None, self.value),)
        for index, value in items:
            place = self.place if index is None else self.place.child(index)
            yield from ((place, problem) for problem in self.key.check(value))

    @property
    def sound(self) -> bool:
        """Whether nothing keeps the value from working."""
        return not any(problem.severity is Severity.ERROR for _, problem in self.problems())


class Extension(NamedTuple):
    """`[Extensions.<name>]`: one proxy. `own` and `config` hold what is set in it, by the key in lower case."""

    name: str
    place: Place
    own: Mapping[str, Setting]
    config: Mapping[str, Setting]

    def value(self, name: str) -> Any:
        """The value of a key of the extension, its default where it is not set."""
        setting = self.own.get(name.lower())
        return config_keys.EXTENSION[name.lower()].default if setting is None else setting.value

    def at(self, name: str) -> Place:
        """Where a key of the extension is set; the extension itself where it is not."""
        setting = self.own.get(name.lower())
        return self.place if setting is None else setting.place

    @property
    def cluster(self) -> str:
        """The service cluster that it serves; "" for services that name none."""
        return str(self.value("ServiceCluster"))

    @property
    def only_tables(self) -> bool:
        """Whether it has sub-tables, but no key of its own: they may be left under another extension's name."""
        tables = (config_keys.TABLE, config_keys.TABLES)
        return bool(self.own) and all(setting.key.kind in tables for setting in self.own.values())

    @property
    def haproxy(self) -> bool:
        """Whether the proxy is HAProxy and not nginx, by the names of its images."""
        return any("haproxy" in str(self.value(name)) for name in ("Image", "ProxyImage"))


class InterlockConfig(NamedTuple):
    """A config.toml. `sound` is False where it could not be read as one of Interlock 2 or 3 at all.

    `version` is the one that was given, or that all images of UCP or MKE in the file name; None where it is not known.
    """

    file: str
    core: Mapping[str, Setting]
    extensions: tuple[Extension, ...]
    faults: tuple[Fault, ...]
    sound: bool
    version: Version | None = None

    def extension(self, cluster: str) -> Extension | None:
        """The first extension that serves a service cluster."""
        return next((extension for extension in self.extensions if extension.cluster == cluster), None)

    def settings(self) -> Iterator[Setting]:
        """All that is set."""
        yield from self.core.values()
        for extension in self.extensions:
            yield from extension.own.values()
            yield from extension.config.values()

    def images(self) -> Iterator[tuple[Setting, Version]]:
        """The settings that name an image of UCP or MKE with a version as its tag, and that version."""
        for extension in self.extensions:
            for name in ("image", "proxyimage", "configimage"):
                setting = extension.own.get(name)
                repository, _, tag = str(setting.value).rpartition(":") if setting else ("", "", "")
                version = parse_version(tag) if repository.rpartition("/")[2].startswith("ucp-interlock-") else None
                if setting is not None and version is not None:
                    yield setting, version


def read_config(
    source: Source, version: Version | None = None, service: RunningService | None = None
) -> InterlockConfig:
    """Read a config.toml. Never raises; what cannot be used is left out, and told of in the faults.

    `version` is the version of UCP or MKE, where it is known otherwise than by the images. `service` is the one that
    runs with the config, where that is no file of the user's: all places lie in it then.
    """
    top = Place(service or source.name)
    faults = list(source.faults)
    data = source.data
    if not isinstance(data, dict):
        return InterlockConfig(source.name, {}, (), tuple(faults), False, version)
    extensions = next((value for key, value in data.items() if key.lower() == "extensions"), None)
    name = next((key for key in data if key.lower() == "extensions"), "Extensions")
    old = next((key for key in data if key.lower() in config_keys.OF_VERSION_1), None)
    if isinstance(extensions, list) or (old is not None and not isinstance(extensions, dict)):
        sign = f"[[{name}]]" if isinstance(extensions, list) else str(old)
        path: Path = (name,) if isinstance(extensions, list) else (str(old),)
        faults.append(ConfigOfVersion1(place=top.child(*path).on_key(), sign=sign))
        return InterlockConfig(source.name, {}, (), tuple(faults), False, version)
    core = dict(_settings(top, data, config_keys.CORE, "", faults))
    tables = []
    if isinstance(extensions, dict):
        for key, value in list(extensions.items())[:MOST_EXTENSIONS]:
            place = top.child(name, key).on_key()
            if isinstance(value, dict):
                tables.append(_extension(key, place, value, faults))
            else:
                faults.append(_wrong(place, key, config_keys.TABLES, value))
    whole = [extension for extension in tables if not extension.only_tables]
    for extension in [extension for extension in tables if extension.only_tables] if whole else ():
        before = [extension for extension in tables[: tables.index(extension)] if not extension.only_tables] or whole
        owner = next((extension for extension in reversed(before) if "config" not in extension.own), before[-1])
        faults.append(OnlySubTables(place=extension.place, name=extension.name, owner=owner.name))
    tables = whole or tables
    if not tables and not any(fault.place.path[:1] == (name,) for fault in of_kind(faults, WrongConfigType)):
        faults.append(NoExtension(place=Place(source.name, (name,), key=True)))
    read = InterlockConfig(source.name, core, tuple(tables), tuple(faults[:MOST_FAULTS]), True, version)
    versions = {named for _, named in read.images()}
    return read._replace(version=versions.pop()) if version is None and len(versions) == 1 else read


def _extension(name: str, place: Place, table: Mapping[str, Any], faults: list[Fault]) -> Extension:
    own = dict(_settings(place, table, config_keys.EXTENSION, f"Extensions.{name}", faults))
    extension = Extension(name, place, own, {})
    setting = own.get("config")
    if setting is None:
        return extension
    known = config_keys.HAPROXY if extension.haproxy else config_keys.NGINX
    config = _settings(setting.place, setting.value, known, f"Extensions.{name}.Config", faults)
    return extension._replace(config=dict(config))


def _settings(
    place: Place, table: Mapping[str, Any], known: Table, where: str, faults: list[Fault]
) -> Iterator[tuple[str, Setting]]:
    """What a table sets, by the key in lower case; the first of two that differ in case alone."""
    seen: dict[str, str] = {}
    place = place._replace(key=False)
    names = tuple(key.name for key in known.values())
    for name, value in table.items():
        at = place.child(name)
        key = known.get(name.lower())
        if key is None:
            elsewhere = [label for label, other in _TABLES if other is not known and name.lower() in other]
            faults.append(UnknownConfigKey(place=at.on_key(), key=name, table=where, known=names, elsewhere=elsewhere))
        elif key.name in seen:
            faults.append(DuplicateConfigKey(place=at.on_key(), key=name, other=seen[key.name]))
        else:
            seen[key.name] = name
            wrong = list(_mistyped(at, key, value))
            faults.extend(wrong)
            if not wrong:
                yield name.lower(), Setting(key, value, at)


_TABLES = (
    ("at the top of the file", config_keys.CORE),
    ("in [Extensions.<name>]", config_keys.EXTENSION),
    ("in [Extensions.<name>.Config]", config_keys.NGINX),
    ("in the Config of HAProxy", config_keys.HAPROXY),
)


def _mistyped(place: Place, key: Key, value: Any) -> Iterator[Fault]:
    """The parts of a value that are not of the key's type."""
    kind = key.kind
    if kind in (config_keys.TEXTS, config_keys.TABLE) and isinstance(
        value, list if kind == config_keys.TEXTS else dict
    ):
        items = enumerate(value) if isinstance(value, list) else value.items()
        yield from (_wrong(place.child(i), key.name, kind, item) for i, item in items if not isinstance(item, str))
    elif not (isinstance(value, _TYPES[kind]) and isinstance(value, bool) is (kind == config_keys.FLAG)):
        yield _wrong(place, key.name, kind, value)


_TYPES: Mapping[str, tuple[type, ...]] = {
    config_keys.TEXT: (str,),
    config_keys.NUMBER: (int,),
    config_keys.FLAG: (bool,),
    config_keys.TEXTS: (),
    config_keys.TABLE: (),
    config_keys.TABLES: (dict,),
    config_keys.EITHER: (str, int),
}


def _wrong(place: Place, key: str, wanted: str, value: Any) -> Fault:
    return WrongConfigType(place=place, key=key, wanted=wanted, given=_kind(value), value=value)


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false without quotes"
    kinds = (
        (str, config_keys.TEXT),
        (int, config_keys.NUMBER),
        (float, "a decimal number"),
        (list, "a list"),
        (dict, "a table"),
    )
    for types, name in kinds:
        if isinstance(value, types):
            return name
    return "a date or time"


def read(texts: Iterable[str]) -> list[Constraint]:
    """The constraints that a manager can read."""
    return [constraint for text in texts if isinstance(constraint := parse_constraint(text), Constraint)]


def apart(first: Iterable[str], other: Iterable[str]) -> bool:
    """Whether no node fulfils both lists: one wants a value that the other excludes, by asking for another or for any
    but that. Keys and values are compared without case (swarmkit constraint.NodeMatches)."""
    known: dict[str, tuple[set[str], set[str]]] = {}
    for constraint in read(first):
        wanted, excluded = known.setdefault(constraint.key.lower(), (set(), set()))
        (wanted if constraint.operator == "==" else excluded).add(constraint.value.lower())
    for constraint in read(other):
        wanted, excluded = known.get(constraint.key.lower(), (set[str](), set[str]()))
        value = constraint.value.lower()
        if value in excluded if constraint.operator == "==" else value in wanted:
            return True
        if constraint.operator == "==" and wanted - {value}:
            return True
    return False
