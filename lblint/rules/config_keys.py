"""Rules on the keys and tables of Interlock's config.toml."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lblint.finding import Breaks, Edit, Fault, Fix, Hit, Place, Severity
from lblint.interlock import config_keys
from lblint.interlock.config import InterlockConfig
from lblint.interlock.version import reached
from lblint.rules import _fixes, rule
from lblint.rules._interlock import CORE_STOPS, named
from lblint.rules._spelling import near


@rule(on=InterlockConfig, severity=Severity.ERROR, breaks=Breaks.DEPLOY, consequence=CORE_STOPS)
def toml_syntax(config: InterlockConfig) -> Iterator[Hit]:
    """Interlock's config is no TOML.

    The core reads its config as TOML and stops where it cannot. What is wrong stands at the position, or on the line
    before it: a text without quotes, a quote or bracket that is not closed, two keys of one name, `:` in place of `=`.
    """
    for fault in config.faults:
        if fault.kind != "toml.syntax":
            continue
        problem, line = str(fault.facts["problem"]), str(fault.facts["line"])
        if "first" in fault.facts:
            yield Hit(fault.place, f"{problem}: it is on line {fault.facts['first']} already", "one of the two")
        else:
            yield Hit(fault.place, f"no TOML: {problem}", _toml_help(problem, line))


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
    for fault in config.faults:
        if fault.kind == "config.version-1":
            sign = fault.facts["sign"]
            yield Hit(
                fault.place,
                f"{sign} is of Interlock 1: Interlock 2 and 3 read a table for each extension",
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
    for fault in config.faults:
        if fault.kind == "config.unknown-key" and not _misspelt_extensions(fault):
            yield _hit(fault)


def _misspelt_extensions(fault: Fault) -> bool:
    """Whether a key is the table of all extensions, misspelt: `[Extension.dev]`."""
    key = str(fault.facts.get("key", "")).lower()
    return fault.kind == "config.unknown-key" and not fault.facts["table"] and near(key, ("extensions",)) is not None


def _hit(fault: Fault) -> Hit:
    key, table = str(fault.facts["key"]), str(fault.facts["table"])
    where = f"[{table}]" if table else "Interlock's config"
    known, elsewhere = fault.facts["known"], fault.facts["elsewhere"]
    assert isinstance(known, tuple)
    assert isinstance(elsewhere, list)
    if elsewhere:
        homes = [home for home in elsewhere if "HAProxy" not in home] or elsewhere
        return Hit(fault.place, f"{key} is no key of {where}", f"it {' or '.join(homes)}")
    lower = {name.lower(): name for name in known}
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
    for fault in config.faults:
        if fault.kind == "config.twice":
            key, other = fault.facts["key"], fault.facts["other"]
            says = f"{key} is the same key as {other} above: case makes no difference"
            yield Hit(fault.place, says, "one of the two")


@rule(on=InterlockConfig, severity=Severity.ERROR, breaks=Breaks.DEPLOY, consequence=CORE_STOPS)
def interlock_value_type(config: InterlockConfig) -> Iterator[Hit]:
    """A value of Interlock's config that is not of the type of its key.

    A number in quotes is a text, `true` in quotes too, and a list stands in brackets even if it has one item. The core
    decodes the file into fixed types, and stops at a value that does not fit.
    """
    for fault in config.faults:
        if fault.kind == "config.type":
            facts = fault.facts
            says = f"{facts['key']} is {facts['wanted']}, and this is {facts['found']}"
            yield Hit(fault.place, says, _type_help(facts), fixes=_fix(facts, fault.place))


def _type_help(facts: Mapping[str, object]) -> str:
    wanted, value = facts["wanted"], facts["value"]
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


def _fix(facts: Mapping[str, object], place: Place) -> tuple[Fix, ...]:
    """The same as a number, as true or false, as a text, or as a list."""
    wanted, value = facts["wanted"], facts["value"]
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
    title = f"write {_type_help(facts)}" if new != [value] else "write it in brackets"
    return (Fix(title, (Edit("write", place, new),)),)


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
    misspelt = [fault for fault in config.faults if _misspelt_extensions(fault)]
    for fault in misspelt:
        fixes = _fixes.rename(fault.place.on_key(), "Extensions")
        says = f"{fault.facts['key']} is not a key of Interlock's config: the proxies in it are missing"
        yield Hit(fault.place, says, "Extensions", fixes=fixes)
    for fault in config.faults if not misspelt else ():
        if fault.kind == "config.no-extension":
            says = "the config has no extension, and each proxy is one"
            yield Hit(fault.place, says, "[Extensions.default] and its keys")


@rule(on=InterlockConfig, severity=Severity.ERROR, breaks=Breaks.DEPLOY, consequence=CORE_STOPS)
def interlock_without_replicas(config: InterlockConfig) -> Iterator[Hit]:
    """An extension of Interlock does not say how many proxies it has.

    `ProxyReplicas` has no default: without it the core crashes (docker/docs issue 8051). The file that UCP generates
    has 2; in host mode there must not be more than nodes for them.
    """
    mistyped = {
        fault.place.path[:2]
        for fault in config.faults
        if fault.kind == "config.type" and fault.facts["key"] == "ProxyReplicas"
    }
    for fault in config.faults:
        if fault.kind == "config.only-tables":
            name, owner = fault.facts["name"], fault.facts["owner"]
            yield Hit(
                fault.place,
                f"[Extensions.{name}] has only sub-tables: do they belong to [Extensions.{owner}]? As an extension "
                "of its own it crashes the core",
                f"[Extensions.{owner}.…] in their headers",
            )
    for extension in config.extensions:
        if "proxyreplicas" not in extension.own and extension.place.path not in mistyped:
            says = f"{named(extension)} has no ProxyReplicas: the core crashes"
            yield Hit(extension.place, says, "ProxyReplicas = 2")
