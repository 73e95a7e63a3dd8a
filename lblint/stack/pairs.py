"""Keys and values, as a mapping or as a list of texts: labels, environments, options, hosts.

Source: docker/cli cli/compose/loader/loader.go transformMappingOrList, transformHostsList, toString.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from lblint.finding import Place
from lblint.stack.gonumber import sprint
from lblint.stack.grammar import GrammarError
from lblint.stack.made import At, Made, Mode, done, go_type, is_text


def text_map(value: Any, place: Place, mode: Mode) -> Made | GrammarError:
    if isinstance(value, dict):
        return done({key: At(_text(item), place.child(key)) for key, item in value.items()})
    return GrammarError(f"invalid type {go_type(value)} for map[string]string")


def _text(value: Any) -> str:
    return "" if value is None else sprint(value)


def pairs(value: Any, place: Place, mode: Mode) -> Made | GrammarError:
    return _mapping(value, place, _text, "")


def maybe_pairs(value: Any, place: Place, mode: Mode) -> Made | GrammarError:
    return _mapping(value, place, lambda item: None if item is None else sprint(item), None)


def _mapping(value: Any, place: Place, text: Callable[[Any], str | None], bare: str | None) -> Made | GrammarError:
    """A mapping, or a list of `key=value`: the first `=` splits, the last entry of a key wins."""
    if isinstance(value, dict):
        return done({key: At(text(item), place.child(key)) for key, item in value.items()})
    if not isinstance(value, list):
        return GrammarError(f"panic: expected a map or a list, got {go_type(value)}")
    out: dict[str, At] = {}
    for index, item in enumerate(value):
        if not is_text(item):
            return GrammarError(f"panic: interface conversion: interface {{}} is {go_type(item)}, not string")
        key, sign, rest = item.partition("=")
        start = len(key) + 1 if sign else len(key)
        spot = place.child(index)._replace(chars=(start, len(item)))
        out[key] = At(rest if sign else bare, spot)
    return done(out)


def hosts(value: Any, place: Place, mode: Mode) -> Made | GrammarError:
    if isinstance(value, dict):
        lines = sorted((f"{key}:{_as_s(item)}", key) for key, item in value.items() if item is not None)
        return done([At(_without_brackets(line), place.child(key)) for line, key in lines])
    if isinstance(value, list):
        if mode.legacy:
            return Made(value)
        return done([At(line, place.child(index)) for index, line in _host_lines(value)])
    return GrammarError(f"panic: expected a map or a list, got {go_type(value)}")


def _host_lines(value: list[Any]) -> Iterator[tuple[int, str]]:
    for index, item in enumerate(value):
        text = sprint(item)
        for sign in "=:":
            host, found, address = text.partition(sign)
            if found:
                yield index, _without_brackets(f"{host}:{address}")
                break


def _without_brackets(line: str) -> str:
    host, _, address = line.partition(":")
    if len(address) > 2 and address[0] == "[" and address[-1] == "]":
        address = address[1:-1]
    return f"{host}:{address}"


def _as_s(value: Any) -> str:
    """Go's %s, which marks numbers as a mistake."""
    if isinstance(value, str):
        return str(value)
    return f"%!s({go_type(value)}={sprint(value)})"
