"""Rules on the keys and tables of Interlock's config.toml."""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Edit, Fix, Hit, Severity, of_kind
from lblint.interlock import config_keys
from lblint.interlock.config import InterlockConfig
from lblint.interlock.faults import (
    ConfigOfVersion1,
    DuplicateConfigKey,
    NoExtension,
    OnlySubTables,
    UnknownConfigKey,
    WrongConfigType,
)
from lblint.interlock.version import reached
from lblint.rules import _fixes, rule
from lblint.rules._interlock import CORE_STOPS, named
from lblint.rules._spelling import near
from lblint.source.faults import InvalidToml


@rule(on=InterlockConfig, severity=Severity.ERROR, breaks=Breaks.DEPLOY, consequence=CORE_STOPS)
def toml_syntax(config: InterlockConfig) -> Iterator[Hit]:
    """Interlock's config is no TOML.

    The core reads its config as TOML and stops where it cannot. What is wrong stands at the position, or on the line
    before it: a text without quotes, a quote or bracket that is not closed, two keys of one name, `:` in place of `=`.
    """
    for fault in of_kind(config.faults, InvalidToml):
        if fault.first:
            yield Hit(fault.place, f"{fault.problem}: it is on line {fault.first} already", "one of the two")
        else:
            yield Hit(fault.place, f"no TOML: {fault.problem}", _toml_help(fault.problem, fault.line))


def _toml_help(problem: str, line: str) -> str:
    if problem.startswith(("invalid value", "expected newline")) and "=" in line:
        return "quotes around a text; a number, true, false or a list without"
    if problem.startswith("expected '='"):
        return '<key> = <value>; quotes around a key with other characters than letters, digits, "-" and "_"'
    if "not UTF-8" in problem or "byte order mark" in problem:
        return "the file saved as UTF-8, without a byte order mark"
    return ""


@rule(on=InterlockConfig, severity=Severity.ERROR, breaks=Breaks.DEPLOY, consequence=CORE_STOPS)
def interlock_version_1_config(config: InterlockConfig) -> Iterator[Hit]:
    """A config of Interlock 1, which Interlock 2 and 3 do not read.

    Interlock 1 had its extensions as a list, `[[Extensions]]`, each with a `Name`. Since UCP 3.0 each extension is a
    table of its own, `[Extensions.<name>]`, with the services of extension and proxy, and the settings of nginx below
    `Config`.
    """
    for fault in of_kind(config.faults, ConfigOfVersion1):
        yield Hit(
            fault.place,
            f"{fault.sign} is of Interlock 1: Interlock 2 and 3 read a table for each extension",
            "[Extensions.default] with ServiceName, ProxyServiceName, ProxyReplicas, and "
            "[Extensions.default.Config] for nginx",
        )


@rule(
    on=InterlockConfig,
    severity=Severity.WARNING,
    breaks=Breaks.NOTHING,
    consequence="Interlock ignores the setting without a word",
)
def interlock_key_unknown(config: InterlockConfig) -> Iterator[Hit]:
    """A key of Interlock's config that its documentation does not have, or not in this table.

    The core ignores what it does not know, so that the setting has no effect and nobody says so. Keys match without
    regard to case; what is misspelt, or stands in the table around its own, is lost.
    """
    for fault in of_kind(config.faults, UnknownConfigKey):
        if not _misspelt_extensions(fault):
            yield _hit(fault)


def _misspelt_extensions(fault: UnknownConfigKey) -> bool:
    """Whether a key is the table of all extensions, misspelt: `[Extension.dev]`."""
    return not fault.table and near(fault.key.lower(), ("extensions",)) is not None


def _hit(fault: UnknownConfigKey) -> Hit:
    key, table = fault.key, fault.table
    where = f"[{table}]" if table else "Interlock's config"
    if fault.elsewhere:
        homes = [home for home in fault.elsewhere if "HAProxy" not in home] or fault.elsewhere
        return Hit(fault.place, f"{key} is no key of {where}", f"it {' or '.join(homes)}")
    lower = {name.lower(): name for name in fault.known}
    meant = near(key.lower(), lower)
    if meant is not None:
        fixes = _fixes.rename(fault.place.on_key(), lower[meant]) if _fixes.sole(key.lower(), lower, 2) == meant else ()
        return Hit(fault.place, f"{key} is no key of {where}", lower[meant], fixes=fixes)
    return Hit(fault.place, f"{key} is no key of {where} that is documented", severity=Severity.INFO)


@rule(
    on=InterlockConfig,
    severity=Severity.WARNING,
    breaks=Breaks.NOTHING,
    consequence="this version ignores the setting without a word",
)
def interlock_key_of_other_version(config: InterlockConfig) -> Iterator[Hit]:
    """A key of Interlock's config that this version of UCP or MKE does not have yet, or has no more.

    What a version does not know it ignores without a word. The version is that of `--interlock-version`, or of the
    images in the file. `Networks` and `HitlessServiceUpdate` came with Interlock 3.0 (UCP 3.2.3 and 3.1.11); since MKE
    3.4.2 `ServerNamesHashBucketSize` is gone, as the size is worked out from the names.
    """
    version = config.version
    for setting in config.settings():
        key = setting.key
        place = setting.place.on_key()
        if reached(version, key.since) is False:
            yield Hit(place, f"{key.name} is known from {key.since} on, and {version} ignores it")
        elif key.gone and reached(version, key.gone):
            yield Hit(place, f"{key.name} is gone since {key.gone}, and {version} ignores it", "no such key")
        elif key.gone and version is None:
            says = f"{key.name} is gone since {key.gone}, and later versions ignore it"
            yield Hit(place, says, "no such key, from that version on", severity=Severity.INFO)


