"""A value has the wrong type: a boolean, a number or nothing where docker wants text, a text where it wants a list.

YAML guesses types: `true` is a boolean, `80` a number, an empty place null. Labels and environment take text and
numbers, but no bare true or false. Sizes and CPUs are text, ports in the long form numbers. `labels:` or `networks:`
with nothing below it is refused, too.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Fault, Fix, Hit, Path, Severity
from lblint.rules import rule
from lblint.rules._variables import sound
from lblint.rules._words import shown
from lblint.stack import Stack, client

_ARTICLE = {"mapping": "a mapping", "list": "a list", "string": "text", "integer": "a whole number",
            "number": "a number", "boolean": "true or false", "null": "nothing"}  # fmt: skip
_TRUE = frozenset(("y", "yes", "on", "true"))
_FALSE = frozenset(("n", "no", "off", "false"))


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, needs=("schema.not-finite", "schema.type"))
def check(stack: Stack) -> Iterator[Hit]:
    legacy = client(stack.client).dialect == "v2"  # where `on` is a boolean too
    for fault in sound(stack):
        if fault.kind == "schema.not-finite":
            yield Hit(fault.place, f"{fault.facts['value']} is no value; docker: {fault.told}", "it in quotes")
        elif fault.kind == "schema.type":
            expected = [str(word) for word in _list(fault.facts["expected"])]
            value, given = fault.facts.get("value"), str(fault.facts["given"])
            said = f"{_said(value, given)}, and {_key(fault.place.path)} takes {_or(expected)}"
            advice = _advice(fault, value, given, expected, legacy)
            yield Hit(fault.place, f"{said}; docker: {fault.told}", advice, fixes=_fixes(fault, value, given, expected))


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []


def _key(path: Path) -> str:
    if not path:
        return "a stack file"
    name = next((step for step in reversed(path) if isinstance(step, str)), "")
    return f"an item of {name}" if isinstance(path[-1], int) else f"'{name}'"


def _or(expected: list[str]) -> str:
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


def _advice(fault: Fault, value: object, given: str, expected: list[str], legacy: bool) -> str:
    path = fault.place.path
    text = str(value)
    if path == ("version",):
        return f'"{text}" in quotes'
    if given == "null":
        return "what belongs below it, or no key at all" if "string" not in expected else 'a value, or ""'
    if path[-1:] == ("depends_on",) and given == "mapping":
        return "a list of the services' names; docker ignores it in any case"
    if given in ("boolean", "integer", "number") and "string" in expected:
        return "the word in quotes" if legacy and given == "boolean" else f'"{shown(value)}" in quotes'
    if given == "string" and "boolean" in expected:
        word = "true" if text.lower() in _TRUE else "false" if text.lower() in _FALSE else "true or false"
        return f"{word}, without quotes"
    if given == "string" and ("integer" in expected or "number" in expected):
        if text.strip().lstrip("-").isdecimal():
            return f"{text.strip()}, without quotes"
        return "the number alone; a deeper indented line below it belongs to the value, too"
    if path[-2:] == ("labels", "labels"):
        return "`labels:` once, with all labels below it"
    if given == "mapping" and "string" in expected and isinstance(path[-1] if path else "", int):
        return _pair(value, path)
    if given == "string" and "list" in expected:
        return f'a list: ["{text}"]' if len(text) < 40 else "a list, `- ` in front of each item"
    if given == "string" and "mapping" in expected:
        return "`key: value` lines below it"
    if given == "list" and expected == ["mapping"]:
        return "`name:` lines below it, without `- `"
    return f"{_or(expected)}"


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


def _fixes(fault: Fault, value: object, given: str, expected: list[str]) -> tuple[Fix, ...]:
    """The same value as text, as a boolean, as a number, or in a list."""
    from lblint.rules._mend import pair_item, quoted, remove, write

    place, text = fault.place, str(value).strip()
    if given in ("boolean", "integer", "number") and "string" in expected:
        return quoted(place)
    if given == "mapping" and "string" in expected:
        return pair_item(place, value)
    if given == "mapping" and place.path[-1:] == ("depends_on",) and isinstance(value, dict):
        return write(place, list(value), safe=False, title="write the names as a list")
    if given == "null" and "string" not in expected and place.path[0] == "services" and len(place.path) > 2:
        return remove(place, "the empty key", safe=False)
    if given != "string" or "$" in text:
        return ()
    if "boolean" in expected:
        return write(place, text.lower() in _TRUE) if text.lower() in _TRUE | _FALSE else ()
    if "integer" in expected and text.isascii() and text.isdecimal() and (text == "0" or text[0] != "0"):
        return write(place, int(text))
    if "list" in expected and text and not set(text) & set(" ,\n\t"):
        return write(place, [text], title=f"write [{text}]")
    return ()
