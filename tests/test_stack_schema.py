"""The schema of stack files: jsonschema says what does not fit it, and docker how it is said."""

from __future__ import annotations

import copy
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from conftest import client_version, docker_client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stackfiles import make

from lblint.finding import Fault
from lblint.source import Timestamp, read
from lblint.stack.docker_versions import client
from lblint.stack.faults import GrammarError
from lblint.stack.interpolation import NoList
from lblint.stack.ports import parse_ports
from lblint.stack.schema import surely_valid, validate
from lblint.stack.schema_file import FORMATS, derive, homes, read_schema
from lblint.stack.units import parse_duration

VERSIONS = [f"3.{minor}" for minor in range(14)]
CASES = sorted((Path(__file__).parent.parent / "fixtures" / "cases").glob("*.yml"))


# jsonschema by itself: nothing of lblint.stack.schema_errors takes part.

CHECKER = jsonschema.FormatChecker(formats=())


@CHECKER.checks("duration")
def _is_duration(value: object) -> bool:
    return not isinstance(value, str) or (
        not isinstance(value, Timestamp) and not isinstance(parse_duration(value), GrammarError)
    )


@CHECKER.checks("ports")
def _is_port(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return True
    text = value if isinstance(value, str) else str(value.as_integer_ratio()[0])
    return not isinstance(parse_ports(text), GrammarError)


VALIDATORS = {version: jsonschema.Draft7Validator(derive(version), format_checker=CHECKER) for version in VERSIONS}


@pytest.mark.parametrize("version", VERSIONS)
def test_derived_schemas_are_schemas(version: str) -> None:
    jsonschema.Draft7Validator.check_schema(derive(version))
    assert "x-since" not in json.dumps(derive(version))


def compare(data: dict[str, Any], version: str) -> None:
    """The walk passes what jsonschema finds valid, and nothing else; what jsonschema finds valid has no flaws."""
    valid = VALIDATORS[version].is_valid(data)
    assert surely_valid(derive(version), data, FORMATS) == valid, version
    assert (validate(data, version, "a.yml") == []) == valid, version


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_cases_have_flaws_where_jsonschema_refuses_them(path: Path) -> None:
    data = read(path.read_bytes(), path.name).data
    for version in VERSIONS if isinstance(data, dict) else ():
        compare(data, version)


ODD = st.sampled_from(
    [None, True, 0, 1, -1, 1.0, -2.0, 1.5, 80.5, "", "x", "80:80", "70000", "5s", "a\n", [], {}, ["a", "a"], [1, 1.0],
     [1, True], [{"type": "bind"}, {"type": "bind"}], {"a": 1}, {"soft": 1}, Timestamp("2020-01-01 00:00:00 +0000 UTC"),
     {"type": "tmpfs", "tmpfs": {"size": -1}}, {"order": "rolling"}]
)  # fmt: skip
KEYS = st.sampled_from(["x-a", "bogus", "", "a\n", "\n", "a b", "version", "init", "name", "driver_opts", "type", "1"])


@st.composite
def mangled(draw: st.DrawFn) -> dict[str, Any]:
    """A generated stack file in whose data some values are replaced, doubled, added or missing."""
    data = read(make(random.Random(draw(st.integers(0, 2**32))).randrange, large=True).texts[0].encode(), "").data
    if not isinstance(data, dict):
        return {}
    for _ in range(draw(st.integers(0, 3))):
        parent: Any = data
        for _ in range(draw(st.integers(0, 6))):
            nested = [value for value in _values(parent) if isinstance(value, dict | list) and value]
            parent = draw(st.sampled_from(nested)) if nested else parent
        places = list(parent) if isinstance(parent, dict) else list(range(len(parent)))
        if not places:
            continue
        place = draw(st.sampled_from(places))
        what = draw(st.sampled_from(["replace", "replace", "add", "remove"]))
        if what == "replace":
            parent[place] = copy.deepcopy(draw(ODD))
        elif what == "remove":
            del parent[place]
        elif isinstance(parent, dict):
            parent[draw(KEYS)] = copy.deepcopy(draw(ODD))
        else:
            parent.append(parent[place])
    return data


def _values(data: Any) -> list[Any]:
    return list(data.values()) if isinstance(data, dict) else data


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=mangled(), version=st.sampled_from(VERSIONS))
def test_mangled_files_have_flaws_where_jsonschema_refuses_them(data: dict[str, Any], version: str) -> None:
    compare(data, version)


