"""Rules on the keys and tables of Interlock's config.toml."""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Edit, Fix, Hit, Severity, of_kind
from lblint.interlock import config_keys
from lblint.interlock.config import InterlockConfig
from lblint.interlock.config_faults import (
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
from lblint.rules._wording import near
from lblint.source.faults import InvalidToml


@rule(on=InterlockConfig, severity=Severity.ERROR, breaks=Breaks.DEPLOY, consequence=CORE_STOPS)
def toml_syntax(config: InterlockConfig) -> Iterator[Hit]:
    """Interlock's config is not valid TOML.

    The core reads its config as TOML and stops if it cannot. The mistake is at the position or on the line above: a
    string without quotes, a quote or bracket that is not closed, two keys of one name, `:` instead of `=`.
    """
    for fault in of_kind(config.faults, InvalidToml):
        if fault.first:
            yield Hit(fault.place, f"{fault.problem}: it is already on line {fault.first}", "remove one of the two")
        else:
            yield Hit(fault.place, f"this is not valid TOML: {fault.problem}", _toml_help(fault.problem, fault.line))


def _toml_help(problem: str, line: str) -> str:
    if problem.startswith(("invalid value", "expected newline")) and "=" in line:
        return "quote the value if it is a string"
    if problem.startswith("expected '='"):
        return 'write <key> = <value>, and quote a key with characters other than letters, digits, "-" and "_"'
    if "not UTF-8" in problem or "byte order mark" in problem:
        return "save the file as UTF-8 without a byte order mark"
    return ""


@rule(on=InterlockConfig, severity=Severity.ERROR, breaks=Breaks.DEPLOY, consequence=CORE_STOPS)
def interlock_version_1_config(config: InterlockConfig) -> Iterator[Hit]:
    """The config is for Interlock 1; Interlock 2 and 3 do not read it.

    Interlock 1 had a list of extensions, `[[Extensions]]`, each with a `Name`. Since UCP 3.0 each extension is a
    table, `[Extensions.<name>]`, with the services of the extension and of the proxy; the settings of nginx are
    under `Config`.
    """
    for fault in of_kind(config.faults, ConfigOfVersion1):
        yield Hit(
            fault.place,
            f"{fault.sign} is for Interlock 1; Interlock 2 and 3 read a table for each extension",
            "write [Extensions.default] with ServiceName, ProxyServiceName and ProxyReplicas, and "
            "[Extensions.default.Config] for nginx",
        )


@rule(
    on=InterlockConfig,
    severity=Severity.WARNING,
    breaks=Breaks.NOTHING,
    consequence="Interlock ignores the setting without a warning",
)
def interlock_key_unknown(config: InterlockConfig) -> Iterator[Hit]:
    """A key of Interlock's config is not documented, or not for this table.

    The core ignores keys that it does not know, without a warning. Case does not matter; a misspelt key, or one in the
    wrong table, has no effect.
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
        return Hit(fault.place, f"{key} is not a key of {where}", f"move it {' or '.join(homes)}")
    lower = {name.lower(): name for name in fault.known}
    meant = near(key.lower(), lower)
    if meant is not None:
        fixes = _fixes.rename(fault.place.on_key(), lower[meant]) if _fixes.sole(key.lower(), lower, 2) == meant else ()
        return Hit(fault.place, f"{key} is not a key of {where}", f"write {lower[meant]}", fixes=fixes)
    return Hit(fault.place, f"{key} is not a documented key of {where}", severity=Severity.INFO)


@rule(
    on=InterlockConfig,
    severity=Severity.WARNING,
    breaks=Breaks.NOTHING,
    consequence="this version ignores the setting without a warning",
)
def interlock_key_of_other_version(config: InterlockConfig) -> Iterator[Hit]:
    """A key of Interlock's config does not exist in this version of UCP or MKE.

    Interlock ignores a key that its version does not know, without a warning. The version is that of
    `--interlock-version`, or of the images in the file. `Networks` and `HitlessServiceUpdate` came with Interlock 3.0
    (UCP 3.2.3 and 3.1.11). MKE 3.4.2 removed `ServerNamesHashBucketSize`, as it computes the size from the names.
    """
    version = config.version
    for setting in config.settings():
        key = setting.key
        place = setting.place.on_key()
        if reached(version, key.since) is False:
            yield Hit(place, f"{key.name} needs {key.since} or later, and {version} ignores it")
        elif key.gone and reached(version, key.gone):
            yield Hit(place, f"{key.name} was removed in {key.gone}, and {version} ignores it", f"remove {key.name}")
        elif key.gone and version is None:
            message = f"{key.name} was removed in {key.gone}, and later versions ignore it"
            yield Hit(place, message, f"remove {key.name} from that version on", severity=Severity.INFO)


@rule(
    on=InterlockConfig,
    severity=Severity.WARNING,
    breaks=Breaks.NOTHING,
    consequence="one of the two values is lost; which one is not documented",
)
def interlock_key_twice(config: InterlockConfig) -> Iterator[Hit]:
    """Two keys of one table in Interlock's config differ only in case.

    Interlock ignores the case of keys, so both set the same value. Which of the two it uses is not documented.
    """
    for fault in of_kind(config.faults, DuplicateConfigKey):
        says = f"{fault.key} and {fault.other} above are the same key, as case does not matter"
        yield Hit(fault.place, says, f"remove {fault.key} or {fault.other}")


@rule(on=InterlockConfig, severity=Severity.ERROR, breaks=Breaks.DEPLOY, consequence=CORE_STOPS)
def interlock_value_type(config: InterlockConfig) -> Iterator[Hit]:
    """A value of Interlock's config has the wrong type.

    A number or `true` in quotes is a string, and a list needs brackets even with one item. The core reads each key as a
    fixed type, and stops at a value of another type.
    """
    for fault in of_kind(config.faults, WrongConfigType):
        says = f"{fault.key} must be {fault.wanted}, not {fault.given}"
        yield Hit(fault.place, says, _type_help(fault), fixes=_fix(fault))


def _type_help(fault: WrongConfigType) -> str:
    wanted, value = fault.wanted, fault.value
    text = value.strip() if isinstance(value, str) else ""
    if wanted == config_keys.NUMBER and text.isascii() and text.isdecimal():
        return f"write {text.lstrip('0') or '0'}"
    if wanted == config_keys.FLAG and text.lower() in ("true", "false"):
        return f"write {text.lower()}"
    if wanted in (config_keys.TEXT, config_keys.TABLE) and isinstance(value, bool | int | float):
        return f'write "{str(value).lower() if isinstance(value, bool) else value}"'
    if wanted == config_keys.TEXTS and isinstance(value, str):
        return "write it in brackets"
    return ""


def _fix(fault: WrongConfigType) -> tuple[Fix, ...]:
    """The same as a number, as true or false, as a string, or as a list."""
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
    title = _type_help(fault)
    return (Fix(title, (Edit("write", fault.place, new),)),)


@rule(
    on=InterlockConfig,
    severity=Severity.ERROR,
    breaks=Breaks.PROXY,
    consequence="Interlock starts no proxy, so no route works",
)
def interlock_without_extension(config: InterlockConfig) -> Iterator[Hit]:
    """Interlock's config has no extension.

    Each extension is a proxy: `[Extensions.default]` and the keys under it. Without one, nothing is routed. Interlock
    does not read `[Extension.default]`, without the `s`.
    """
    misspelt = [fault for fault in of_kind(config.faults, UnknownConfigKey) if _misspelt_extensions(fault)]
    for fault in misspelt:
        fixes = _fixes.rename(fault.place.on_key(), "Extensions")
        says = f"{fault.key} is not a key of Interlock's config, so the proxies under it are missing"
        yield Hit(fault.place, says, "write Extensions", fixes=fixes)
    for missing in of_kind(config.faults, NoExtension) if not misspelt else ():
        message = "the config has no extension, so there is no proxy"
        yield Hit(missing.place, message, "add [Extensions.default] and its keys")


@rule(on=InterlockConfig, severity=Severity.ERROR, breaks=Breaks.DEPLOY, consequence=CORE_STOPS)
def interlock_without_replicas(config: InterlockConfig) -> Iterator[Hit]:
    """An extension of Interlock has no ProxyReplicas.

    `ProxyReplicas` has no default: without it the core crashes (docker/docs issue 8051). The file that UCP generates
    has 2; in host mode there must not be more than there are nodes for them.
    """
    mistyped = {
        fault.place.path[:2] for fault in of_kind(config.faults, WrongConfigType) if fault.key == "ProxyReplicas"
    }
    for tables in of_kind(config.faults, OnlySubTables):
        yield Hit(
            tables.place,
            f"[Extensions.{tables.name}] has only sub-tables, so it is an extension without ProxyReplicas",
            f"write [Extensions.{tables.owner}.…] in the headers if they belong to [Extensions.{tables.owner}]",
        )
    for extension in config.extensions:
        if "proxyreplicas" not in extension.own and extension.place.path not in mistyped:
            yield Hit(extension.place, f"{named(extension)} has no ProxyReplicas", "add ProxyReplicas = 2")
