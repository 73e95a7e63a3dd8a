"""The JSON Schema of stack files, of all versions in one, and what is derived from it.

`x-since` is the version that brought a key, a branch or a pattern; `x-from` and `x-until` map single keywords to the
first and the last version in which they hold.
"""

from __future__ import annotations

import marshal
import os
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from lblint import kept
from lblint.lazy_re import pattern

Schema = Mapping[str, Any]


@cache
def whole() -> Schema:
    """The schema of all versions, read from the package or from the folder beside it."""
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    for folder in (os.path.join(here, "schemas"), os.path.join(os.path.dirname(here), "schemas")):
        path = os.path.join(folder, "stack.schema.json")
        if os.path.exists(path):
            schema: Schema = _data(path)
            return schema
    raise FileNotFoundError("stack.schema.json is missing from the installation")


def _data(path: str) -> Any:
    """What a file of JSON holds: what was kept of it, if it is as it was then, for JSON takes an import."""
    stat = os.stat(path)
    known = kept.DATA.get(path)
    if known is not None and known[:2] == (stat.st_mtime_ns, stat.st_size):
        return marshal.loads(known[2])
    import json

    with open(path, encoding="utf-8") as file:
        data = json.load(file)
    kept.DATA[path] = stat.st_mtime_ns, stat.st_size, marshal.dumps(data)
    kept.news.append("data")
    return data


def minor(version: str) -> int:
    """`3.8` → 8."""
    return int(version.partition(".")[2])


def has(schema: Schema, version: int) -> bool:
    """Whether a minor version knows a key, a branch or a pattern."""
    since = schema.get("x-since")
    return since is None or minor(since) <= version


def holds(schema: Schema, keyword: str, version: int) -> bool:
    """Whether a keyword of a schema is in force in a minor version."""
    first = schema.get("x-from", {}).get(keyword)
    last = schema.get("x-until", {}).get(keyword)
    return (first is None or minor(first) <= version) and (last is None or version <= minor(last))


@cache
def _definition(ref: str) -> Schema:
    found: Schema = whole()["definitions"][ref.removeprefix("#/definitions/")]
    return found


def resolve(schema: Schema) -> Schema:
    """Follow `$ref`."""
    while "$ref" in schema:
        schema = _definition(schema["$ref"])
    return schema


@cache
def regex(text: str) -> re.Pattern[str]:
    """A pattern of the schema; its `$` is the very end of the text, as in Go and unlike in Python."""
    return pattern(text.removesuffix("$") + r"\Z" * text.endswith("$"))


def homes(key: str) -> tuple[tuple[str, str], ...]:
    """Where a key of this name may stand, and since which version: (`services.*.deploy`, `3.0`), …"""
    return tuple(_index().get(key, {}).items())


@cache
def _index() -> Mapping[str, Mapping[str, str]]:
    index: dict[str, dict[str, str]] = {}
    for key, where, since in _homes(whole(), "", "3.0"):
        index.setdefault(key, {})[where] = since
    return index


def _homes(schema: Schema, where: str, since: str) -> Iterator[tuple[str, str, str]]:
    schema = resolve(schema)
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


def derive(version: str) -> dict[str, Any]:
    """The JSON Schema of one version, without our keywords and with the version's own keys only."""
    result = _derived(whole(), minor(version))
    result["title"] = f"Stack file, version {version}"
    return result


def _derived(schema: Schema, version: int) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for keyword, value in schema.items():
        if keyword in ("x-since", "x-from", "x-until") or not holds(schema, keyword, version):
            continue
        if keyword in ("properties", "patternProperties", "definitions"):
            out[keyword] = {
                (regex(name).pattern if keyword == "patternProperties" else name): _derived(sub, version)
                for name, sub in value.items()
                if has(sub, version)
            }
        elif keyword == "oneOf":
            out[keyword] = [_derived(sub, version) for sub in value if has(resolve(sub), version)]
        elif keyword == "items":
            out[keyword] = _derived(value, version)
        else:
            out[keyword] = value
    return out