# What is wrong, where, and in which words.


def flaws(data: Mapping[str, Any], version: str = "3.8") -> list[Fault]:
    """The flaws of a file of this version."""
    return validate({"version": version, **data}, version, "a.yml")


def service(**keys: Any) -> dict[str, Any]:
    """A file with one service."""
    return {"services": {"a": {"image": "i", **keys}}}


A = ("services", "a")
TYPES = {"expected": ["string"], "given": "integer", "value": 1}
PORT_3_1 = {"expected": ["number", "string"], "given": "mapping", "value": {"target": 80}}
FLAWED = {
    "unknown-key": ("3.8", service(healtcheck={}), "UnknownKey", (*A, "healtcheck"),
                    {"key": "healtcheck", "elsewhere": []}),
    "unknown-key-at-the-top": ("3.8", {"service": {}}, "UnknownKey", ("service",), {"key": "service"}),
    "unknown-key-known-elsewhere": ("3.8", service(replicas=2), "UnknownKey", (*A, "replicas"),
                                    {"elsewhere": ["services.*.deploy"]}),
    "too-new-key": ("3.6", service(init=True), "KeyTooNew", (*A, "init"), {"key": "init", "since": "3.7"}),
    "too-new-section": ("3.2", {"configs": {}}, "KeyTooNew", ("configs",), {"since": "3.3"}),
    "too-new-extension": ("3.6", service(**{"x-a": 1}), "KeyTooNew", (*A, "x-a"), {"since": "3.7"}),
    "name": ("3.8", {"services": {"a b": {"image": "i"}}}, "InvalidName", ("services", "a b"),
             {"key": "a b", "pattern": "^[a-zA-Z0-9._-]+$"}),
    "name-with-a-line-break": ("3.8", {"volumes": {"a\n": {}}}, "InvalidName", ("volumes", "a\n"), {"key": "a\n"}),
    "type": ("3.8", service(image=1), "WrongType", (*A, "image"), TYPES),
    "type-of-several": ("3.8", service(pid=1), "WrongType", (*A, "pid"), {"expected": ["string", "null"]}),
    "type-of-a-choice": ("3.8", service(command=1), "WrongType", (*A, "command"),
                         {"expected": ["string", "list"], "given": "integer"}),
    "type-in-a-choice": ("3.8", service(deploy={"labels": {"k": True}}), "WrongType", (*A, "deploy", "labels", "k"),
                         {"expected": ["string", "number", "null"], "given": "boolean", "value": True}),
    "type-in-a-choice-in-a-choice": ("3.8", service(networks={"n": {"aliases": "x"}}), "WrongType",
                                     (*A, "networks", "n", "aliases"), {"expected": ["list"], "given": "string"}),
    "type-before-there-was-a-choice": ("3.1", service(ports=[{"target": 80}]), "WrongType", (*A, "ports", 0), PORT_3_1),
    "type-with-a-format-besides": ("3.8", service(stop_grace_period=5), "WrongType", (*A, "stop_grace_period"),
                                   {"expected": ["string"], "given": "integer", "value": 5}),
    "type-with-a-minimum-besides": ("3.8", service(volumes=[{"type": "tmpfs", "tmpfs": {"size": -1.5}}]), "WrongType",
                                    (*A, "volumes", 0, "tmpfs", "size"), {"given": "number", "value": -1.5}),
    "type-of-a-fraction": ("3.8", service(deploy={"replicas": 1.5}), "WrongType", (*A, "deploy", "replicas"),
                           {"expected": ["integer"], "given": "number", "value": 1.5}),
    "ports": ("3.8", service(ports=["80:80", "x"]), "InvalidFormat", (*A, "ports", 1),
              {"value": "x", "format": "ports", "reason": "invalid containerPort: x"}),
    "ports-number": ("3.8", service(ports=[80.5, 70000]), "InvalidFormat", (*A, "ports", 1),
                     {"value": 70000, "format": "ports", "reason": "invalid containerPort: 70000"}),
    "duration": ("3.8", service(stop_grace_period="5"), "InvalidFormat", (*A, "stop_grace_period"),
                 {"format": "duration", "reason": 'time: missing unit in duration "5"'}),
    "enum": ("3.8", service(deploy={"update_config": {"order": "rolling"}}), "NotAllowed",
             (*A, "deploy", "update_config", "order"), {"value": "rolling", "allowed": ["start-first", "stop-first"]}),
    "minimum": ("3.8", service(volumes=[{"type": "tmpfs", "target": "/t", "tmpfs": {"size": -1}}]), "TooSmall",
                (*A, "volumes", 0, "tmpfs", "size"), {"value": -1, "minimum": 0}),
    "unique": ("3.8", service(dns=["a", "b", "a"]), "DuplicateItem", (*A, "dns", 2), {"first": 0, "value": "a"}),
    "unique-mappings": ("3.8", service(ports=[{"target": 1, "mode": "host"}, {"mode": "host", "target": 1.0}]),
                        "DuplicateItem", (*A, "ports", 1), {"first": 0, "value": {"target": 1, "mode": "host"}}),
    "unique-until-3.1": ("3.1", service(volumes=["/a", "/a"]), "DuplicateItem", (*A, "volumes", 1), {"first": 0}),
    "required": ("3.8", service(volumes=[{"target": "/t"}]), "MissingKey", (*A, "volumes", 0), {"key": "type"}),
    "required-one-of-two": ("3.8", service(ulimits={"nofile": {"soft": 1}}), "MissingKey", (*A, "ulimits", "nofile"),
                            {"key": "hard"}),
}  # fmt: skip
"""Files with one flaw: their version and data, then the flaw's kind, path and facts (some of them)."""


