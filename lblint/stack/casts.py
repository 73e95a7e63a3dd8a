"""What docker makes of a text that a variable was put into, where the key wants a number or a boolean.

Source: docker/cli cli/compose/loader/interpolate.go.
"""

from __future__ import annotations

from collections.abc import Callable

from lblint.finding import Path
from lblint.lazy_re import pattern
from lblint.records import NamedTuple
from lblint.stack.grammar import quote


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
