"""The schema of stack files as the walk over a file wants it: references followed, and of one version alone."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lblint.records import NamedTuple
from lblint.stack.schemafile import Schema, has, holds, regex, resolve


class Plan(NamedTuple):
    """A part of the schema, resolved, with what is in force in one version. `types` hold the kinds of values that are
    allowed; None where anything is; `limited`: a scalar has to be more than of the right type."""

    schema: Schema
    branches: list[Schema] | None
    types: tuple[str, ...] | None
    properties: Mapping[str, Schema]
    patterns: tuple[tuple[re.Pattern[str], Schema], ...]
    closed: bool
    required: tuple[str, ...]
    unique: bool
    format: str | None
    limited: bool


PLANS: dict[tuple[int, int], Plan] = {}
"""Plans by the identity of the part and the version. Parts are few, and live as long as the process."""


def planned(schema: Schema, version: int) -> Plan:
    """The plan of a part of the schema in a minor version; made once."""
    plan = PLANS.get((id(schema), version))
    if plan is None:
        plan = PLANS[id(schema), version] = _plan(schema, version)
    return plan


def listed(types: str | list[str]) -> list[str]:
    """The types of a schema as a list."""
    return [types] if isinstance(types, str) else types


def _plan(schema: Schema, version: int) -> Plan:
    found = resolve(schema)
    branches, types = found.get("oneOf"), found.get("type")
    allowed = None if types is None else (*listed(types), *(["integer"] if "number" in listed(types) else []))
    patterns = ((regex(text), sub) for text, sub in found.get("patternProperties", {}).items() if has(sub, version))

    def holding(keyword: str) -> bool:
        return keyword in found and holds(found, keyword, version)

    return Plan(
        found,
        None if branches is None else [branch for branch in map(resolve, branches) if has(branch, version)],
        allowed,
        {key: sub for key, sub in found.get("properties", {}).items() if has(sub, version)},
        tuple(patterns),
        found.get("additionalProperties") is False and holds(found, "additionalProperties", version),
        tuple(found["required"]) if holding("required") else (),
        bool(found.get("uniqueItems")) and holds(found, "uniqueItems", version),
        found["format"] if holding("format") else None,
        not found.keys().isdisjoint(("enum", "minimum", "format")),
    )
