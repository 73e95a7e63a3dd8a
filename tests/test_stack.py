"""The stack reader: labels with their places, names, networks, files, merges, and what it says of faults."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from faultkinds import fields_of
from stackfiles import ENVIRONMENT, make
from test_cases import NEWEST, Case, by_name, loaded

from lblint.finding import Fault, Place
from lblint.lint import check_stacks
from lblint.source import read
from lblint.stack import Label, Stack, load, parse
from lblint.stack import faults as stack_faults
from lblint.stack.faults import ReplacedDefinition
from lblint.stack.labels import at


def stack(*texts: str, name: str | None = "demo", client: str = "", **env: str) -> Stack:
    """Load texts as `a.yml`, `b.yml`, …"""
    sources = [read(text.encode(), f"{chr(97 + number)}.yml") for number, text in enumerate(texts)]
    return load(sources, name, env, client, base="/base")


def service(body: str, version: str = "3.8", **env: str) -> Stack:
    """Load one service `web` with this body, indented by nothing."""
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return stack(f'version: "{version}"\nservices:\n  web:\n{lines}', **env)


def kinds(loaded: Stack) -> list[str]:
    return [type(fault).__name__ for fault in loaded.faults]


def only(loaded: Stack) -> Fault:
    (fault,) = loaded.faults
    return fault


def label(loaded: Stack, key: str) -> Label:
    found = loaded.services[0].label(key)
    assert found is not None
    return found


# Labels


def test_a_label_of_a_mapping() -> None:
    port = label(service("deploy:\n  labels:\n    com.docker.lb.port: 0777"), "com.docker.lb.port")
    path = ("services", "web", "deploy", "labels", "com.docker.lb.port")
    assert port == Label("com.docker.lb.port", "511", Place("a.yml", path, key=True), Place("a.yml", path), 511, "0777")


def test_a_label_of_a_list() -> None:
    hosts = label(service('deploy:\n  labels:\n    - a=b\n    - "com.docker.lb.hosts=x.org,y"'), "com.docker.lb.hosts")
    item = Place("a.yml", ("services", "web", "deploy", "labels", 1))
    assert hosts.value == hosts.raw == hosts.written == "x.org,y"
    assert hosts.key_place == item._replace(chars=(0, 19))
    assert hosts.place == item._replace(chars=(20, 27))


def test_a_label_without_a_value_in_a_list() -> None:
    flag = label(service("deploy:\n  labels:\n    - flag"), "flag")
    assert (flag.value, flag.key_place.chars, flag.place.chars) == ("", (0, 4), (4, 4))


def test_the_last_of_two_list_entries_wins() -> None:
    twice = label(service("deploy:\n  labels:\n    - k=1\n    - k=2"), "k")
    assert (twice.value, twice.place.path[-1]) == ("2", 1)


def test_variables_in_a_label() -> None:
    loaded = service("deploy:\n  labels:\n    a: ${FOO}.${NOPE}\n    b: ${NOPE:-x}", FOO="foo")
    host = label(loaded, "a")
    assert (host.value, host.raw, host.written, host.unset) == ("foo.", "${FOO}.${NOPE}", "${FOO}.${NOPE}", ("NOPE",))
    assert label(loaded, "b").unset == ()


def test_variables_in_a_list_entry_belong_to_key_or_value() -> None:
    loaded = service('deploy:\n  labels:\n    - "a.${NOPE}=${NOR}${X-b=c}"')
    (entry,) = loaded.services[0].labels
    assert (entry.key, entry.value, entry.unset) == ("a.", "b=c", ("NOR",))
    assert entry.key_place.chars == (0, 9)


def test_a_label_from_a_merge_key_stands_where_it_was_written() -> None:
    text = (
        'version: "3.8"\nx-l: &l\n  k: v\nservices:\n  web:\n    deploy:\n      labels:\n        <<: *l\n        m: n\n'
    )
    source = read(text.encode(), "a.yml")
    loaded = load([source], None, {})
    assert source.position(label(loaded, "k").place)[:2] == (3, 6)
    assert source.position(label(loaded, "m").place)[:2] == (9, 12)


def test_labels_of_two_files() -> None:
    base = 'version: "3.8"\nservices:\n  web:\n    deploy:\n      labels: {a: 1, b: 1}\n'
    over = 'version: "3.8"\nservices:\n  web:\n    deploy:\n      labels: [b=2, c=2]\n'
    loaded = stack(base, over)
    assert [(entry.key, entry.value, entry.place.file) for entry in loaded.services[0].labels] == [
        ("a", "1", "a.yml"),
        ("b", "2", "b.yml"),
        ("c", "2", "b.yml"),
    ]
    assert loaded.place("services", "web", "deploy", "labels", "b").path[-1] == 0


def test_container_labels_are_others() -> None:
    (web,) = service("labels: {a: b}").services
    assert web.labels == ()
    assert web.container_labels[0].key == "a"


def test_a_boolean_label_is_refused_and_still_there() -> None:
    loaded = service("deploy:\n  labels:\n    k: true")
    assert only(loaded).docker == "services.web.deploy.labels.k must be a string, number or null"
    assert label(loaded, "k")[1] == "true"
    assert label(loaded, "k").raw is True


# Names and networks


def test_names_have_the_stacks_prefix() -> None:
    text = """version: "3.8"