@pytest.mark.parametrize("name", FLAWED)
def test_a_flaw_has_its_kind_its_path_and_its_facts(name: str) -> None:
    version, data, kind, path, facts = FLAWED[name]
    (flaw,) = flaws(data, version)
    assert (type(flaw).__name__, flaw.place.path) == (kind, path)
    assert {key: getattr(flaw, key) for key in facts} == facts
    assert flaw.place.key == (kind in ("UnknownKey", "KeyTooNew", "InvalidName", "DuplicateItem"))


def test_every_kind_is_among_them() -> None:
    kinds = {
        "UnknownKey",
        "KeyTooNew",
        "InvalidName",
        "WrongType",
        "InvalidFormat",
        "NotAllowed",
        "TooSmall",
        "DuplicateItem",
        "MissingKey",
    }
    assert {kind for _, _, kind, _, _ in FLAWED.values()} == kinds
    keywords: set[str] = set()

    def collect(schema: Any) -> None:
        keywords.update(schema)
        for key in ("properties", "patternProperties"):
            for sub in schema.get(key, {}).values():
                collect(sub)
        for sub in [*schema.get("oneOf", ()), *([schema["items"]] if "items" in schema else ())]:
            collect(sub)

    for version in VERSIONS:
        collect(derive(version))
    assert keywords == {"$schema", "title", "x-later", "type", "properties", "patternProperties", "items", "oneOf",
                        "additionalProperties", "required", "uniqueItems", "enum", "minimum", "format"}  # fmt: skip


@pytest.mark.needs_docker28
@pytest.mark.parametrize("name", FLAWED)
def test_a_flaw_is_told_in_the_words_of_docker(name: str, tmp_path: Path) -> None:
    version, data, *_ = FLAWED[name]
    (tmp_path / "stack.yml").write_text(json.dumps({"version": version, **data}))
    command = [str(docker_client("28")), "stack", "config", "-c", "stack.yml"]
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "DOCKER_HOST": "tcp://127.0.0.1:9"}
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False, timeout=60)
    said = [line for line in done.stderr.splitlines() if not line.startswith("time=")]
    assert done.returncode == 1
    legacy = client(client_version()).dialect == "v2"
    for flaw in validate({"version": version, **data}, version, "a.yml", legacy):
        assert "\n".join(said) == flaw.docker
    assert legacy or said


