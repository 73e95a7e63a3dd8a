"""Rules on the shape of a stack file: types and required keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lblint.finding import Breaks, Fault, Fix, Hit, Path, Severity, of_kind
from lblint.interlock import PREFIX
from lblint.rules import _fixes, rule
from lblint.rules._compose import compose_keys
from lblint.rules._misplaced import emptied_labels, is_section_in_services
from lblint.rules._variables import sound
from lblint.rules._wording import dotted, shown
from lblint.stack import Stack
from lblint.stack.faults import (
    MissingKey,
    NotAMapping,
    NotFinite,
    WrongType,
)


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY)
def not_a_mapping(stack: Stack) -> Iterator[Hit]:
    """The top level of the file is not a mapping, or the file is empty.

    A stack file has keys such as `services:` at its top. Docker refuses a list, a string or an empty file.
    """
    for fault in of_kind(stack.faults, NotAMapping):
        message = "the file is empty" if fault.empty else "the top level of a stack file must be a mapping"
        yield Hit(fault.place, message, "write `services:` and the services under it", docker=fault.docker)


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY)
def missing_key(stack: Stack) -> Iterator[Hit]:
    """A required key is missing.

    A volume in the long form needs a `type`, a generic resource a `kind`. Docker refuses the file.
    """
    for fault in of_kind(stack.faults, MissingKey):
        if fault.key != "version":  # a file without version: version-unsupported
            message = f"'{fault.key}' is missing in {dotted(fault.place.path)}"
            yield Hit(fault.place, message, f"add `{fault.key}:`", docker=fault.docker)


_ARTICLE = {"mapping": "a mapping", "list": "a list", "string": "a string", "integer": "a whole number",
            "number": "a number", "boolean": "true or false", "null": "empty"}  # fmt: skip
_DURATIONS = frozenset((
    "interval", "timeout", "start_period", "start_interval", "delay", "monitor", "window", "stop_grace_period",
))  # fmt: skip
"""Keys of health checks, updates, restarts and services that hold a duration; a number in it needs a unit."""
_TRUE = frozenset(("y", "yes", "on", "true"))
_FALSE = frozenset(("n", "no", "off", "false"))


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY)
def wrong_type(stack: Stack) -> Iterator[Hit]:
    """A value has the wrong type, such as a number where docker needs a string, or a string where it needs a list.

    YAML guesses types: `true` is a boolean, `80` is a number, a key without a value is null. Labels and environment
    take strings and numbers, but not an unquoted true or false. Sizes and CPUs are strings, ports in the long form are
    numbers. An empty `labels:` or `networks:` is refused, too.
    """
    of_compose, emptied = compose_keys(stack), emptied_labels(stack)
    for fault in sound(stack):
        if fault.place.on_key() in of_compose or fault.place.path in emptied:
            continue
        if isinstance(fault, NotFinite):
            yield Hit(fault.place, f"{fault.value} is not a value that docker accepts", "quote it", docker=fault.docker)
        elif isinstance(fault, WrongType):
            if is_section_in_services(fault) and fault.given != "null":
                yield _section_in_services(stack, fault)
                continue
            message = _type_message(fault)
            advice = _advice(fault)
            fixes = _type_fixes(fault)
            yield Hit(fault.place, message, advice, fixes=fixes, docker=fault.docker)


def _section_in_services(stack: Stack, fault: Fault) -> Hit:
    """A list of networks, volumes, secrets or configs that docker takes for a service."""
    section = str(fault.place.path[1])
    others = [service.key for service in stack.services if service.key != section]
    owner = others[0] if len(others) == 1 else "its service"
    message = f"`{section}:` is inside `services:`, so docker takes it for a service"
    help = f"move it under {owner}, one level deeper, or to the top level if it defines {section}"
    return Hit(fault.place.on_key(), message, help, docker=fault.docker)


def _or(expected: Sequence[str]) -> str:
    words = list(dict.fromkeys(_ARTICLE.get(word, word) for word in expected))
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _type_message(fault: WrongType) -> str:
    """Return which type a value must have, and which it has."""
    key, value, actual = dotted(fault.place.path), fault.value, fault.given
    if actual == "null":
        return f"{key} is empty; it must be {_or(fault.expected)}"
    if actual in ("mapping", "list"):
        return f"{key} must be {_or(fault.expected)}, not {_ARTICLE[actual]}"
    kind = "a boolean" if actual == "boolean" else _ARTICLE.get(actual, actual)
    return f"{key} must be {_or(fault.expected)}; {shown(value)} is {kind}"


def _advice(fault: WrongType) -> str:
    path, value, kind, expected = fault.place.path, fault.value, fault.given, fault.expected
    text = str(value)
    if path == ("version",):
        return "quote it"
    if kind == "list" and path[-2:-1] == ("labels",) and isinstance(value, list):
        return f"write {path[-1]}: {','.join(map(str, value))}"
    if kind == "null":
        return "add what belongs under it, or remove the key" if "string" not in expected else 'write a value, or ""'
    if path[-1:] == ("depends_on",) and kind == "mapping":
        return "write the names of the services as a list, which docker ignores"
    if _is_seconds(path, kind):
        return f"write {text}s if these are seconds"
    if kind in ("boolean", "integer", "number") and "string" in expected:
        return "quote it"
    if kind == "string" and "boolean" in expected:
        word = "true" if text.lower() in _TRUE else "false" if text.lower() in _FALSE else "true or false"
        return f"write {word} without quotes"
    if kind == "string" and ("integer" in expected or "number" in expected):
        if text.strip().lstrip("-").isdecimal():
            return f"write {text.strip()} without quotes"
        return "write the number alone; a more deeply indented line below belongs to the value"
    if (
        kind == "list"
        and isinstance(value, list)
        and str(path[-1]) in (PREFIX + "hosts", PREFIX + "websocket_endpoints")
    ):
        return f'write "{",".join(map(str, value))}"'
    if path[-2:] == ("labels", "labels"):
        return "write `labels:` once, with all labels under it"
    if kind == "mapping" and "string" in expected and isinstance(path[-1] if path else "", int):
        return _pair(value, path)
    if kind == "string" and "list" in expected:
        return f"write a list: [{text}]" if len(text) < 40 else "write a list, with `- ` before each item"
    if kind == "string" and "mapping" in expected:
        return "write `key: value` lines under it"
    if kind == "list" and list(expected) == ["mapping"]:
        return "write `name:` lines under it, without `- `"
    return f"write {_or(expected)}"


def _is_seconds(path: Path, kind: str) -> bool:
    """Whether a number is where a duration belongs."""
    return kind in ("integer", "number") and path[:1] == ("services",) and path[-1] in _DURATIONS


def _pair(value: object, path: Path) -> str:
    """A `- key: value` item where a string must be."""
    pairs = list(value.items()) if isinstance(value, dict) else []
    if "env_file" in path:
        return "write only the path: stacks have no `required` and no `format`"
    if len(pairs) == 1 and isinstance(pairs[0][1], list) and "labels" in path:
        return f"write - {pairs[0][0]}={','.join(map(str, pairs[0][1]))}"
    if len(pairs) == 1 and isinstance(pairs[0][1], str | int | float):
        key, text = pairs[0]
        sign = "=" if any(step in ("labels", "environment", "args", "sysctls") for step in path) else ":"
        return f"write - {key}{sign}{shown(text).strip(chr(39))}, or all items as `key: value` without `- `"
    return "write a string, or the keys without `- `"


def _type_fixes(fault: WrongType) -> tuple[Fix, ...]:
    """The same value as text, as a boolean, as a number, or in a list."""
    value, kind, expected = fault.value, fault.given, fault.expected
    place, text = fault.place, str(value).strip()
    if _is_seconds(place.path, kind):
        return _fixes.write(place, f"{text}s") if kind == "integer" and not text.startswith("-") else ()
    if kind in ("boolean", "integer", "number") and "string" in expected:
        return _fixes.quoted(place)
    if kind == "mapping" and "string" in expected:
        return _fixes.pair_item(place, value)
    if kind == "mapping" and place.path[-1:] == ("depends_on",) and isinstance(value, dict):
        return _fixes.write(place, list(value), safe=False, title="write the names as a list")
    if kind == "null" and "string" not in expected and place.path[0] == "services" and len(place.path) > 2:
        return _fixes.remove(place, "the empty key", safe=False)
    if kind != "string" or "$" in text:
        return ()
    if "boolean" in expected:
        return _fixes.write(place, text.lower() in _TRUE) if text.lower() in _TRUE | _FALSE else ()
    if "integer" in expected and text.isascii() and text.isdecimal() and (text == "0" or text[0] != "0"):
        return _fixes.write(place, int(text))
    if "list" in expected and text and not set(text) & set(" ,\n\t"):
        return _fixes.write(place, [text], title=f"write a list: [{text}]")
    return ()
