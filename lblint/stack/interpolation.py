"""A whole file with its variables substituted, and the numbers and booleans that are read from the results.

Source: docker/cli cli/compose/interpolation/interpolation.go and cli/compose/loader/interpolate.go.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lblint.finding import Fault, Path, Place
from lblint.lazy_re import pattern
from lblint.records import NamedTuple
from lblint.stack.faults import CastFailure, NotFinite
from lblint.stack.go_printing import quote
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
            message = f"json: unsupported value: {shown}"
            self.done.faults.append(NotFinite(place=Place(self.file, path), docker=message, value=shown))
        return value

    def text(self, text: str, path: Path) -> Any:
        place = Place(self.file, path)
        result = substitute(text, self.env or {}, place)
        if result.error is not None:
            result.faults[-1].docker = (
                f"invalid interpolation format for {dotted(path)}: {quote(result.error)};"
                " you may need to escape any $ with another $"
            )
        self.done.faults.extend(result.faults)
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
            message = f"error while interpolating {dotted(path)}: failed to cast to expected type: {value.told}"
            self.done.faults.append(
                CastFailure(place=place, docker=message, value=result.value, wanted=value.wanted, expression=text)
            )
            return result.value
        return value


class NoList(list[Any]):
    """An empty list while interpolation is off: docker's JSON then has null in its place."""


class CastError(NamedTuple):
    """A text that is no number or boolean, in docker's words."""

    told: str
    wanted: str


def dotted(path: Path) -> str:
    """A path as docker's interpolation errors print it: list items are `[]`."""
    return ".".join("[]" if isinstance(step, int) else step for step in path)


def to_int(text: str) -> int | CastError:
    """Go's strconv.Atoi: decimal digits with a sign, 64 bits. Nothing octal: `0440` is 440."""
    match = pattern(r"[-+]?[0-9]+").fullmatch(text)
    value = int(text) if match and len(text) < 400 else 0
    if match and (len(text) >= 400 or not -(2**63) <= value < 2**63):
        return CastError(f"strconv.Atoi: parsing {quote(text)}: value out of range", "an integer")
    return value if match else CastError(f"strconv.Atoi: parsing {quote(text)}: invalid syntax", "an integer")


def to_float(text: str) -> float | CastError:
    """Go's strconv.ParseFloat: decimal or hexadecimal, infinity and NaN included."""
    invalid = CastError(f"strconv.ParseFloat: parsing {quote(text)}: invalid syntax", "a number")
    lower = text.lower()
    if pattern(r"[-+]?(?:inf|infinity)|nan").fullmatch(lower):
        return float(lower)
    out_of_range = CastError(f"strconv.ParseFloat: parsing {quote(text)}: value out of range", "a number")
    if pattern(r"[-+]?0x(?:[0-9a-f]+(?:\.[0-9a-f]*)?|\.[0-9a-f]+)p[-+]?[0-9]+").fullmatch(lower):
        try:
            return float.fromhex(lower)
        except OverflowError:
            return out_of_range
    if not pattern(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:e[-+]?[0-9]+)?").fullmatch(lower):
        return invalid
    value = float(text)
    return out_of_range if value in (float("inf"), float("-inf")) else value


def to_bool(text: str) -> bool | CastError:
    """The words of YAML 1.1, in any case; `1` and `0` are none of them."""
    lower = text.lower()
    if lower in ("y", "yes", "true", "on"):
        return True
    if lower in ("n", "no", "false", "off"):
        return False
    return CastError(f"invalid boolean: {text}", "a boolean")


Cast = Callable[[str], "int | float | bool | CastError"]
_CASTS: dict[tuple[str, ...], Cast] = {
    ("services", "*", *rest): cast
    for cast, paths in {
        to_int: (
            "configs [] mode", "secrets [] mode", "healthcheck retries", "deploy replicas",
            "deploy update_config parallelism", "deploy rollback_config parallelism",
            "deploy restart_policy max_attempts", "deploy placement max_replicas_per_node",
            "ports [] target", "ports [] published", "ulimits *", "ulimits * hard", "ulimits * soft", "oom_score_adj",
        ),
        to_float: ("deploy update_config max_failure_ratio", "deploy rollback_config max_failure_ratio"),
        to_bool: (
            "healthcheck disable", "privileged", "read_only", "stdin_open", "tty", "volumes [] read_only",
            "volumes [] volume nocopy",
        ),
    }.items()
    for rest in map(str.split, paths)
}  # fmt: skip
_CASTS |= {
    (section, "*", key): to_bool
    for section, keys in {
        "networks": ("external", "internal", "attachable"),
        "volumes": ("external",),
        "secrets": ("external",),
        "configs": ("external",),
    }.items()
    for key in keys
}
_DEEPEST = max(map(len, _CASTS))


def cast_of(path: Path) -> Cast | None:
    """The cast of a path, matched on its dotted text: a name with a dot makes it longer, and no cast happens."""
    if len(path) > _DEEPEST:
        return None
    parts = dotted(path).split(".")
    for where, cast in _CASTS.items():
        if len(where) == len(parts) and all(want in ("*", part) for want, part in zip(where, parts, strict=True)):
            return cast
    return None