def test_all_flaws_are_told_as_they_stand_in_the_file() -> None:
    data = {
        "services": {
            "b": {"bogus": 1, "image": 1, "ulimits": {"nofile": {"x": 1}}, "build": {}},
            "a": {"volumes": [{"target": 1}, 5, 5], "cap_add": ["A", 1, "A", 1], "labels": {"k": True, "": "x"}},
            "a b": None,
        },
        "x-y": {"anything": [None, {}]},
        "version": "3.6",
        "networks": {"n": {"attachable": "no", "x-z": 1}},
    }
    assert [(type(flaw).__name__, flaw.place.path) for flaw in validate(data, "3.6", "a.yml")] == [
        ("UnknownKey", ("services", "b", "bogus")),
        ("WrongType", ("services", "b", "image")),
        ("UnknownKey", ("services", "b", "ulimits", "nofile", "x")),
        ("MissingKey", ("services", "b", "ulimits", "nofile")),
        ("MissingKey", ("services", "b", "ulimits", "nofile")),
        ("WrongType", ("services", "a", "volumes", 0, "target")),
        ("MissingKey", ("services", "a", "volumes", 0)),
        ("WrongType", ("services", "a", "volumes", 1)),
        ("WrongType", ("services", "a", "volumes", 2)),
        ("WrongType", ("services", "a", "cap_add", 1)),
        ("WrongType", ("services", "a", "cap_add", 3)),
        ("DuplicateItem", ("services", "a", "cap_add", 2)),
        ("DuplicateItem", ("services", "a", "cap_add", 3)),
        ("WrongType", ("services", "a", "labels", "k")),
        ("InvalidName", ("services", "a", "labels", "")),
        ("InvalidName", ("services", "a b")),
        ("WrongType", ("networks", "n", "attachable")),
        ("KeyTooNew", ("networks", "n", "x-z")),
    ]


def test_the_version_is_required_until_3_9() -> None:
    assert [(type(flaw).__name__, flaw.place.path, flaw.docker) for flaw in validate({}, "3.9", "a.yml")] == [
        ("MissingKey", (), "(root) version is required")
    ]
    assert validate({}, "3.10", "a.yml") == []


def test_clients_before_28_do_not_check_ports() -> None:
    data = service(ports=["x"], stop_grace_period="x")
    assert [flaw.format for flaw in validate({"version": "3.8", **data}, "3.8", "a.yml")] == ["ports", "duration"]
    assert [flaw.format for flaw in validate({"version": "3.8", **data}, "3.8", "a.yml", True)] == ["duration"]
    data = {"version": "3.8", **service(ports=["x"])}
    assert validate(data, "3.8", "a.yml", legacy=True) == []


def test_durations_of_a_healthcheck_are_checked_from_3_4() -> None:
    assert flaws(service(healthcheck={"interval": "x"}), "3.3") == []
    assert [type(flaw).__name__ for flaw in flaws(service(healthcheck={"interval": "x"}), "3.4")] == ["InvalidFormat"]


def test_keys_that_are_allowed_are_those_of_the_version() -> None:
    (flaw,) = flaws(service(replicas=2), "3.8")
    allowed = flaw.allowed
    assert isinstance(allowed, list)
    assert allowed == sorted(allowed)
    assert {"deploy", "init"} <= set(allowed)
    assert "oom_score_adj" not in allowed


# What docker sees otherwise than jsonschema.


@pytest.mark.parametrize(
    ("value", "given"),
    [(None, "null"), (True, "boolean"), (1, "integer"), (1.0, "integer"), (1.5, "number"), (float("inf"), "number"),
     (float("nan"), "number"), ([], "list"), (NoList(), "null"), ({}, "mapping")],
    ids=["null", "boolean", "integer", "whole-float", "float", "infinity", "nan", "list", "no-list", "mapping"],
)  # fmt: skip
def test_types_are_those_of_json(value: object, given: str) -> None:
    (flaw,) = flaws(service(image=value))
    assert (flaw.given, flaw.value) == (given, value)


def test_a_date_is_a_string_but_no_duration() -> None:
    date = Timestamp("2020-01-01 00:00:00 +0000 UTC")
    assert flaws(service(image=date)) == []
    (flaw,) = flaws(service(stop_grace_period=date))
    assert (type(flaw).__name__, flaw.reason) == ("InvalidFormat", "not a text")
    (flaw,) = flaws(service(deploy={"replicas": date}))
    assert flaw.given == "string"


def test_an_empty_list_without_interpolation_is_null() -> None:
    assert flaws({"networks": {"n": NoList()}}) == []
    assert [type(flaw).__name__ for flaw in flaws({"networks": {"n": []}})] == ["WrongType"]
    assert [flaw.given for flaw in flaws(service(cap_add=NoList()))] == ["null"]


