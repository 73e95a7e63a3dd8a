"""A whole file with its variables put in, and the casts that follow.

Source: docker/cli cli/compose/interpolation/interpolation.go.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lblint.finding import Fault, Path, Place
from lblint.records import NamedTuple
from lblint.stack.casts import CastError, cast_of, dotted
from lblint.stack.grammar import quote
from lblint.stack.variables import Use, substitute


class Interpolated(NamedTuple):
    """A whole file after interpolation; `unset` says which texts use variables that have no value."""

    data: Any
    faults: list[Fault]
    unset: dict[Path, tuple[Use, ...]]


def interpolate(data: Mapping[str, Any], env: Mapping[str, str] | None, file: str) -> Interpolated:
    """Copy a file's data with every text value interpolated and, where it changed, cast to the type of its key.

    Without `env` the data is only copied. Keys are never interpolated. Goes on past errors: a text that docker
    refuses stays as it was written.
    """
    done = Interpolated({}, [], {})
    walk = _Walk(env, file, done)
    for key, value in data.items():
        done.data[key] = walk.value(value, (key,))
    return done


class _Walk:
    def __init__(self, env: Mapping[str, str] | None, file: str, done: Interpolated) -> None:
        self.env = env
        self.file = file
        self.done = done

    def value(self, value: Any, path: Path) -> Any:
        kind = type(value)
        if kind is str:
            return self.text(value, path) if "$" in value and self.env is not None else value
        if kind is dict:
            return {key: self.value(item, (*path, key)) for key, item in value.items()}
        if kind is list:
            if self.env is None and not value:
                return NoList()
            return [self.value(item, (*path, index)) for index, item in enumerate(value)]
        if kind is float and value - value != 0:
            shown = "NaN" if value != value else "+Inf" if value > 0 else "-Inf"
            told = f"json: unsupported value: {shown}"
            self.done.faults.append(Fault("schema.not-finite", Place(self.file, path), told, {"value": shown}))
        return value

    def text(self, text: str, path: Path) -> Any:
        result = substitute(text, self.env or {})
        place = Place(self.file, path)
        for kind, span, facts in result.noticed:
            told = ""
            if result.error is not None and kind == result.error_kind:
                told = (
                    f"invalid interpolation format for {dotted(path)}: {quote(result.error)};"
                    " you may need to escape any $ with another $"
                )
            self.done.faults.append(Fault(f"interpolation.{kind}", place._replace(chars=span), told, facts))
        if result.unset:
            self.done.unset[path] = result.unset
        if result.error is not None:
            return text
        if result.value == text:
            return text
        cast = cast_of(path)
        if cast is None:
            return result.value
        value = cast(result.value)
        if isinstance(value, CastError):
            told = f"error while interpolating {dotted(path)}: failed to cast to expected type: {value.told}"
            facts = {"value": result.value, "wanted": value.wanted, "expression": text}
            self.done.faults.append(Fault("cast", place, told, facts))
            return result.value
        return value


class NoList(list[Any]):
    """An empty list while interpolation is off: docker's JSON then has null in its place."""
