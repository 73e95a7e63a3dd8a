"""What the schema refuses: the JSON Schema walked directly, without a library.

The walk tells every error and not only docker's most specific one. It is held equal to what jsonschema says of the
derived schema of each version by tests/test_stack_schema.py. Source of the facts: docker/cli cli/compose/schema.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lblint.finding import Path
from lblint.records import NamedTuple
from lblint.source import Timestamp
from lblint.stack.gofmt import GrammarError, sprint
from lblint.stack.interpolation import NoList
from lblint.stack.ports import check_ports
from lblint.stack.schemafile import Schema, has, homes, minor, regex, whole
from lblint.stack.schemaplan import PLANS, Plan, listed, planned
from lblint.stack.units import parse_duration

_TYPES = {"string", "number", "integer", "boolean", "object", "array", "null"}


class Flaw(NamedTuple):
    """One thing that the schema refuses. `said` is docker's description behind the path; `key`: the fault is the key's.

    `kind` is the last part of the fault's kind (see faults.py).
    """

    path: Path
    kind: str
    said: str
    facts: Mapping[str, object]
    key: bool = False

    @property
    def told(self) -> str:
        """Docker's message if this is the only flaw: the path in dots (a key's flaw is its mapping's)."""
        at = self.path[:-1] if self.key else self.path
        return f"{dotted(at)} {self.said}"


def dotted(path: Path) -> str:
    """A path as docker's schema errors print it."""
    return ".".join(map(str, path)) or "(root)"


def validate(data: Mapping[str, Any], version: str, legacy: bool = False) -> list[Flaw]:
    """What the schema of a version (`3.0` … `3.13`) refuses in plain data. `legacy`: ports are not checked."""
    walk = _Walk(minor(version), legacy)
    walk.check(whole(), data, ())
    return walk.found


class _Walk:
    def __init__(self, version: int, legacy: bool) -> None:
        self.version = version
        self.legacy = legacy
        self.found: list[Flaw] = []

    def check(self, schema: Schema, value: Any, path: Path) -> None:
        plan = PLANS.get((id(schema), self.version)) or planned(schema, self.version)
        shape = kind_of(value)
        if plan.branches is not None:
            self.branch(plan, plan.branches, shape, value, path)
        elif plan.types is not None and shape not in plan.types:
            self.found.append(_wrong_type(path, listed(plan.schema["type"]), value))
        elif shape == "object":
            self.object(plan, value, path)
        elif shape == "array":
            self.array(plan, value, path)
        elif plan.limited:
            self.scalar(plan, value, path)

    def branch(self, plan: Plan, known: list[Schema], shape: str, value: Any, path: Path) -> None:
        """The branches of a oneOf differ in type: the one of the value's type is the one that was meant."""
        for branch in known:
            if "oneOf" in branch or _allows(branch["type"], shape):
                self.check(branch, value, path)
                return
        every = [kind for branch in known for kind in listed(branch["type"])]
        late = len(known) < len(plan.schema["oneOf"])  # before there was a choice, docker's schema had a list of types
        types = every[::-1] if late else listed(known[0]["type"])
        self.found.append(_wrong_type(path, types, value, every))

    def object(self, plan: Plan, value: Mapping[str, Any], path: Path) -> None:
        for key, item in value.items():
            known = plan.properties.get(key)
            found = known is not None
            if known is not None:
                self.check(known, item, (*path, key))
            for pattern, sub in plan.patterns:
                if pattern.search(key):
                    found = True
                    self.check(sub, item, (*path, key))
            if not found and plan.closed:
                self.found.append(self.unknown(plan.schema, key, (*path, key)))
        for key in plan.required:
            if key not in value:
                self.found.append(Flaw(path, "required", f"{key} is required", {"key": key}))

    def unknown(self, schema: Schema, key: str, path: Path) -> Flaw:
        said = f"Additional property {key} is not allowed"
        properties = schema.get("properties", {})
        patterns = schema.get("patternProperties", {})
        late = [properties[key]] if key in properties else []
        late += [sub for pattern, sub in patterns.items() if regex(pattern).search(key)]
        allowed = sorted(name for name, sub in properties.items() if has(sub, self.version))
        facts: dict[str, object] = {"key": key, "allowed": allowed}
        if late:
            return Flaw(path, "too-new-key", said, {**facts, "since": late[0]["x-since"]}, key=True)
        if not properties:
            return Flaw(path, "name", said, {"key": key, "pattern": next(iter(patterns), "")}, key=True)
        facts["elsewhere"] = [where for where, _ in homes(key)]
        return Flaw(path, "unknown-key", said, facts, key=True)

    def array(self, plan: Plan, value: list[Any], path: Path) -> None:
        items = plan.schema.get("items")
        if items is not None:
            for index, item in enumerate(value):
                self.check(items, item, (*path, index))
        if plan.unique:
            seen: dict[object, int] = {}
            for index, item in enumerate(value):
                canonical = _canonical(item)
                if canonical in seen:
                    first = seen[canonical]
                    said = f"array items[{first},{index}] must be unique"
                    facts: dict[str, object] = {"first": first, "second": index, "value": item}
                    self.found.append(Flaw((*path, index), "unique", said, facts, True))
                seen[canonical] = index

    def scalar(self, plan: Plan, value: Any, path: Path) -> None:
        allowed = plan.schema.get("enum")
        if allowed is not None and value not in allowed:
            said = f"{dotted(path)} must be one of the following: {', '.join(_json(word) for word in allowed)}"
            self.found.append(Flaw(path, "enum", said, {"value": value, "allowed": list(allowed)}))
        lowest = plan.schema.get("minimum")
        if lowest is not None and value is not None and value < lowest:
            said = f"Must be greater than or equal to {lowest}"
            self.found.append(Flaw(path, "minimum", said, {"value": value, "minimum": lowest}))
        name = plan.format
        if name is not None:
            reason = _FORMATS[name](value)
            if reason and not (self.legacy and name == "ports"):
                said = f"Does not match format '{name}'"
                self.found.append(Flaw(path, "format", said, {"value": value, "format": name, "reason": reason}))


