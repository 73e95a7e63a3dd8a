"""Durations, sizes and CPUs: what docker reads, what it says otherwise."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lblint.stack.faults import GrammarError
from lblint.stack.go_printing import quote
from lblint.stack.units import HOUR, MINUTE, SECOND, format_duration, parse_cpus, parse_duration, parse_size


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("10s", 10 * SECOND, id="seconds"),
        pytest.param("1h5m30s", HOUR + 5 * MINUTE + 30 * SECOND, id="compound"),
        pytest.param("1.5h", 90 * MINUTE, id="decimal"),
        pytest.param(".5s", SECOND // 2, id="no-digit-before-point"),
        pytest.param("1.s", SECOND, id="no-digit-after-point"),
        pytest.param("-5s", -5 * SECOND, id="negative"),
        pytest.param("+5s", 5 * SECOND, id="plus"),
        pytest.param("0", 0, id="bare-zero"),
        pytest.param("1µs", 1000, id="micro-sign"),
        pytest.param("1μs", 1000, id="greek-mu"),
        pytest.param("9223372036854775807ns", (1 << 63) - 1, id="largest"),
        pytest.param("-9223372036854775808ns", -(1 << 63), id="lowest"),
        pytest.param("9223372036854775808ns", 'time: invalid duration "9223372036854775808ns"', id="overflow"),
        pytest.param("3000000h", 'time: invalid duration "3000000h"', id="overflow-by-unit"),
        pytest.param("10", 'time: missing unit in duration "10"', id="no-unit"),
        pytest.param("10 s", 'time: unknown unit " s" in duration "10 s"', id="space"),
        pytest.param("1d", 'time: unknown unit "d" in duration "1d"', id="days"),
        pytest.param("", 'time: invalid duration ""', id="empty"),
        pytest.param(".s", 'time: invalid duration ".s"', id="no-digits"),
        pytest.param("1ß", 'time: unknown unit "\\xc3\\x9f" in duration "1ß"'.replace("1ß", "1\\xc3\\x9f"), id="bytes"),
    ],
)
def test_duration(text: str, expected: int | str) -> None:
    assert parse_duration(text) == (GrammarError(expected) if isinstance(expected, str) else expected)


@pytest.mark.parametrize(
    ("nanoseconds", "text"),
    [
        pytest.param(0, "0s", id="zero"),
        pytest.param(100, "100ns", id="ns"),
        pytest.param(1500, "1.5µs", id="us"),
        pytest.param(100_000_000, "100ms", id="ms"),
        pytest.param(SECOND * 3 // 2, "1.5s", id="fraction"),
        pytest.param(MINUTE, "1m0s", id="minute"),
        pytest.param(HOUR + SECOND, "1h0m1s", id="hour"),
        pytest.param(-5 * SECOND, "-5s", id="negative"),
        pytest.param((1 << 63) - 1, "2562047h47m16.854775807s", id="largest"),
    ],
)
def test_duration_printed(nanoseconds: int, text: str) -> None:
    assert format_duration(nanoseconds) == text


@given(st.integers(-(1 << 63), (1 << 63) - 1))
def test_a_printed_duration_reads_back(nanoseconds: int) -> None:
    assert parse_duration(format_duration(nanoseconds)) == nanoseconds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("512M", 512 << 20, id="M"),
        pytest.param("1.5 GiB", 3 << 29, id="fraction-space-GiB"),
        pytest.param("100", 100, id="bare"),
        pytest.param("7b", 7, id="b"),
        pytest.param("1_0k", 10240, id="underscore"),
        pytest.param("1e3", 1000, id="exponent"),
        pytest.param("abc", "invalid size: 'abc'", id="letters"),
        pytest.param("-1M", "invalid size: '-1M'", id="negative"),
        pytest.param("5x", "invalid suffix: 'x'", id="unit"),
        pytest.param("5mbit", "invalid suffix: 'mbit'", id="long-suffix"),
        pytest.param("5Mi", "invalid suffix: 'mi'", id="Mi"),
        pytest.param(" M", 'strconv.ParseFloat: parsing "": invalid syntax', id="space"),
        pytest.param("1e999", 'strconv.ParseFloat: parsing "1e999": value out of range', id="range"),
    ],
)
def test_size(text: str, expected: int | str) -> None:
    assert parse_size(text) == (GrammarError(expected) if isinstance(expected, str) else expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("512M", 512 << 20, id="M"),
        pytest.param("5Mi", 5 << 20, id="Mi"),
        pytest.param("1.5.1M", 'strconv.ParseFloat: parsing "1.5.1": invalid syntax', id="two-points"),
        pytest.param("1e3", "invalid size: '1e3'", id="exponent"),
    ],
)
def test_size_of_old_client(text: str, expected: int | str) -> None:
    assert parse_size(text, legacy=True) == (GrammarError(expected) if isinstance(expected, str) else expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("0.5", 500_000_000, id="half"),
        pytest.param("1/2", 500_000_000, id="quotient"),
        pytest.param("5e-1", 500_000_000, id="exponent"),
        pytest.param("0x1p-1", 500_000_000, id="hexadecimal"),
        pytest.param("010", 10_000_000_000, id="zero-in-front-decimal"),
        pytest.param("010/1", 8_000_000_000, id="zero-in-front-of-quotient-octal"),
        pytest.param("-1", -1_000_000_000, id="negative"),
        pytest.param("0.0001", 100_000, id="small"),
        pytest.param("0", 0, id="zero"),
        pytest.param("1e-10", "value is too precise", id="below-nano"),
        pytest.param("1/3", "value is too precise", id="third"),
        pytest.param("abc", "failed to parse abc as a rational number", id="letters"),
        pytest.param("", "failed to parse  as a rational number", id="empty"),
        pytest.param("1/0", "failed to parse 1/0 as a rational number", id="by-zero"),
        pytest.param("1/-2", "failed to parse 1/-2 as a rational number", id="negative-denominator"),
        pytest.param("0,5", "failed to parse 0,5 as a rational number", id="comma"),
        pytest.param("1e9999999", "failed to parse 1e9999999 as a rational number", id="huge-exponent"),
        pytest.param("1e-999999", "value is too precise", id="tiny"),
        pytest.param("50%", "failed to parse 50% as a rational number", id="percent"),
    ],
)
def test_cpus(text: str, expected: int | str) -> None:
    assert parse_cpus(text) == (GrammarError(expected) if isinstance(expected, str) else expected)


@given(st.text() | st.text(alphabet="0123456789.eExXpPoObB_/+-kmgiKMGhsunµ "))
def test_any_text_gets_an_answer(text: str) -> None:
    for parse in (parse_duration, parse_size, parse_cpus, lambda t: parse_size(t, legacy=True)):
        answer = parse(text)
        assert isinstance(answer, int) or answer.told


@pytest.mark.parametrize(
    "text",
    ["1" * 200_000, "1h" * 100_000, "0" * 200_000 + "s", "1_" * 100_000, "-" * 200_000, "." + "1" * 200_000 + "s"],
    ids=["ones", "hours", "zeros", "underscores", "dashes", "fraction"],
)
def test_long_texts_are_quick(text: str) -> None:
    start = time.process_time()
    for parse in (parse_duration, parse_size, parse_cpus):
        parse(text)
    assert time.process_time() - start < 1


def test_quote_as_go() -> None:
    assert quote('a"\\\n\x00é\u200b') == '"a\\"\\\\\\n\\x00é\\u200b"'
