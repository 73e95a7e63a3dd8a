"""Whether the data of a stack file fits the JSON Schema of its version, and every error if it does not.

Most files fit. A walk over the schema says so in less time than importing jsonschema takes; whatever it does not pass,
jsonschema judges. Source of the facts: docker/cli cli/compose/schema.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lblint.lazy_re import pattern
from lblint.source import Timestamp
from lblint.stack.interpolation import NoList
from lblint.stack.schema_file import FORMATS, Formats, Schema, derive, duplicates

if TYPE_CHECKING:
    from lblint.finding import Fault


def validate(data: Mapping[str, Any], version: str, file: str, legacy: bool = False) -> list[Fault]:
    """Return what the schema of a version (`3.0` … `3.13`) refuses in the plain data of a file, in its order.

    `legacy`: the format of ports is not checked, as in clients before 28.
    """
    schema = derive(version)
    formats = {name: check for name, check in FORMATS.items() if not (legacy and name == "ports")}
    if surely_valid(schema, data, formats):
        return []
    from lblint.stack.schema_errors import find_faults

    return find_faults(schema, data, formats, file, version)


_NAMES: Mapping[type, str] = {
    str: "string", Timestamp: "string", dict: "object", list: "array", NoList: "null", type(None): "null",
    bool: "boolean", int: "integer",
}  # fmt: skip
"""The JSON types of plain data; a float may be of two."""
_NONE: Mapping[str, Any] = {}


def surely_valid(schema: Schema, value: Any, formats: Formats) -> bool:
    """Return whether a value fits a derived schema. False: it does not, or this walk cannot tell.

    The branches of each `oneOf` differ in their types, so that a value that fits one fits no other.
    """
    branches = schema.get("oneOf")
    if branches is not None:
        return any(surely_valid(branch, value, formats) for branch in branches)
    name = _NAMES.get(type(value))
    if name is None:
        if type(value) is not float:
            return False
        name = "integer" if value.is_integer() else "number"
    types = schema.get("type")
    if types is not None and name not in types and not (name == "integer" and "number" in types):
        return False
    if name == "object":
        return _fits_object(schema, value, formats)
    if name == "array":
        items = schema.get("items")
        if items is not None and not all(surely_valid(items, item, formats) for item in value):
            return False
        return not schema.get("uniqueItems") or not any(duplicates(value))
    if "enum" in schema and value not in schema["enum"]:
        return False
    if "minimum" in schema and name in ("integer", "number") and value < schema["minimum"]:
        return False
    refused = formats.get(schema.get("format", ""))
    return refused is None or not refused(value)


def _fits_object(schema: Schema, value: Mapping[str, Any], formats: Formats) -> bool:
    properties = schema.get("properties", _NONE)
    patterns = schema.get("patternProperties", _NONE)
    closed = schema.get("additionalProperties") is False
    for key, item in value.items():
        sub = properties.get(key)
        allowed = sub is not None or not closed
        if sub is not None and not surely_valid(sub, item, formats):
            return False
        for text, sub in patterns.items():
            if pattern(text).search(key):
                allowed = True
                if not surely_valid(sub, item, formats):
                    return False
        if not allowed:
            return False
    return all(key in value for key in schema.get("required", ()))