@pytest.mark.parametrize(
    ("items", "twice"),
    [([1, 1.0], True), ([1, "1"], False), ([2**53, 2**53 + 1], True), ([2**53, 2**53 + 2], False),
     (["x", Timestamp("x")], True), ([1, 2, 1, 1], True)],
    ids=["whole-float", "text", "beyond-floats", "floats", "date", "three-times"],
)  # fmt: skip
def test_items_are_equal_where_docker_finds_them_so(items: list[object], twice: bool) -> None:
    found = flaws(service(expose=items))
    assert bool(found) == twice
    assert {type(flaw).__name__ for flaw in found} <= {"DuplicateItem"}


def test_an_equal_item_is_told_with_the_one_before_it() -> None:
    assert [flaw.docker for flaw in flaws(service(dns=["a", "b", "a", "a"]))] == [
        "services.a.dns array items[0,2] must be unique",
        "services.a.dns array items[2,3] must be unique",
    ]


def test_infinity_is_a_number_and_passes_as_a_port() -> None:
    assert flaws(service(ports=[float("inf")])) == []


# Speed, and jsonschema's import, which takes longer than the check of a file.

RICH = """\
version: "3.8"
x-common: &common {any: [thing, {at: all}]}
services:
  web:
    image: nginx
    command: [a, b]
    ports: ["80:80", 81, {target: 82, published: 82, mode: host}]
    environment: {A: b, C: 1, D: }
    networks: {front: {aliases: [x]}, back: }
    volumes: ["data:/data", {type: tmpfs, target: /t, tmpfs: {size: 5}}]
    configs: [one, {source: two, target: /two, mode: 0440}]
    ulimits: {nofile: 5, nproc: {soft: 1, hard: 2}}
    stop_grace_period: 1m
    healthcheck: {test: curl x, interval: 5s, retries: 3}
    deploy:
      labels: [com.docker.lb.hosts=x.org, com.docker.lb.port=80, com.docker.lb.network=shop_front]
      update_config: {order: start-first, max_failure_ratio: 0.5}
      resources: {limits: {cpus: "0.5", memory: 5M}}
networks: {front: {driver: overlay}, back: }
volumes: {data: }
configs: {one: {file: ./stack.yml}, two: {file: ./stack.yml}}
"""


@pytest.mark.parametrize(("text", "code", "imported"), [
    pytest.param(RICH, "0", "False", id="valid"),
    pytest.param(RICH.replace("image:", "immage:"), "1", "True", id="unknown-key"),
    pytest.param("[" * 1000 + "]" * 1000, "2", "False", id="too-deep"),
    pytest.param(RICH.replace("nginx", "[" * 90 + "]" * 90), "1", "True", id="deep"),
])  # fmt: skip
def test_jsonschema_is_imported_for_files_with_errors_only(text: str, code: str, imported: str, tmp_path: Path) -> None:
    (tmp_path / "stack.yml").write_text(text)
    script = """\
import sys
from lblint.cli import run
sys.argv = ["lblint", "check", "--no-config", "-n", "shop", "--fail-on", "error", "stack.yml"]
code = run()
print()
print(code, 'jsonschema' in sys.modules)"""
    env = {key: value for key, value in os.environ.items() if not key.startswith("LBLINT")}
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, env=env, capture_output=True, text=True,
                          check=False, timeout=60)  # fmt: skip
    assert "Traceback" not in done.stderr
    assert done.stdout.splitlines()[-1] == f"{code} {imported}", done.stdout + done.stderr


@pytest.mark.parametrize("items", [
    pytest.param([{"target": number} for number in range(1, 10_001)], id="mappings"),
    pytest.param([{"target": number} if number % 2 else str(number) for number in range(1, 10_001)], id="mixed"),
])  # fmt: skip
def test_long_lists_take_time_in_proportion(items: list[object]) -> None:
    """The function of jsonschema itself takes 1 s for 1,000 mappings, and four times as long for 2,000."""
    start = time.process_time()
    (flaw,) = flaws(service(ports=items, tty="yes"))
    assert flaw.place.path == (*A, "tty")
    assert time.process_time() - start < 5


# The file itself.


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

    check(read_schema(), "")


def test_branches_of_a_choice_differ_in_type() -> None:
    def types(schema: Any) -> list[str]:
        if "$ref" in schema:
            return types(read_schema()["definitions"][schema["$ref"].rpartition("/")[2]])
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

    check(read_schema())


def test_homes_of_a_key() -> None:
    assert ("services.*.deploy", "3.0") in homes("labels")
    assert homes("nonsense") == ()
