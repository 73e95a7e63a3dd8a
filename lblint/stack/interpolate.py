"""`$VAR` and `${VAR…}` in values, with all the traps of docker's own substitution, and the casts that follow it.

Source: docker/cli cli/compose/template/template.go, interpolation/interpolation.go, loader/interpolate.go.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from lblint.finding import Fault, Path, Place
from lblint.stack.grammar import quote

# Go folds case by Unicode: long s and the Kelvin sign are letters of names, too.
_NAME = "[_a-zA-Z\u017f\u212a][_a-zA-Z0-9\u017f\u212a]*+"
_HEAD = re.compile(rf"\$(?:(?P<escaped>\$)|(?P<brace>{{)?(?P<name>{_NAME})(?P<mark>:?[-?])?)?")
_MARKS = (":-", "-", ":?", "?")  # the order in which docker tries them, by containment


class Use(NamedTuple):
    """A variable that a text uses and that has no value and no default; `start` is its offset in the text."""

    variable: str
    start: int


class Text(NamedTuple):
    """What became of one text: the new value, docker's error (its template) if any, what was noticed, unset names."""

    value: str
    error: str | None
    error_kind: str
    noticed: tuple[tuple[str, tuple[int, int], Mapping[str, object]], ...]
    unset: tuple[Use, ...]


MOST_NOTICED = 50
"""Traps that are told of one text; a text of a million variables has no more to say."""


def substitute(text: str, env: Mapping[str, str]) -> Text:
    """Substitute the variables of one text. `error` is what docker quotes in its message, None where it succeeds.

    An error lives only until a later substitution in the same text succeeds: that is docker's behaviour, too.
    """
    error: str | None = None
    error_kind, error_at = "", (0, 0)
    out: list[str] = []
    noticed: list[tuple[str, tuple[int, int], Mapping[str, object]]] = []
    unset: list[Use] = []
    end = 0
    for expression, braced, at in _expressions(text):
        out.append(text[end : at[0]])
        end = at[1]
        if expression == "$":
            out.append("$")
            continue
        if not expression:
            error, error_kind, error_at = text, "invalid", (at[0], at[0] + 1)
            continue
        mark = next((mark for mark in _MARKS if mark in expression), "")
        name, _, rest = expression.partition(mark) if mark else (expression, "", "")
        known = env.get(name)
        facts: dict[str, object] = {"variable": name, "expression": text[at[0] : at[1]]}
        if mark and not braced:
            noticed.append(("unbraced-default", at, {**facts, "mark": mark, "rest": rest}))
        required = re.match(r"[_a-zA-Z][_a-zA-Z0-9]*:?\?", expression)
        if "-" in mark and required:
            noticed.append(("required-with-dash", at, {**facts, "default": rest}))
        if mark == ":-":
            value = known or rest
        elif mark == "-":
            value = rest if known is None else known
        elif mark:
            if known is None or (mark == ":?" and not known):
                error = f"required variable {name} is missing a value: {rest}"
                error_kind, error_at = "required", at
                continue
            value = known
        else:
            value = known or ""
            if known is None:
                unset.append(Use(name, at[0]))
                noticed.append(("unset", at, facts))
            elif not known:
                noticed.append(("empty", at, facts))
        if "$$" in rest and value == rest:
            noticed.append(("default-dollar", at, {**facts, "default": rest}))
        elif "${" in rest and value == rest:
            noticed.append(("nested", at, {**facts, "default": rest}))
        if len(noticed) > MOST_NOTICED:
            del noticed[MOST_NOTICED:]
        if error is not None:
            noticed.append(("lost-error", error_at, {"error": error, "reason": error_kind}))
            error = None
        out.append(value)
    if not end:
        return Text(text, None, "", (), ())
    out.append(text[end:])
    if error is not None:
        noticed.append((error_kind, error_at, {"template": error}))
    return Text("".join(out), error, error_kind, tuple(noticed), tuple(unset))


def _expressions(text: str) -> Iterator[tuple[str, bool, tuple[int, int]]]:
    """Yield each `$` that docker's pattern finds: the expression, whether it stood in braces, and its span.

    The expression is "$" for an escaped dollar and nothing for an invalid one. A default or message reaches to the
    next `}`, in braces or not; that brace is looked for only once, so that a long text takes no longer than its length.
    """
    at = text.find("$")
    close = -1
    while at >= 0:
        head = _HEAD.match(text, at)
        if head is None:
            return
        start, end = at + 1, at + 1
        braced = bool(head["brace"])
        expression = head["escaped"] or ""
        if expression:
            end = head.end()
        elif head["name"]:
            start = head.start("name")
            if head["mark"] or braced:
                close = text.find("}", head.end()) if close < head.end() else close
                close = len(text) if close < 0 else close
            stop = close if head["mark"] else head.end()
            if not braced:
                expression, end = text[start:stop], stop
            elif close < len(text) and close == stop:
                expression, end = text[start:stop], stop + 1
        yield expression, braced, (at, end)
        at = text.find("$", end)


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
        cast = _cast_of(path)
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


class CastError(NamedTuple):
    """A text that is no number or boolean, in docker's words."""

    told: str
    wanted: str


def dotted(path: Path) -> str:
    """A path as docker's interpolation errors print it: list items are `[]`."""
    return ".".join("[]" if isinstance(step, int) else step for step in path)


def to_int(text: str) -> int | CastError:
    """Go's strconv.Atoi: decimal digits with a sign, 64 bits. Nothing octal: `0440` is 440."""
    match = re.fullmatch(r"[-+]?[0-9]+", text)
    value = int(text) if match and len(text) < 400 else 0
    if match and (len(text) >= 400 or not -(2**63) <= value < 2**63):
        return CastError(f"strconv.Atoi: parsing {quote(text)}: value out of range", "an integer")
    return value if match else CastError(f"strconv.Atoi: parsing {quote(text)}: invalid syntax", "an integer")


def to_float(text: str) -> float | CastError:
    """Go's strconv.ParseFloat: decimal or hexadecimal, infinity and NaN included."""
    invalid = CastError(f"strconv.ParseFloat: parsing {quote(text)}: invalid syntax", "a number")
    lower = text.lower()
    if re.fullmatch(r"[-+]?(?:inf|infinity)|nan", lower):
        return float(lower)
    out_of_range = CastError(f"strconv.ParseFloat: parsing {quote(text)}: value out of range", "a number")
    if re.fullmatch(r"[-+]?0x(?:[0-9a-f]+(?:\.[0-9a-f]*)?|\.[0-9a-f]+)p[-+]?[0-9]+", lower):
        try:
            return float.fromhex(lower)
        except OverflowError:
            return out_of_range
    if not re.fullmatch(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:e[-+]?[0-9]+)?", lower):
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


_Cast = Callable[[str], "int | float | bool | CastError"]
_CASTS: dict[tuple[str, ...], _Cast] = {
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


def _cast_of(path: Path) -> _Cast | None:
    """The cast of a path, matched on its dotted text: a name with a dot makes it longer, and no cast happens."""
    if len(path) > _DEEPEST:
        return None
    parts = dotted(path).split(".")
    for pattern, cast in _CASTS.items():
        if len(pattern) == len(parts) and all(want in ("*", part) for want, part in zip(pattern, parts, strict=True)):
            return cast
    return None
