"""What jsonschema finds wrong in a stack file, told as docker tells it.

jsonschema takes longer to import than a file takes to check, so this module is imported for files with errors only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from lblint.finding import Fault, Path, Place
from lblint.records import NamedTuple
from lblint.stack.faults import (
    DuplicateItem,
    InvalidFormat,
    InvalidName,
    KeyTooNew,
    MissingKey,
    NotAllowed,
    TooSmall,
    UnknownKey,
    WrongType,
)
from lblint.stack.interpolation import NoList
from lblint.stack.schema_file import Formats, Schema, duplicates, go_regex, homes

if TYPE_CHECKING:
    from jsonschema import FormatChecker, ValidationError
    from jsonschema.protocols import Validator


class Context(NamedTuple):
    """What the faults are made with: the file's name and its version."""

    file: str
    version: str

    def at(self, path: Path, description: str) -> tuple[Place, str]:
        """Return the place of a value, and docker's message if this is its only error: the path in dots, then why."""
        return Place(self.file, path), f"{dotted(path)} {description}"

    def at_key(self, path: Path, description: str) -> tuple[Place, str]:
        """The same for a key; docker's message has the path of its mapping."""
        return Place(self.file, path, key=True), f"{dotted(path[:-1])} {description}"


def dotted(path: Path) -> str:
    """Return a path as docker's schema errors print it."""
    return ".".join(map(str, path)) or "(root)"


def find_faults(
    schema: Schema, data: Mapping[str, Any], formats: Formats, file: str = "", version: str = ""
) -> list[Fault]:
    """Return what a derived schema refuses in plain data, in the order of the data; `formats` are those to check."""
    validator = _validator_class()(schema, format_checker=_format_checker(formats))
    context = Context(file, version)
    faults = (fault for error in validator.iter_errors(data) for fault in _faults(error, context))
    # Of two keys that a mapping lacks, jsonschema has an error each, and neither says which of the two it is of.
    different = {(fault.place, type(fault), fault.docker): fault for fault in faults}
    return sorted(different.values(), key=_document_order(data))


@cache
def _validator_class() -> type[Validator]:
    """Return jsonschema's validator of draft 7, with docker's view of types and of equality."""
    from jsonschema import Draft7Validator
    from jsonschema.validators import extend

    types = Draft7Validator.TYPE_CHECKER.redefine_many(
        {
            "array": lambda _, value: isinstance(value, list) and not isinstance(value, NoList),
            "null": lambda _, value: value is None or isinstance(value, NoList),
        }
    )
    made: type[Validator] = extend(  # type: ignore[no-untyped-call]
        Draft7Validator, validators={"uniqueItems": _unique_items}, type_checker=types
    )
    return made


def _unique_items(validator: Any, unique: bool, items: Any, schema: Schema) -> Iterator[ValidationError]:
    """Yield an error if a list has equal items, as a keyword of jsonschema.

    jsonschema's own function compares numbers exactly, which docker does not, and each mapping with each other one.
    """
    from jsonschema import ValidationError

    if unique and validator.is_type(items, "array") and any(duplicates(items)):
        yield ValidationError("the items are not unique")


def _format_checker(formats: Formats) -> FormatChecker:
    """Return a checker of these formats only; docker's reason is the cause of its errors."""
    from jsonschema import FormatChecker

    def raising(reason_of: Callable[[Any], str]) -> Callable[[object], bool]:
        def check(value: object) -> bool:
            reason = reason_of(value)
            if reason:
                raise ValueError(reason)
            return True

        return check

    checker = FormatChecker(formats=())
    for name, reason_of in formats.items():
        checker.checks(name, raises=ValueError)(raising(reason_of))
    return checker


def _faults(error: Any, context: Context) -> Iterator[Fault]:
    """Yield the faults of a jsonschema.ValidationError."""
    # Any: types-jsonschema declares that each attribute may be unset, which none is once jsonschema has yielded it.
    path: Path = tuple(error.absolute_path)
    schema: Schema = error.schema
    value, wanted = error.instance, error.validator_value
    if error.validator == "type":
        yield _wrong_type(path, value, wanted, wanted, context)
    elif error.validator == "oneOf":
        yield from _no_branch(error, path, context)
    elif not any(_is_of_type(value, name) for name in schema.get("type", _TYPES)):
        return  # the wrong type is an error of its own, and the other keywords mean values of the right one
    elif error.validator == "additionalProperties":
        unknown = [key for key in value if not _is_known(schema, key)]
        yield from (_unknown_key(schema, key, value[key], (*path, key), context) for key in unknown)
    elif error.validator == "required":
        for key in (key for key in wanted if key not in value):
            place, message = context.at(path, f"{key} is required")
            yield MissingKey(place=place, docker=message, key=key)
    elif error.validator == "uniqueItems":
        for first, second in duplicates(value):
            place, message = context.at_key((*path, second), f"array items[{first},{second}] must be unique")
            yield DuplicateItem(place=place, docker=message, value=value[second], first=first)
    elif error.validator == "enum":
        description = f"{dotted(path)} must be one of the following: {', '.join(map(_json, wanted))}"
        place, message = context.at(path, description)
        yield NotAllowed(place=place, docker=message, value=value, allowed=list(wanted))
    elif error.validator == "minimum":
        place, message = context.at(path, f"Must be greater than or equal to {wanted}")
        yield TooSmall(place=place, docker=message, value=value, minimum=wanted)
    elif error.validator == "format":
        place, message = context.at(path, f"Does not match format '{wanted}'")
        yield InvalidFormat(place=place, docker=message, value=value, format=wanted, reason=str(error.cause))
    else:
        raise NotImplementedError(f"the schema of stack files has a keyword without words: {error.validator}")