_KINDS = {str: "string", dict: "object", list: "array", int: "integer", bool: "boolean", type(None): "null"}


def kind_of(value: Any) -> str:
    """The JSON type of plain data. A date is a string: docker turns the file into JSON before it looks."""
    kind = _KINDS.get(type(value))
    if kind is not None:
        return kind
    if isinstance(value, str):
        return "string"
    if isinstance(value, dict):
        return "object"
    if isinstance(value, list):
        return "null" if isinstance(value, NoList) else "array"
    return "integer" if isinstance(value, int) or value == value // 1 else "number"


def _allows(types: str | list[str], shape: str) -> bool:
    allowed = listed(types)
    return shape in allowed or (shape == "integer" and "number" in allowed)


def _wrong_type(path: Path, types: list[str], value: Any, expected: list[str] | None = None) -> Flaw:
    words = [{"object": "mapping", "array": "list"}.get(name, name) for name in types]
    said = f"must be a {words[0]}" if len(words) == 1 else f"must be a {', '.join(words[:-1])} or {words[-1]}"
    every = [{"object": "mapping", "array": "list"}.get(name, name) for name in expected or types]
    given = {"object": "mapping", "array": "list"}.get(kind_of(value), kind_of(value))
    return Flaw(path, "type", said, {"expected": every, "given": given, "value": value})


def _canonical(value: Any) -> object:
    """What two items must share to count as the same: the JSON that docker compares, numbers as floats."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return (type(value) is bool, str(value) if isinstance(value, Timestamp) else value)
    if isinstance(value, dict):
        return ("{", tuple(sorted((key, _canonical(item)) for key, item in value.items())))
    if isinstance(value, list):
        return ("[", tuple(map(_canonical, value)))
    return ("#", float(value))


def _json(value: object) -> str:
    import json

    return json.dumps(value, ensure_ascii=False)


def _ports(value: Any) -> str:
    text = value if isinstance(value, str) else str(_numerator(value))
    return check_ports(text)


def _numerator(value: float) -> int:
    """Docker looks at the numerator of the number as a fraction: 80.5 is checked as 161."""
    from fractions import Fraction

    if not isinstance(value, float):
        return value
    return Fraction(sprint(value)).numerator if value - value == 0 else 0


def _duration(value: Any) -> str:
    if not isinstance(value, str) or isinstance(value, Timestamp):
        return "not a text"
    result = parse_duration(value)
    return result.told if isinstance(result, GrammarError) else ""


_FORMATS: Mapping[str, Callable[[Any], str]] = {"ports": _ports, "duration": _duration, "expose": lambda value: ""}
