"""Huge, deep and hostile stack files: an answer in bounded time, and never an exception."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lblint.source import read
from lblint.stack import Stack, dump, load

HEAD = 'version: "3.8"\nservices:\n'
SERVICE = """  s%d:
    image: nginx
    ports: ["%d:80"]
    environment: [A=b]
    deploy: {labels: {com.docker.lb.hosts: x.org, com.docker.lb.port: 80}}
"""
MANY = 20_000


def one(body: str) -> str:
    return f"{HEAD}  a: {body}\n"


def items(key: str, values: list[str], end: str = "") -> str:
    return one(f"{{{key}: [{','.join(values)}]{end}}}")


def loaded(text: str) -> Stack:
    return load([read(text.encode(), "stack.yml")], "s", {"FOO": "x"})


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(HEAD + "".join(SERVICE % (i, i) for i in range(1000)), id="services"),
        pytest.param(one('{image: "%s"}' % ("x" * 10**6)), id="long-text"),
        pytest.param(one('{image: "%s"}' % ("${a-" * 100_000)), id="open-braces"),
        pytest.param(one('{image: "%s"}' % ("${a:?" * 100_000)), id="open-messages"),
        pytest.param(one('{image: "%s"}' % ("$a" * 100_000)), id="variables"),
        pytest.param(one('{image: "%s"}' % ("$" * 200_001)), id="dollars"),
        pytest.param(items("ports", [f'"{"0" * i}1-65535:1-65535"' for i in range(200)]), id="ranges"),
        pytest.param(HEAD + "  a:\n" + "".join(f"    k{i}: 1\n" for i in range(MANY)), id="unknown-keys"),
        pytest.param(HEAD + "  a:\n    labels:\n" + "".join(f"      k{i}: on\n" for i in range(MANY)), id="labels"),
        pytest.param(items("labels: {k", ["a"] * MANY, "}"), id="list-for-a-label"),
        pytest.param(items("dns", ["a"] * MANY), id="same-items"),
        pytest.param(one("{command: '%s'}" % ('\\\\ "a" ' * MANY)), id="words"),
        pytest.param(one('{stop_grace_period: "%s"}' % ("1h" * 100_000)), id="duration"),
        pytest.param(one('{volumes: ["%s"]}' % ("a:" * 100_000)), id="colons"),
        pytest.param(one("{labels: {k: %s}}" % ("1" * 100_000)), id="digits"),
        pytest.param(one("{x-a: %s}" % ("[" * 95 + "]" * 95)), id="deep"),
    ],
)
def test_an_answer_within_seconds(text: str) -> None:
    start = time.process_time()
    stack = loaded(text)
    dump(stack)
    assert time.process_time() - start < 20


def test_too_many_ports_are_said_to_be_unchecked() -> None:
    assert loaded(one('{ports: ["1-60000:1-60000", "1-60000:1-60001"]}')).unchecked == ""
    assert loaded(one('{ports: ["1-60000:1-60000", "01-60000:1-60000"]}')).unchecked


_SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6)
_KEYS = st.sampled_from(
    """
    version services networks volumes secrets configs a deploy labels ports x-a ulimits build environment env_file
    healthcheck test external name driver_opts source logging command x-cluster-spec capacity_range required_bytes
    extra_hosts resources limits expose
    """.split()  # noqa: SIM905
)
_TREES = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=25,
)


class Given:
    """Data in place of a file."""

    def __init__(self, name: str, data: object) -> None:
        self.name = name
        self.data = data
        self.faults = ()
        self.keys = ()

    def written(self, path: object) -> None:
        return None


@settings(max_examples=300, deadline=None)
@given(st.lists(st.dictionaries(_KEYS, _TREES, max_size=5) | _TREES, min_size=1, max_size=3), st.booleans())
def test_nothing_raises(trees: list[object], interpolate: bool) -> None:
    sources = [Given(f"{number}.yml", tree) for number, tree in enumerate(trees)]
    stack = load(sources, None, {}, interpolate=interpolate)  # type: ignore[arg-type]
    dump(stack)
