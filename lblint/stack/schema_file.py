"""The JSON Schema of stack files, all versions in one file, and the schema of one version that is derived from it.

`x-since` is the version that brought a key, a branch or a pattern; `x-from` and `x-until` map single keywords to the
first and the last version in which they hold.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from lblint.installation import shipped
from lblint.source import Timestamp
from lblint.stack.faults import GrammarError
from lblint.stack.go_printing import sprint
from lblint.stack.ports import check_ports
from lblint.stack.units import parse_duration

Schema = Mapping[str, Any]
Formats = Mapping[str, Callable[[Any], str]]
"""Formats of the schema, each with the function that returns why docker refuses a value, or ""."""


@cache
def read_schema() -> Schema:
    """Return the schema of all versions. Raises `UncheckedError` if the installation has none."""
    import json

    with open(os.path.join(shipped("schemas"), "stack.schema.json"), encoding="utf-8") as file:
        schema: Schema = json.load(file)
    return schema


def minor(version: str) -> int:
    """Return the minor version: 8 of `3.8`."""
    return int(version.partition(".")[2])


@cache
def derive(version: str) -> Schema:
    """Return the JSON Schema (draft 7) of one version, `3.0` to `3.13`.

    Its `$ref`s are replaced by what they refer to, its regular expressions are written for Python's `re`, and every
    `type` is a list. In the place of our own keywords it has `x-later`: what this version does not have yet, with the
    version that brought it, by keyword: `{"properties": {"init": "3.7"}}`, `{"oneOf": {"2": "3.2"}}`.
    """
    return _derived(read_schema(), minor(version), {})


_DROPPED = frozenset(("description", "definitions", "x-since", "x-from", "x-until"))


def _derived(schema: Schema, version: int, known: dict[str, Schema]) -> Schema:
    """Derive a part of the schema; `known` collects definitions, each of which is derived once."""
    if "$ref" in schema:
        ref = schema["$ref"]
        if ref not in known:
            known[ref] = _derived(_definition(ref), version, known)
        return known[ref]
    out: dict[str, Any] = {}
    later: dict[str, dict[str, str]] = {}
    for keyword, value in schema.items():
        if keyword in _DROPPED or not _holds(schema, keyword, version):
            continue
        if keyword in ("properties", "patternProperties", "oneOf"):
            parts: dict[str, Schema] = {}
            named = value.items() if keyword != "oneOf" else ((str(index), sub) for index, sub in enumerate(value))
            for name, sub in named:
                name = python_regex(name) if keyword == "patternProperties" else name
                if minor(sub.get("x-since", "3.0")) <= version:
                    parts[name] = _derived(sub, version, known)
                else:
                    later.setdefault(keyword, {})[name] = sub["x-since"]
            out[keyword] = list(parts.values()) if keyword == "oneOf" else parts
        elif keyword == "items":
            out[keyword] = _derived(value, version, known)
        elif keyword == "type":
            out[keyword] = [value] if isinstance(value, str) else value
        else:
            out[keyword] = value
    if later:
        out["x-later"] = later
    return out


def _holds(schema: Schema, keyword: str, version: int) -> bool:
    """Return whether a keyword of a schema is in force in a minor version."""
    first, last = schema.get("x-from", {}).get(keyword), schema.get("x-until", {}).get(keyword)
    return (first is None or minor(first) <= version) and (last is None or version <= minor(last))


def _definition(ref: str) -> Schema:
    definition: Schema = read_schema()["definitions"][ref.removeprefix("#/definitions/")]
    return definition


def python_regex(text: str) -> str:
    """Return a regular expression of the schema for Python's `re`, whose `$` also matches before a last line break."""
    return text.removesuffix("$") + r"\Z" * text.endswith("$")


def go_regex(text: str) -> str:
    """Return a regular expression as it stands in the schema again."""
    return text.removesuffix(r"\Z") + "$" * text.endswith(r"\Z")


def homes(key: str) -> tuple[tuple[str, str], ...]:
    """Return where a key of this name may stand, and since which version: (`services.*.deploy`, `3.0`), …"""
    return tuple(_index().get(key, {}).items())


@cache
def _index() -> Mapping[str, Mapping[str, str]]:
    index: dict[str, dict[str, str]] = {}
    for key, where, since in _homes(read_schema(), "", "3.0"):
        index.setdefault(key, {})[where] = since
    return index


def _homes(schema: Schema, where: str, since: str) -> Iterator[tuple[str, str, str]]:
    if "$ref" in schema:
        schema = _definition(schema["$ref"])
    for branch in schema.get("oneOf", ()):
        yield from _homes(branch, where, branch.get("x-since", since))
    prefix = f"{where}." if where else ""
    for name, sub in schema.get("properties", {}).items():
        first = sub.get("x-since", since)
        yield name, where, first
        yield from _homes(sub, prefix + name, first)
    for keys, sub in schema.get("patternProperties", {}).items():
        if keys != "^x-":
            yield from _homes(sub, f"{prefix}*", since)
    if "items" in schema:
        yield from _homes(schema["items"], f"{where}[]", since)


def duplicates(items: Sequence[Any]) -> Iterator[tuple[int, int]]:
    """Yield the index of each item that `uniqueItems` refuses, after that of the equal item before it.

    Docker compares the JSON of the items, with all numbers as floats. Takes time in proportion to the items.
    """
    seen: dict[object, int] = {}
    for index, item in enumerate(items):
        key = _comparable(item)
        if key in seen:
            yield seen[key], index
        seen[key] = index


def _comparable(value: Any) -> object:
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return (type(value) is bool, str(value) if isinstance(value, Timestamp) else value)
    if isinstance(value, dict):
        return ("{", tuple(sorted((key, _comparable(item)) for key, item in value.items())))
    if isinstance(value, list):
        return ("[", tuple(map(_comparable, value)))
    return ("#", float(value))


def _ports_refused(value: Any) -> str:
    return check_ports(value if isinstance(value, str) else str(_numerator(value)))


def _numerator(value: Any) -> Any:
    """Return the numerator of a number as a fraction, which is what docker looks at: 161 for the port 80.5."""
    from fractions import Fraction

    if not isinstance(value, float):
        return value
    return Fraction(sprint(value)).numerator if value - value == 0 else 0


def _duration_refused(value: Any) -> str:
    if not isinstance(value, str) or isinstance(value, Timestamp):
        return "not a text"
    result = parse_duration(value)
    return result.told if isinstance(result, GrammarError) else ""


FORMATS: Formats = {"ports": _ports_refused, "duration": _duration_refused}
"""Those that docker checks. They are asked about values of the types that stand beside them in the schema."""
