"""The table of labels answers for itself; validators never raise and point inside the value; no typo passes."""

from __future__ import annotations

import string
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lblint.finding import Severity
from lblint.interlock import KEYS, LABELS, PREFIX
from lblint.interlock.label_spelling import meant
from lblint.interlock.label_table import LabelSpec
from lblint.interlock.paths import check_rewritten
from lblint.interlock.value_problems import Problem
from lblint.spelling import distance, nearest

SPECS = [pytest.param(spec, id=name) for name, spec in LABELS.items()]
ALPHABET = string.ascii_lowercase + string.digits + "._- "


@pytest.mark.parametrize("spec", SPECS)
def test_the_table_is_whole(spec: LabelSpec) -> None:
    assert spec.key == PREFIX + spec.name
    assert spec.kind
    assert spec.since
    assert spec.default
    assert spec.doc.endswith(("instead.", ".", "https://app.example.org"))
    assert list(spec.problems(spec.example)) == []
    for relation in (*spec.needs, *spec.excludes):
        assert relation.name in LABELS
        assert relation.says


@pytest.mark.parametrize("spec", SPECS)
def test_a_control_character_is_no_value(spec: LabelSpec) -> None:
    for control in "\0\t\n\r\x1b\x7f\x85\u2028":
        found = list(spec.problems(spec.example + control))
        assert [problem.kind for problem in found] == ["control-character"]
        assert found[0].severity is Severity.ERROR


def _inside(value: str, problems: Iterator[Problem]) -> None:
    for problem in problems:
        assert 0 <= problem.start <= problem.end <= len(value)
        assert problem.kind
        assert problem.says
        assert "\n" not in problem.help


PIECES = [*"/.,;:~*[](){}$'\"\\ <>#?@%_-^+|=\n0smaä\u200b", "http://", "https://", "a.com", "8080", "/app", "true"]
WORDS = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)


@pytest.mark.parametrize("spec", SPECS)
@settings(max_examples=60, deadline=None)
@given(value=st.text(max_size=40) | WORDS)
def test_validators_never_raise_and_point_inside_the_value(spec: LabelSpec, value: str) -> None:
    _inside(value, spec.problems(value))


@given(value=st.text(max_size=40) | WORDS)
def test_the_rewriting_check_never_raises(value: str) -> None:
    _inside(value, check_rewritten(value))


@pytest.mark.parametrize("spec", SPECS)
def test_validators_take_linear_time(spec: LabelSpec) -> None:
    for piece in ("a", ".", "a.", "/", "~", "*", "(", "<", "{{", "a,", ";", "1h", "1", "_", " ", "%a", "a:", "\\d"):
        for value in (piece * 20_000, "/" + piece * 20_000 + "!", "http://" + piece * 20_000 + " "):
            _inside(value, spec.problems(value))


def edits(key: str) -> set[str]:
    """All texts that are one delete, replace, insert or swap of neighbours away."""
    found = set()
    for at in range(len(key) + 1):
        found |= {key[:at] + char + key[at:] for char in ALPHABET}
        found |= {key[:at] + char + key[at + 1 :] for char in ALPHABET}
        found.add(key[:at] + key[at + 1 :])
        found.add(key[:at] + key[at + 1 : at + 2] + key[at : at + 1] + key[at + 2 :])
    return found - {key}


@pytest.mark.parametrize("spec", SPECS)
def test_no_single_edit_of_a_key_passes(spec: LabelSpec) -> None:
    for typo in edits(spec.key):
        assert typo not in KEYS
        assert meant(typo).startswith(PREFIX), f"{typo!r} would pass in silence"


@pytest.mark.parametrize(
    ("key", "wanted"),
    [
        pytest.param("com.docker.1b.hosts", "com.docker.lb.hosts", id="one-for-l"),
        pytest.param("com.dokcer.lb.hosts", "com.docker.lb.hosts", id="swap"),
        pytest.param("com.docker.lb-hosts", "com.docker.lb.hosts", id="hyphen"),
        pytest.param("com_docker_lb_hosts", "com.docker.lb.hosts", id="underscores"),
        pytest.param("COM.DOCKER.LB.HOSTS", "com.docker.lb.hosts", id="upper-case"),
        pytest.param(" com.docker.lb.hosts ", "com.docker.lb.hosts", id="spaces"),
        pytest.param("docker.lb.hosts", "com.docker.lb.hosts", id="no-com"),
        pytest.param("com.docker.lbhosts", "com.docker.lb.hosts", id="no-dot"),
        pytest.param("com.dokcer.lb.host", "com.docker.lb.hosts", id="prefix-and-name"),
        pytest.param("com.docker.lb.defaul_backend", "com.docker.lb.default_backend", id="the-docs-typo"),
        pytest.param("com.docker.lb.hostname", "com.docker.lb.hosts", id="other-word"),
        pytest.param("com.docker.lb.hosts.1", "com.docker.lb.hosts", id="index"),
        pytest.param("com.docker.lb.contextRoot", "com.docker.lb.context_root", id="camel-case"),
        pytest.param("com.docker.lb.sticky-session-cookie", "com.docker.lb.sticky_session_cookie", id="hyphens"),
        pytest.param("com.docker.com.lb.hosts", "com.docker.lb.hosts", id="a-word-too-many"),
        pytest.param("com.docker.lb.backend", "com.docker.lb.backend", id="unknown"),
        pytest.param("com.docker.ucp.access.label", "", id="access-label"),
        pytest.param("com.docker.stack.namespace", "", id="stack-label"),
        pytest.param("com.docker.vm.port", "", id="other-product"),
        pytest.param("traefik.port", "", id="traefik"),
        pytest.param("", "", id="empty"),
    ],
)
def test_meant(key: str, wanted: str) -> None:
    assert meant(key) == wanted


@pytest.mark.parametrize(
    ("one", "other", "edits"),
    [
        pytest.param("hosts", "hosts", 0, id="same"),
        pytest.param("hosts", "host", 1, id="delete"),
        pytest.param("hosts", "hotss", 1, id="swap"),
        pytest.param("hosts", "posts", 1, id="replace"),
        pytest.param("hosts", "ghostsx", 2, id="two-inserts"),
        pytest.param("abcd", "badc", 2, id="two-swaps"),
        pytest.param("hosts", "ports", 2, id="two"),
        pytest.param("hosts", "network", 3, id="more-than-the-limit"),
    ],
)
def test_distance(one: str, other: str, edits: int) -> None:
    assert distance(one, other, 2) == edits
    assert distance(other, one, 2) == edits


@given(one=st.text("ab.", max_size=6), other=st.text("ab.", max_size=6))
def test_distance_is_symmetric_and_bounded(one: str, other: str) -> None:
    assert distance(one, other, 9) == distance(other, one, 9) <= max(len(one), len(other))


def test_short_words_need_a_closer_match() -> None:
    assert nearest("prot", ["port"]) == "port"
    assert nearest("pop", ["port"]) == ""


def test_distance_is_that_of_the_whole_table_up_to_the_limit() -> None:
    words = ["", "a", "ab", "ba", "abc", "acb", "hosts", "hsots", "ohsts", "host", "hosst", "xhosts", "prot", "port"]
    for one in words:
        for other in words:
            whole = distance(one, other, 99)
            assert whole == distance(other, one, 99)
            for limit in range(4):
                found = distance(one, other, limit)
                assert found == whole if whole <= limit else found > limit, (one, other, limit)
    assert (distance("hsots", "hosts", 2), distance("kitten", "sitting", 3)) == (1, 3)
