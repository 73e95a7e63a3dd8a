"""Rules on the shape of a stack file: types, required keys, and values that docker cannot read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lblint.finding import Breaks, Edit, Fault, Fix, Hit, Path, Place, Severity, of_kind
from lblint.interlock import PREFIX
from lblint.rules import _fixes, rule
from lblint.rules._misplaced import is_section_in_services
from lblint.rules._spelling import near, shown
from lblint.rules._variables import sound, unset
from lblint.stack import Stack, client
from lblint.stack.faults import (
    InvalidFormat,
    MissingKey,
    NotAllowed,
    NotAMapping,
    NotFinite,
    RefusedValue,
    TooSmall,
    WrongType,
)


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY)
def not_a_mapping(stack: Stack) -> Iterator[Hit]:
    """The file is no mapping at its top, or holds nothing.

    A stack file has `services:` and the like at its top. A list, a text or an empty file is refused.
    """
    for fault in of_kind(stack.faults, NotAMapping):
        said = "the file holds nothing" if fault.empty else "this is no stack: its top is no mapping"
        yield Hit(fault.place, f"{said}; docker: {fault.docker}", "`services:`, and the services below it")


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY)
def missing_key(stack: Stack) -> Iterator[Hit]:
    """A key is missing that docker does not do without.

    A volume in the long form needs a `type`, a generic resource its `kind`. Docker refuses the file.
    """
    for fault in of_kind(stack.faults, MissingKey):
        if fault.key != "version":  # a file without version: version-unsupported
            yield Hit(fault.place, f"'{fault.key}' is missing; docker: {fault.docker}", f"`{fault.key}:`")


_ARTICLE = {"mapping": "a mapping", "list": "a list", "string": "text", "integer": "a whole number",
            "number": "a number", "boolean": "true or false", "null": "nothing"}  # fmt: skip
_DURATIONS = frozenset((
    "interval", "timeout", "start_period", "start_interval", "delay", "monitor", "window", "stop_grace_period",
))  # fmt: skip
"""Keys of health checks, updates, restarts and services that hold a duration; a number in it needs a unit."""
_TRUE = frozenset(("y", "yes", "on", "true"))
_FALSE = frozenset(("n", "no", "off", "false"))


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY)
def wrong_type(stack: Stack) -> Iterator[Hit]:
    """A value has the wrong type: a boolean, a number or nothing where docker wants text, a text where it wants a list.

    YAML guesses types: `true` is a boolean, `80` a number, an empty place null. Labels and environment take text and
    numbers, but no bare true or false. Sizes and CPUs are text, ports in the long form numbers. `labels:` or
    `networks:` with nothing below it is refused, too.
    """
    legacy = client(stack.client).dialect == "v2"  # where `on` is a boolean too
    for fault in sound(stack):
        if isinstance(fault, NotFinite):
            yield Hit(fault.place, f"{fault.value} is no value; docker: {fault.docker}", "it in quotes")
        elif isinstance(fault, WrongType):
            if is_section_in_services(fault) and fault.given != "null":
                yield _section_in_services(stack, fault)
                continue
            expected, value, given = fault.expected, fault.value, fault.given
            said = f"{_said(value, given)}, and {_key(fault.place.path)} takes {_or(expected)}"
            advice = _advice(fault, legacy)
            fixes = _type_fixes(fault)
            yield Hit(fault.place, f"{said}; docker: {fault.docker}", advice, fixes=fixes)


def _section_in_services(stack: Stack, fault: Fault) -> Hit:
    """A list of networks, volumes, secrets or configs that docker takes for a service."""
    section = str(fault.place.path[1])
    others = [service.key for service in stack.services if service.key != section]
    owner = others[0] if len(others) == 1 else "its service"
    said = f"`{section}:` is inside `services:`, so docker takes it for a service; docker: {fault.docker}"
    advice = f"move it under {owner}, one level deeper, or to the top level if it declares {section}"
    return Hit(fault.place.on_key(), said, advice)


def _key(path: Path) -> str:
    if not path:
        return "a stack file"
    name = next((step for step in reversed(path) if isinstance(step, str)), "")
    return f"an item of {name}" if isinstance(path[-1], int) else f"'{name}'"


def _or(expected: Sequence[str]) -> str:
    words = list(dict.fromkeys(_ARTICLE.get(word, word) for word in expected))
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _said(value: object, given: str) -> str:
    if given == "null":
        return "nothing stands here"
    if given == "boolean":
        return f"{shown(value)} is a boolean"
    return (
        f"{shown(value)} is {_ARTICLE.get(given, given)}"
        if given not in ("mapping", "list")
        else (f"{_ARTICLE[given]} stands here")
    )


def _advice(fault: WrongType, legacy: bool) -> str:
    path, value, given, expected = fault.place.path, fault.value, fault.given, fault.expected
    text = str(value)
    if path == ("version",):
        return f'"{text}" in quotes'
    if given == "list" and path[-2:-1] == ("labels",) and isinstance(value, list):
        return f"{path[-1]}: {','.join(map(str, value))}"
    if given == "null":
        return "what belongs below it, or no key at all" if "string" not in expected else 'a value, or ""'
    if path[-1:] == ("depends_on",) and given == "mapping":
        return "a list of the services' names; docker ignores it in any case"
    if _is_seconds(path, given):
        return f"{text}s, if seconds are meant"
    if given in ("boolean", "integer", "number") and "string" in expected:
        return "the word in quotes" if legacy and given == "boolean" else f'"{shown(value)}" in quotes'
    if given == "string" and "boolean" in expected:
        word = "true" if text.lower() in _TRUE else "false" if text.lower() in _FALSE else "true or false"
        return f"{word}, without quotes"
    if given == "string" and ("integer" in expected or "number" in expected):
        if text.strip().lstrip("-").isdecimal():
            return f"{text.strip()}, without quotes"
        return "the number alone; a deeper indented line below it belongs to the value, too"
    if (
        given == "list"
        and isinstance(value, list)
        and str(path[-1]) in (PREFIX + "hosts", PREFIX + "websocket_endpoints")
    ):
        return f'"{",".join(map(str, value))}"'
    if path[-2:] == ("labels", "labels"):
        return "`labels:` once, with all labels below it"
    if given == "mapping" and "string" in expected and isinstance(path[-1] if path else "", int):
        return _pair(value, path)
    if given == "string" and "list" in expected:
        return f'a list: ["{text}"]' if len(text) < 40 else "a list, `- ` in front of each item"
    if given == "string" and "mapping" in expected:
        return "`key: value` lines below it"
    if given == "list" and list(expected) == ["mapping"]:
        return "`name:` lines below it, without `- `"
    return f"{_or(expected)}"


def _is_seconds(path: Path, given: str) -> bool:
    """Whether a number is where a duration belongs."""
    return given in ("integer", "number") and path[:1] == ("services",) and path[-1] in _DURATIONS


def _pair(value: object, path: Path) -> str:
    """A `- key: value` item where a text is wanted."""
    pairs = list(value.items()) if isinstance(value, dict) else []
    if "env_file" in path:
        return "the path alone: stacks have no `required` and no `format`"
    if len(pairs) == 1 and isinstance(pairs[0][1], str | int | float):
        key, text = pairs[0]
        sign = "=" if any(step in ("labels", "environment", "args", "sysctls") for step in path) else ":"
        return f'"- {key}{sign}{shown(text).strip(chr(39))}", or all of them as `key: value` without `- `'
    return "text, or the keys without `- ` in front"


def _type_fixes(fault: WrongType) -> tuple[Fix, ...]:
    """The same value as text, as a boolean, as a number, or in a list."""
    value, given, expected = fault.value, fault.given, fault.expected
    place, text = fault.place, str(value).strip()
    if _is_seconds(place.path, given):
        return _fixes.write(place, f"{text}s") if given == "integer" and not text.startswith("-") else ()
    if given in ("boolean", "integer", "number") and "string" in expected:
        return _fixes.quoted(place)
    if given == "mapping" and "string" in expected:
        return _fixes.pair_item(place, value)
    if given == "mapping" and place.path[-1:] == ("depends_on",) and isinstance(value, dict):
        return _fixes.write(place, list(value), safe=False, title="write the names as a list")
    if given == "null" and "string" not in expected and place.path[0] == "services" and len(place.path) > 2:
        return _fixes.remove(place, "the empty key", safe=False)
    if given != "string" or "$" in text:
        return ()
    if "boolean" in expected:
        return _fixes.write(place, text.lower() in _TRUE) if text.lower() in _TRUE | _FALSE else ()
    if "integer" in expected and text.isascii() and text.isdecimal() and (text == "0" or text[0] != "0"):
        return _fixes.write(place, int(text))
    if "list" in expected and text and not set(text) & set(" ,\n\t"):
        return _fixes.write(place, [text], title=f"write [{text}]")
    return ()


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY)
def value_not_allowed(stack: Stack) -> Iterator[Hit]:
    """A word or a number that is not among those allowed.

    Docker refuses the file: `order` is start-first or stop-first, a size is not negative.
    """
    for fault in sound(stack):
        if isinstance(fault, NotAllowed):
            value, allowed = fault.value, [str(word) for word in fault.allowed]
            meant = near(str(value), allowed)
            advice = meant or " or ".join(allowed)
            fixes = _fixes.corrected(fault.place, str(value).lower(), allowed)
            yield Hit(
                fault.place, f"{shown(value)} is not allowed here; docker: {_once(fault.docker)}", advice, fixes=fixes
            )
        elif isinstance(fault, TooSmall):
            message = f"{shown(fault.value)} is too small; docker: {fault.docker}"
            yield Hit(fault.place, message, f"{fault.minimum} or more")


def _once(told: str) -> str:
    """Docker's words without the path that stands in them twice."""
    first, _, rest = told.partition(" ")
    return rest if rest.startswith(first) else told


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY)
def value_refused(stack: Stack) -> Iterator[Hit]:
    """A value that docker cannot read: a port, a duration, a size, a volume, a command.

    Ports are `[published:]target[/protocol]`, durations have a unit (`30s`, `1h30m`), sizes are numbers with b, k, m or
    g, volumes are `[source:]target[:options]`. Docker refuses the file.
    """
    for fault in sound(stack):
        if isinstance(fault, InvalidFormat):
            why = unset(stack, fault.place.file, fault.place.path)
            value = str(fault.value)
            what = {"ports": "port", "duration": "duration"}.get(fault.format, "value")
            said = f"{shown(fault.value)} is no {what}{why}: {fault.reason}; docker: {fault.docker}"
            yield Hit(fault.place, said, _format(value, what), fixes=_fix(fault.place, value, what))
        elif isinstance(fault, RefusedValue):
            why = unset(stack, fault.place.file, fault.place.path)
            crash = " (docker crashes on it)" if fault.panic else ""
            reason = fault.reason.removeprefix("panic: ")
            yield Hit(fault.place, f"docker cannot read this value{why}{crash}: {reason}", _decoded(fault, reason))