services: {a: {networks: [n, e, m]}}
networks: {n: , e: {external: true}, m: {name: real}, unused: {driver: bridge}}
volumes: {v: {}, w: {external: true, name: x}}
secrets: {s: {external: {name: old}}}
"""
    loaded = stack(text)
    assert loaded.services[0].name == "demo_a"
    names = {key: (n.name, n.external, n.driver, n.used) for key, n in loaded.networks.items()}
    assert names == {
        "n": ("demo_n", False, "overlay", True),
        "e": ("e", True, "", True),
        "m": ("real", False, "overlay", True),
        "unused": ("demo_unused", False, "bridge", False),
    }
    assert (loaded.volumes["v"].name, loaded.volumes["w"].name) == ("demo_v", "x")
    assert loaded.secrets["s"].name == "old"
    unnamed = stack(text, name=None)
    assert unnamed.services[0].name is None
    assert unnamed.networks["n"].name is None
    assert unnamed.networks["e"].name == "e"


@pytest.mark.parametrize("body", ["image: x", "networks: []", "networks: {}"], ids=["absent", "list", "mapping"])
def test_services_without_networks_are_on_default(body: str) -> None:
    loaded = service(body)
    (attachment,) = loaded.services[0].networks
    assert (attachment.network, attachment.implicit) == ("default", True)
    default = loaded.networks["default"]
    assert (default.name, default.used, default.declared) == ("demo_default", True, False)


def test_ports_have_dockers_defaults() -> None:
    loaded = service('ports:\n  - "8080:80"\n  - {target: 81, mode: foo, protocol: UDP}\n  - 443')
    assert [port[:4] for port in loaded.services[0].ports] == [
        (80, 8080, "tcp", "ingress"),
        (81, 0, "udp", "ingress"),
        (443, 0, "tcp", "ingress"),
    ]
    assert [port.place.path[-1] for port in loaded.services[0].ports] == [0, 1, 2]


# Files


def test_files_of_secrets_are_looked_at(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"secret")
    os.mkfifo(tmp_path / "pipe")
    text = """version: "3.8"
