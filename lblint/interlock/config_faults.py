"""The kinds of faults in Interlock's config: one class each, for whoever writes a rule."""

from __future__ import annotations

from collections.abc import Sequence

from lblint.finding import Fault


class ConfigOfVersion1(Fault):
    """A config of Interlock 1, by its `sign`: the key or table that only this version has."""

    sign: str


class OnlySubTables(Fault):
    """An extension (`name`) that has only sub-tables, which may belong to the extension before it (`owner`)."""

    name: str
    owner: str


class NoExtension(Fault):
    """A config without extensions."""


class ConfigKeyFault(Fault):
    """A fault of a `key` of the config, as it was written."""

    key: str


class UnknownConfigKey(ConfigKeyFault):
    """A key that its `table` ("": the top of the file) does not have.

    `known` are the keys that it has, `elsewhere` the tables that have this one.
    """

    table: str
    known: Sequence[str]
    elsewhere: Sequence[str]


class DuplicateConfigKey(ConfigKeyFault):
    """A key that differs from an `other` one of its table in case alone."""

    other: str


class WrongConfigType(ConfigKeyFault):
    """A `value` that is not of the type of its key (`wanted`); `given` is its own, in words."""

    wanted: str
    given: str
    value: object