_TYPES = ("null", "boolean", "integer", "number", "string", "array", "object")
"""The types of JSON, `integer` before `number`."""
_NAMES = {"object": "mapping", "array": "list"}
"""The types that docker calls otherwise."""


def _is_of_type(value: object, name: str) -> bool:
    return _validator_class().TYPE_CHECKER.is_type(value, name)


def _no_branch(error: Any, path: Path, context: Context) -> Iterator[Fault]:
    """Yield the faults of the branch of a oneOf that was meant: the branches differ in type, and one is of the value's.

    If none is, the value has the wrong type.
    """
    branches = error.validator_value
    mistyped = (sub for sub in error.context if sub.validator == "type" and not sub.relative_path)
    refused = {sub.relative_schema_path[0] for sub in mistyped}
    for sub in error.context:
        if sub.relative_schema_path[0] not in refused:
            yield from _faults(sub, context)
    if len(refused) == len(branches):
        every = [name for branch in branches for name in branch["type"]]
        # Before the version that brought a branch, docker's schema had a list of types in the place of the oneOf.
        late = "oneOf" in error.schema.get("x-later", {})
        yield _wrong_type(path, error.instance, every, every[::-1] if late else branches[0]["type"], context)


def _wrong_type(path: Path, value: object, expected: list[str], named: list[str], context: Context) -> Fault:
    """Return the fault of a value that is of none of the `expected` types; docker's message has those in `named`."""
    words = [_NAMES.get(name, name) for name in named]
    types = words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
    every = [_NAMES.get(name, name) for name in expected]
    kind = next(name for name in _TYPES if _is_of_type(value, name))
    place, message = context.at(path, f"must be a {types}")
    return WrongType(place=place, docker=message, expected=every, given=_NAMES.get(kind, kind), value=value)


def _is_known(schema: Schema, key: str) -> bool:
    return key in schema.get("properties", {}) or _matches(schema.get("patternProperties", {}), key) is not None


def _matches(patterns: Iterable[str], key: str) -> str | None:
    """Return the first regular expression that matches in a key."""
    return next((text for text in patterns if re.search(text, key)), None)


def _unknown_key(schema: Schema, key: str, value: object, path: Path, context: Context) -> Fault:
    place, message = context.at_key(path, f"Additional property {key} is not allowed")
    properties: Mapping[str, Schema] = schema.get("properties", {})
    later: Mapping[str, Mapping[str, str]] = schema.get("x-later", {})
    patterns = later.get("patternProperties", {})
    since = later.get("properties", {}).get(key) or patterns.get(_matches(patterns, key) or "")
    if since:
        return KeyTooNew(place=place, docker=message, key=key, since=since, version=context.version)
    if not properties:
        pattern = next(map(go_regex, schema.get("patternProperties", {})), "")
        return InvalidName(place=place, docker=message, key=key, pattern=pattern)
    return UnknownKey(
        place=place,
        docker=message,
        key=key,
        allowed=sorted(properties),
        elsewhere=[where for where, _ in homes(key)],
        inner=[name for name in value if isinstance(name, str)] if isinstance(value, dict) else [],
    )


def _json(value: object) -> str:
    import json

    return json.dumps(value, ensure_ascii=False)


def _document_order(data: Mapping[str, Any]) -> Callable[[Fault], tuple[float, ...]]:
    """Return a key to sort faults by: as the values stand in the data, what is wrong inside of a value before what is
    wrong with it as a whole (a missing key, two equal items)."""
    indexes: dict[int, dict[str, int]] = {}

    def order(fault: Fault) -> tuple[float, ...]:
        places: list[float] = []
        value: Any = data
        path = fault.place.path
        for step in path[:-1] if isinstance(fault, DuplicateItem) else path:
            if isinstance(value, dict):
                if id(value) not in indexes:
                    indexes[id(value)] = {key: index for index, key in enumerate(value)}
                places.append(indexes[id(value)][str(step)])
            else:
                places.append(int(step))
            value = value[step]
        return (*places, float("inf"))

    return order