secrets: {a: {file: f}, b: {file: nope}, c: {file: pipe}, d: {file: .}, e: {external: true}, g: {driver: x}}
"""
    found = load([read(text.encode(), str(tmp_path / "stack.yml"))], "s", {}).secrets
    assert (found["a"].size, found["a"].error, found["a"].file) == (6, "", str(tmp_path / "f"))
    assert found["b"].error == f"open {tmp_path}/nope: no such file or directory"
    assert found["c"].error == f"{tmp_path}/pipe is not a regular file"
    assert found["d"].error == f"read {tmp_path}: is a directory"
    assert (found["e"].file, found["g"].file) == (None, None)


@pytest.mark.parametrize("special", ["/dev/zero", "/dev/stdin"])
def test_env_files_that_never_end_are_not_read(special: str) -> None:
    loaded = service(f"env_file: {special}")
    if not os.path.isfile(special):
        assert kinds(loaded) == ["SpecialEnvFile"]


# Merges: what gets lost


@pytest.mark.parametrize(
    ("base", "over", "kind"),
    [
        ("tty: true", "tty: false", "KeptValue"),
        ("hostname: a", 'hostname: ""', "KeptValue"),
        ("environment: {A: b}", 'environment: {A: ""}', "KeptValue"),
        ("ports: [53:53/tcp, 53:53/udp]", "image: x", "LostEntry"),
        ("ports: [80]", "ports: [443]", "LostEntry"),
        ("healthcheck: {test: [CMD, a]}", "healthcheck: {test: [CMD, b]}", "AppendedHealthcheck"),
        ("logging: {driver: x}", "logging: {options: {a: b}}", "LostLogOptions"),
    ],
    ids=["bool", "text", "variable", "tcp-udp", "unpublished", "healthcheck", "log-options"],
)
def test_what_a_merge_loses_is_noticed(base: str, over: str, kind: str) -> None:
    head = 'version: "3.8"\nservices:\n  web:\n    '
    loaded = stack(f"{head}{base}\n", f"{head}{over}\n")
    assert kinds(loaded) == [kind]
    assert not loaded.refused


def test_entries_outside_services_are_replaced_whole() -> None:
    loaded = stack('version: "3.8"\nnetworks: {n: {driver: x}}', 'version: "3.8"\nnetworks: {n: {}}')
    fault = only(loaded)
    assert isinstance(fault, ReplacedDefinition)
    assert (fault.lost, fault.place.file) == (["driver"], "b.yml")
    assert loaded.networks["n"].driver == "overlay"


# Faults


@pytest.mark.parametrize("case", NEWEST, ids=by_name)
def test_a_fault_has_the_fields_of_its_class(case: Case) -> None:
    for fault in loaded(case, "").faults:
        required = {name for name in fields_of(type(fault)) if not hasattr(type(fault), name)}
        assert required <= set(vars(fault)) <= set(fields_of(type(fault)))
        assert vars(fault).keys() >= {"place"}


def test_faults_of_generated_files_have_a_place() -> None:
    seen = set()
    for seed in range(400):
        texts = make(Random(seed).randrange, large=True).texts
        sources = {name: read(text.encode(), name) for name, text in zip("abc", texts, strict=False)}
        for fault in load(list(sources.values()), None, ENVIRONMENT).faults:
            seen.add(type(fault).__name__)
            if type(fault).__module__ == stack_faults.__name__:
                missing = object()
                parent = at(sources[fault.place.file].data, fault.place.path[:-1]) if fault.place.path else missing
                assert parent is not None, fault
    assert len(seen) > 30


def leaves(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if isinstance(value, dict | list) and value:
        for step, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(item, (*path, step))
    else:
        yield path


def test_every_part_of_the_configuration_has_a_place_in_a_file() -> None:
    for seed in range(150):
        texts = make(Random(seed).randrange, large=True).texts
        sources = {name: read(text.encode(), name) for name, text in zip("abc", texts, strict=False)}
        merged = load(list(sources.values()), None, ENVIRONMENT)
        for path in leaves(merged.config):
            place = merged.place(*path)
            parent = at(sources[place.file].data, place.path[:-1])
            found = isinstance(parent, dict) and place.path[-1] in parent
            found = found or (isinstance(parent, list) and place.path[-1] in range(len(parent)))
            assert found or path in [("version",), ("services",)], (path, place)


def test_reading_goes_on_past_errors() -> None:
    loaded = stack(
        'version: "3.4"\nbogus: 1\nservices:\n  a: 5\n  b: {tty: maybe, deploy: {labels: {k: v}}, init: true}\n'
    )
    assert [fault.docker for fault in loaded.faults] == [
        "(root) Additional property bogus is not allowed",
        "services.a must be a mapping",
        "services.b.tty must be a boolean",
        "services.b Additional property init is not allowed",
    ]
    assert [service.key for service in loaded.services] == ["b"]
    assert label(loaded, "k").value == "v"


@pytest.mark.parametrize(
    ("text", "kind", "chars"),
    [
        ("a $FOO-b", "UnbracedDefault", (2, 8)),
        ("a ${NOPE}", "UnsetVariable", (2, 9)),
        ("${NOPE:?must-set}", "RequiredWithDash", (0, 17)),
        ("b$ ${FOO}", "LostError", (1, 2)),
        ("${NOPE:-a$$b}", "DollarInDefault", (0, 13)),
        ("${A:-${B}}", "NestedVariable", (0, 9)),
        ("a$", "InvalidVariable", (1, 2)),
        ("x ${A?why}", "RequiredVariable", (2, 10)),
    ],
    ids=["unbraced", "unset", "dash", "lost", "dollars", "nested", "invalid", "required"],
)
def test_traps_of_variables(text: str, kind: str, chars: tuple[int, int]) -> None:
    fault = only(service(f'hostname: "{text}"', FOO="foo"))
    assert (type(fault).__name__, fault.place.chars) == (kind, chars)


# Clients


@pytest.mark.parametrize(
    ("text", "release", "dialect", "highest", "default"),
    [
        ("", (29, 7), "v3", 13, "3.13"),
        ("28.2.2", (28, 2), "v3", 13, "3.13"),
        ("27", (27, 99), "v2", 13, "3.13"),
        ("v26.1.4", (26, 1), "v2", 12, "3.12"),
        ("20.10.24+dfsg1", (20, 10), "v2", 9, "1.0"),
        ("20", (20, 10), "v2", 9, "1.0"),
        ("18.09", (18, 9), "v2", 7, "1.0"),
        ("17.12", (17, 12), "v2", 5, "1.0"),
        ("17.09", (17, 9), "v2", 4, "1.0"),
        ("30", (30, 99), "v3", 13, "3.13"),
    ],
    ids=["newest", "28", "27", "26", "debian", "20", "18", "17.12", "17.09", "future"],
)
def test_generations(text: str, release: tuple[int, int], dialect: str, highest: int, default: str) -> None:
    client = parse(text)
    assert client is not None
    assert (client.release, client.dialect, client.highest, client.default) == (release, dialect, highest, default)


@pytest.mark.parametrize("text", ["x", "28.", "-1", "28.2.2\n28", "1" * 5])
def test_no_version(text: str) -> None:
    assert parse(text) is None


def test_of_many_networks_none_is_told_to_be_meant() -> None:
    """Everyone of many would be looked up in all others."""
    for count, fixed in ((10, 10), (301, 0)):
        services = "".join(f"  s{n}: {{image: a, networks: [frnt{n:03}]}}\n" for n in range(count))
        networks = "".join(f"  front{n:03}: {{}}\n" for n in range(count))
        text = f"services:\n{services}networks:\n{networks}"
        found = check_stacks([[read(text.encode(), "stack.yml")]]).findings
        assert sum(bool(f.fixes) for f in found if f.rule == "undeclared-network") == fixed