@rule(
    on=InterlockConfig,
    severity=Severity.WARNING,
    breaks=Breaks.NOTHING,
    consequence="one of the two values is lost, and nobody says which",
)
def interlock_key_twice(config: InterlockConfig) -> Iterator[Hit]:
    """Two keys of one table in Interlock's config that differ in case alone.

    Interlock matches keys without regard to case, so that both set the same; which of the two it takes is not
    documented.
    """
    for fault in of_kind(config.faults, DuplicateConfigKey):
        says = f"{fault.key} is the same key as {fault.other} above: case makes no difference"
        yield Hit(fault.place, says, "one of the two")


@rule(on=InterlockConfig, severity=Severity.ERROR, breaks=Breaks.DEPLOY, consequence=CORE_STOPS)
def interlock_value_type(config: InterlockConfig) -> Iterator[Hit]:
    """A value of Interlock's config that is not of the type of its key.

    A number in quotes is a text, `true` in quotes too, and a list stands in brackets even if it has one item. The core
    decodes the file into fixed types, and stops at a value that does not fit.
    """
    for fault in of_kind(config.faults, WrongConfigType):
        says = f"{fault.key} is {fault.wanted}, and this is {fault.given}"
        yield Hit(fault.place, says, _type_help(fault), fixes=_fix(fault))


def _type_help(fault: WrongConfigType) -> str:
    wanted, value = fault.wanted, fault.value
    text = value.strip() if isinstance(value, str) else ""
    if wanted == config_keys.NUMBER and text.isascii() and text.isdecimal():
        return text.lstrip("0") or "0"
    if wanted == config_keys.FLAG and text.lower() in ("true", "false"):
        return text.lower()
    if wanted in (config_keys.TEXT, config_keys.TABLE) and isinstance(value, bool | int | float):
        return f'"{str(value).lower() if isinstance(value, bool) else value}"'
    if wanted == config_keys.TEXTS and isinstance(value, str):
        return '["…"]'
    return ""


def _fix(fault: WrongConfigType) -> tuple[Fix, ...]:
    """The same as a number, as true or false, as a text, or as a list."""
    wanted, value = fault.wanted, fault.value
    text = value.strip() if isinstance(value, str) else ""
    new: object = None
    if wanted == config_keys.NUMBER and text.isascii() and text.isdecimal() and len(text) < 10:
        new = int(text)
    elif wanted == config_keys.FLAG and text.lower() in ("true", "false"):
        new = text.lower() == "true"
    elif wanted == config_keys.TEXT and isinstance(value, bool | int):
        new = str(value).lower()
    elif wanted == config_keys.TEXTS and isinstance(value, str) and value:
        new = [value]
    if new is None:
        return ()
    title = f"write {_type_help(fault)}" if new != [value] else "write it in brackets"
    return (Fix(title, (Edit("write", fault.place, new),)),)


@rule(
    on=InterlockConfig,
    severity=Severity.ERROR,
    breaks=Breaks.PROXY,
    consequence="there is no proxy of it: none of its routes works",
)
def interlock_without_extension(config: InterlockConfig) -> Iterator[Hit]:
    """Interlock's config has no extension.

    Each extension is a proxy: `[Extensions.default]` and what is below it. At least one is needed for anything to be
    routed. In `[Extension.default]`, without the `s`, Interlock sees none.
    """
    misspelt = [fault for fault in of_kind(config.faults, UnknownConfigKey) if _misspelt_extensions(fault)]
    for fault in misspelt:
        fixes = _fixes.rename(fault.place.on_key(), "Extensions")
        says = f"{fault.key} is not a key of Interlock's config: the proxies in it are missing"
        yield Hit(fault.place, says, "Extensions", fixes=fixes)
    for missing in of_kind(config.faults, NoExtension) if not misspelt else ():
        says = "the config has no extension, and each proxy is one"
        yield Hit(missing.place, says, "[Extensions.default] and its keys")


@rule(on=InterlockConfig, severity=Severity.ERROR, breaks=Breaks.DEPLOY, consequence=CORE_STOPS)
def interlock_without_replicas(config: InterlockConfig) -> Iterator[Hit]:
    """An extension of Interlock does not say how many proxies it has.

    `ProxyReplicas` has no default: without it the core crashes (docker/docs issue 8051). The file that UCP generates
    has 2; in host mode there must not be more than nodes for them.
    """
    mistyped = {
        fault.place.path[:2] for fault in of_kind(config.faults, WrongConfigType) if fault.key == "ProxyReplicas"
    }
    for tables in of_kind(config.faults, OnlySubTables):
        yield Hit(
            tables.place,
            f"[Extensions.{tables.name}] has only sub-tables: do they belong to [Extensions.{tables.owner}]? As an "
            "extension of its own it crashes the core",
            f"[Extensions.{tables.owner}.…] in their headers",
        )
    for extension in config.extensions:
        if "proxyreplicas" not in extension.own and extension.place.path not in mistyped:
            says = f"{named(extension)} has no ProxyReplicas: the core crashes"
            yield Hit(extension.place, says, "ProxyReplicas = 2")
