"""Our walk through the schema against jsonschema on the derived schema of each version."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stackfiles import make

from lblint.source import Timestamp, read
from lblint.stack.gofmt import GrammarError
from lblint.stack.ports import parse_ports
from lblint.stack.schema import Flaw, kind_of, validate
from lblint.stack.schemafile import derive, homes, whole
from lblint.stack.units import parse_duration

VERSIONS = [f"3.{minor}" for minor in range(14)]
CASES = sorted((Path(__file__).parent.parent / "fixtures" / "cases").glob("*.yml"))
FORMATS = jsonschema.FormatChecker(formats=())


@FORMATS.checks("duration")
def _is_duration(value: object) -> bool:
    return not isinstance(value, str) or (
        not isinstance(value, Timestamp) and not isinstance(parse_duration(value), GrammarError)
    )


@FORMATS.checks("ports")
def _is_port(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return True
    text = value if isinstance(value, str) else str(value.as_integer_ratio()[0])
    return not isinstance(parse_ports(text), GrammarError)


VALIDATORS = {version: jsonschema.Draft7Validator(derive(version), format_checker=FORMATS) for version in VERSIONS}


def places(data: Any, version: str) -> set[tuple[str | int, ...]]:
    """Where jsonschema finds fault; a oneOf is followed into the branch of the value's type."""
    found = set()
    for error in VALIDATORS[version].iter_errors(data):
        found |= _innermost(error)
    return found


def _innermost(error: jsonschema.ValidationError) -> set[tuple[str | int, ...]]:
    if error.validator == "oneOf":
        meant = {}
        for sub in error.context or ():
            meant.setdefault(sub.schema_path[0], []).append(sub)
        chosen = [subs for subs in meant.values() if not (subs[0].validator == "type" and len(subs[0].path) == 0)]
        return set().union(*(_innermost(sub) for sub in chosen[0])) if chosen else {tuple(error.absolute_path)}
    if error.validator == "additionalProperties":
        known = error.schema.get("properties", {})
        patterns = error.schema.get("patternProperties", {})
        import re

        extra = [k for k in error.instance if k not in known and not any(re.search(p, k) for p in patterns)]
        return {(*error.absolute_path, key) for key in extra}
    return {tuple(error.absolute_path)}


def own(data: Any, version: str) -> set[tuple[str | int, ...]]:
    """Where our walk finds fault; jsonschema names the list, not the item that stands in it twice."""
    return {flaw.path[:-1] if flaw.kind == "unique" else flaw.path for flaw in validate(data, version)}


@pytest.mark.parametrize("version", VERSIONS)
def test_derived_schemas_are_schemas(version: str) -> None:
    jsonschema.Draft7Validator.check_schema(derive(version))


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_the_walk_agrees_with_jsonschema_on_all_cases(path: Path) -> None:
    data = read(path.read_bytes(), path.name).data
    for version in VERSIONS if isinstance(data, dict) else ():
        assert own(data, version) == places(data, version), version


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32), version=st.sampled_from(VERSIONS))
def test_the_walk_agrees_with_jsonschema_on_generated_files(seed: int, version: str) -> None:
    for text in make(Random(seed).randrange, large=True).texts:
        data = read(text.encode(), "generated").data
        if isinstance(data, dict):
            assert own(data, version) == places(data, version)


def test_every_key_has_a_description_and_a_known_version() -> None:
    def check(schema: Any, where: str) -> None:
        assert schema.get("x-since", "3.0") in VERSIONS, where
        for name, sub in schema.get("properties", {}).items():
            assert "description" in sub, f"{where}.{name}"
            check(sub, f"{where}.{name}")
        for key in ("patternProperties", "definitions"):
            for name, sub in schema.get(key, {}).items():
                check(sub, f"{where}.{name}")
        for sub in [*schema.get("oneOf", ()), *([schema["items"]] if "items" in schema else ())]:
            check(sub, where)

    check(whole(), "")


def test_branches_of_a_choice_differ_in_type() -> None:
    def types(schema: Any) -> list[str]:
        if "$ref" in schema:
            return types(whole()["definitions"][schema["$ref"].rpartition("/")[2]])
        kind = schema["type"]
        return [kind] if isinstance(kind, str) else list(kind)

    def check(node: Any) -> None:
        if isinstance(node, dict):
            if "oneOf" in node:
                every = [name for branch in node["oneOf"] for name in types(branch)]
                assert len(every) == len(set(every))
                assert not {"integer", "number"} <= set(every)
            for value in node.values():
                check(value)
        elif isinstance(node, list):
            for value in node:
                check(value)

    check(whole())


def flaws(data: dict[str, Any], version: str = "3.8") -> list[Flaw]:
    return list(validate({"version": version, **data}, version))


def test_a_key_of_a_later_version_says_which() -> None:
    (flaw,) = flaws({"networks": {"n": {"name": "x"}}}, "3.4")
    assert (flaw.kind, flaw.path, flaw.facts["since"], flaw.key) == (
        "too-new-key",
        ("networks", "n", "name"),
        "3.5",
        True,
    )
    assert flaw.told == "networks.n Additional property name is not allowed"


def test_an_unknown_key_says_what_is_allowed_and_where_it_would_be() -> None:
    (flaw,) = flaws({"services": {"a": {"replicas": 2}}})
    assert flaw.kind == "unknown-key"
    assert "deploy" in flaw.facts["allowed"]  # type: ignore[operator]
    assert flaw.facts["elsewhere"] == ["services.*.deploy"]
    assert "oom_score_adj" not in flaw.facts["allowed"]  # type: ignore[operator]


def test_wrong_types_name_all_that_would_do() -> None:
    (flaw,) = flaws({"services": {"a": {"deploy": {"labels": {"k": True}}}}})
    assert flaw.told == "services.a.deploy.labels.k must be a string, number or null"
    assert flaw.facts == {"expected": ["string", "number", "null"], "given": "boolean", "value": True}


def test_homes_of_a_key() -> None:
    assert ("services.*.deploy", "3.0") in homes("labels")
    assert homes("nonsense") == ()


@pytest.mark.parametrize(
    ("value", "kind"),
    [(None, "null"), (True, "boolean"), (1, "integer"), (1.0, "integer"), (1.5, "number"), (Timestamp("x"), "string")],
    ids=["null", "boolean", "integer", "whole-float", "float", "date"],
)
def test_types_are_those_of_json(value: object, kind: str) -> None:
    assert kind_of(value) == kind