def _fix(place: Place, value: str, what: str) -> tuple[Fix, ...]:
    """Seconds, which a number without a unit mostly means."""
    if what != "duration" or not re.fullmatch(r"[0-9]{1,9}", value):
        return ()
    return (Fix(f"write {value}s", (Edit("write", place, f"{value}s"),), False),)


def _format(value: str, what: str) -> str:
    if what == "port":
        return '"published:target", both from 0 to 65535, such as "8080:80" or "53:53/udp"'
    if re.fullmatch(r"[0-9]+", value):
        return f"a unit: {value}s"
    return "a number with a unit: 30s, 1m30s, 2h"


def _decoded(fault: Fault, reason: str) -> str:
    path = [str(step) for step in fault.place.path]
    if "memory" in path or "shm_size" in path:
        return "a number with b, k, m or g: 512m"
    if path[-1:] in (["command"], ["entrypoint"]):
        return 'the closing quote, or a list: ["sh", "-c", "…"]'
    if "duration" in reason:
        digits = re.search(r'missing unit in duration "?([0-9]+)', reason)
        return f"a unit: {digits[1]}s" if digits else "a number with a unit: 30s, 1m30s, 2h"
    if "volumes" in path:
        return "source:target or source:target:ro"
    if "ports" in path:
        return '"published:target", such as "8080:80"'
    return ""
