"""Variables: our scanner against docker's own pattern, the casts, and how Go prints numbers."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lblint.lint import check_stacks
from lblint.source import read
from lblint.stack.faults import NestedVariable, RequiredWithDash, UnbracedDefault
from lblint.stack.go_printing import number, sprint
from lblint.stack.interpolation import CastError, to_bool, to_float, to_int
from lblint.stack.variables import substitute

ENV = {"A": "1", "B": "", "a_b": "x", "AB": "$A"}
# docker/cli cli/compose/template/template.go, in Python's spelling; Go's (?i) folds two letters beyond ASCII.
_SUBST = r"[_a-z][_a-z0-9]*(?::?[-?][^}]*)?"
_PATTERN = re.compile(rf"\$(?i:(?P<escaped>\$)|(?P<named>{_SUBST})|{{(?P<braced>{_SUBST})}}|(?P<invalid>))")


def reference(text: str) -> str | None:
    """What docker's Substitute gives, None for an error; by its pattern and its order of functions."""
    failed = False

    def replaced(match: re.Match[str]) -> str:
        nonlocal failed
        if match["escaped"]:
            return "$"
        expression = match["named"] or match["braced"]
        if not expression:
            failed = True
            return ""
        for mark in (":-", "-", ":?", "?"):
            if mark in expression:
                name, _, rest = expression.partition(mark)
                value = ENV.get(name)
                absent = value is None or (mark[0] == ":" and not value)
                failed = absent and mark[-1] == "?"
                return "" if failed else rest if absent else str(value)
        failed = False
        return ENV.get(expression, "")

    result = _PATTERN.sub(replaced, text)
    return None if failed else result


@given(st.text(alphabet="$${}AaBb_-?:1 =\u017f", max_size=30))
def test_the_scanner_finds_what_dockers_pattern_finds(text: str) -> None:
    result = substitute(text, ENV)
    assert (None if result.error is not None else result.value) == reference(text)


@given(st.text(alphabet="$${}AaBb_-?:1 =", max_size=30))
def test_spans_are_inside_the_text_and_in_order(text: str) -> None:
    result = substitute(text, ENV)
    for fault in result.faults:
        assert fault.place.chars is not None
        start, end = fault.place.chars
        assert 0 <= start < end <= len(text)
        if isinstance(fault, UnbracedDefault | RequiredWithDash | NestedVariable):
            assert text[start:end] == fault.expression
    for use in result.unset:
        assert text[use.start] == "$"


@pytest.mark.parametrize(
    ("text", "value"),
    [("5", 5), ("-0", 0), ("+7", 7), ("0440", 440), ("9223372036854775807", 2**63 - 1)],
    ids=["plain", "minus-zero", "plus", "no-octal", "largest"],
)
def test_integers(text: str, value: int) -> None:
    assert to_int(text) == value


@pytest.mark.parametrize("text", ["", " 5", "0x1F", "1_000", "1.0", "9223372036854775808", "5\n", "٣"])
def test_no_integers(text: str) -> None:
    assert isinstance(to_int(text), CastError)


@pytest.mark.parametrize(("text", "value"), [("YES", True), ("n", False), ("On", True), ("off", False)])
def test_booleans(text: str, value: bool) -> None:
    assert to_bool(text) is value


@pytest.mark.parametrize("text", ["1", "0", "", "yes "])
def test_no_booleans(text: str) -> None:
    assert isinstance(to_bool(text), CastError)


@pytest.mark.parametrize(("text", "value"), [("0.5", 0.5), (".5", 0.5), ("1e3", 1000.0), ("0x1p-2", 0.25), ("5.", 5.0)])
def test_floats(text: str, value: float) -> None:
    assert to_float(text) == value


@pytest.mark.parametrize("text", ["", "1e999", "a", "0x1", "1 ", "1e"])
def test_no_floats(text: str) -> None:
    assert isinstance(to_float(text), CastError)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (1.0, "1"), (1.10, "1.1"), (1e3, "1000"), (100000.0, "100000"), (999999.5, "999999.5"), (1e6, "1e+06"),
        (1234567.0, "1.234567e+06"), (123456789.5, "1.234567895e+08"), (1e20, "1e+20"), (1e21, "1e+21"),
        (0.0001, "0.0001"), (0.00001, "1e-05"), (-0.0, "-0"), (1.5e-7, "1.5e-07"), (1e100, "1e+100"),
        (5e-324, "5e-324"),        (12345678901234567890123.0, "1.2345678901234568e+22"),
    ],
)  # fmt: skip
def test_numbers_are_printed_as_go_prints_them(value: float, shown: str) -> None:
    assert number(value) == shown


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_printed_numbers_read_back(value: float) -> None:
    assert float(number(value)) == value


@pytest.mark.parametrize(
    ("value", "shown"),
    [(None, "<nil>"), (True, "true"), (["a", 1, None], "[a 1 <nil>]"), ({"b": 1, "a": []}, "map[a:[] b:1]")],
    ids=["nil", "bool", "list", "map"],
)
def test_other_values_are_printed_as_go_prints_them(value: object, shown: str) -> None:
    assert sprint(value) == shown


def test_braces_that_nothing_closes_are_told_at_once() -> None:
    """In half a megabyte of them a search for each one's end would not come to its own."""
    text = "services: {a: {image: '" + "${A:-" * 100_000 + "'}}\n"
    found = check_stacks([[read(text.encode(), "stack.yml")]]).findings
    assert "invalid-interpolation" in {finding.rule for finding in found}
