"""`.lblint.yml` -> settings, or everything that is wrong with it, each with its line and column."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from lblint.finding import Fault, Place, Severity
from lblint.interlock.site import Site
from lblint.interlock.version import parse_version
from lblint.settings.key_table import KEYS
from lblint.settings.model import Settings, StackFiles, Variables
from lblint.settings.reader import Reader
from lblint.source import read

MAX_BYTES = 256 * 1024
"""Largest file that is read, in bytes."""
MOST_PROBLEMS = 20
"""So many are told of."""
_HARMLESS = {"yaml.dialect"}
"""Faults that change nothing here: `off` is text."""


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
        if fault.kind not in _HARMLESS:
            reader.refuse(fault.place, _FAULTS.get(fault.kind) or _told(fault) or fault.kind)
    found = {}
    if not reader.problems and source.data is not None:
        found = reader.table(Place(file), source.data, KEYS)
    if reader.problems:
        raise SettingsError("\n".join(reader.problems[:MOST_PROBLEMS]))
    return _settings(found, file, folder)


def _told(fault: Fault) -> str:
    """The words of the parser, without the line that is said anyway."""
    words = fault.told.removeprefix("yaml: ")
    return words.partition(": ")[2] if words.startswith("line ") else words


_FAULTS = {
    "yaml.several-documents": "a second document, which nobody would read",
    "yaml.tag": "a tag, which means nothing here",
    "yaml.tag-value": "a tag that does not fit its value",
    "yaml.non-string-key": "the key is no text: put quotes around it",
    "yaml.duplicate-key": "the key stands twice",
    "yaml.merge": "<< needs a map, or a list of maps",
    "yaml.alias-bomb": "aliases that multiply",
}


def _settings(found: Mapping[str, Any], file: str, folder: str) -> Settings:
    interlock = found.get("interlock", {})
    stacks = found.get("stacks", ())
    severities = found.get("rules", {})
    return Settings(
        file=file,
        folder=folder,
        names=tuple(found.get("stack-names", {}).items()),
        stacks=tuple(StackFiles(one["name"], tuple(one["files"]), _variables(one)) for one in stacks),
        client=found.get("client", ""),
        version=parse_version(interlock.get("version", "")),
        config=interlock.get("config", ""),
        site=Site(
            file=file,
            domains=tuple(domain.lower() for domain in found.get("domains", ())),
            clusters=tuple(found.get("service-clusters", ())),
            networks=tuple(found.get("proxy-networks", ())),
            publish_mode=interlock.get("publish-mode", ""),
        ),
        variables=_variables(found),
        severities={rule: None if said == "off" else Severity[said.upper()] for rule, said in severities.items()},
        exclude=tuple(found.get("exclude", ())),
        baseline=found.get("baseline", ""),
        fail_on=found.get("fail-on", ""),
    )


def _variables(found: Mapping[str, Any]) -> Variables:
    return Variables(found.get("env", {}), found.get("env-file", ""))
