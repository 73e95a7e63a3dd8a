"""Placement constraints."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lblint.stack.constraint import Constraint, parse_constraint
from lblint.stack.faults import GrammarError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("node.role == manager", Constraint("node.role", "==", "manager"), id="equal"),
        pytest.param("node.role!=worker", Constraint("node.role", "!=", "worker"), id="unequal"),
        pytest.param("node.labels.a-b == x.*|y", Constraint("node.labels.a-b", "==", "x.*|y"), id="value-characters"),
        pytest.param("node.labels.zone ==  a b ", Constraint("node.labels.zone", "==", "a b"), id="inner-space"),
        pytest.param("node.role = manager", "constraint expected one operator from ==, !=", id="single-sign"),
        pytest.param("", "constraint expected one operator from ==, !=", id="empty"),
        pytest.param("node role == x", "key 'node role' is invalid", id="key-with-space"),
        pytest.param("n == x", "key 'n' is invalid", id="key-of-one-letter"),
        pytest.param("== x", "key '' is invalid", id="no-key"),
        pytest.param("node.id == {{x}}", "value '{{x}}' is invalid", id="braces"),
        pytest.param("node.id ==", "value '' is invalid", id="no-value"),
        pytest.param("node.id === x", "value '= x' is invalid", id="three-signs"),
        pytest.param("node.id != a==b", "key 'node.id != a' is invalid", id="equal-is-sought-first"),
        pytest.param("node.labels.a == 1,2", "value '1,2' is invalid", id="comma"),
        pytest.param("node.labels.a == é", "value 'é' is invalid", id="beyond-ascii"),
    ],
)
def test_constraint(text: str, expected: Constraint | str) -> None:
    assert parse_constraint(text) == (GrammarError(expected) if isinstance(expected, str) else expected)


@pytest.mark.parametrize(
    ("key", "known"),
    [
        pytest.param("node.role", True, id="role"),
        pytest.param("Node.Hostname", True, id="case"),
        pytest.param("node.labels.x", True, id="label"),
        pytest.param("engine.labels.x", True, id="engine-label"),
        pytest.param("node.labels.", False, id="empty-label"),
        pytest.param("node.label.x", False, id="label-misspelt"),
        pytest.param("node.platform", False, id="half"),
        pytest.param("hostname", False, id="no-node"),
    ],
)
def test_known_keys(key: str, known: bool) -> None:
    assert Constraint(key, "==", "x").known is known


@given(st.text() | st.text(alphabet="=! ano.d-_"))
def test_any_text_gets_an_answer(text: str) -> None:
    answer = parse_constraint(text)
    assert answer.told if isinstance(answer, GrammarError) else isinstance(answer.known, bool)


@pytest.mark.parametrize("part", ["a", "=", " ", "a==", "=a"])
def test_long_texts_are_quick(part: str) -> None:
    start = time.process_time()
    parse_constraint(part * 200_000)
    assert time.process_time() - start < 1
