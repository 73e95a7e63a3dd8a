"""What a scalar means to go-yaml: the table, and what docker makes of each as a label."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lblint.source import Timestamp
from lblint.source.scalars import differs, resolve, tagged

TABLE: list[tuple[str, Any]] = [
    ("", None), ("~", None), ("null", None), ("Null", None), ("NULL", None), ("nULL", "nULL"), ("nil", "nil"),
    ("true", True), ("True", True), ("TRUE", True), ("tRue", "tRue"), ("false", False), ("False", False),
    ("yes", "yes"), ("no", "no"), ("on", "on"), ("off", "off"), ("y", "y"), ("n", "n"), ("Yes", "Yes"),
    ("0", 0), ("-0", 0), ("+5", 5), ("12", 12), ("-12", -12), ("1_000", 1000), ("1__0", 10), ("1_", 1), ("-_5", -5),
    ("_5", "_5"), ("0777", 511), ("-0777", -511), ("00", 0), ("0o777", 511), ("0O7", 7), ("0o8", "0o8"), ("08", 8.0),
    ("0_8", 8.0), ("0x1F", 31), ("0X1f", 31), ("-0x10", -16), ("0x_1", 1), ("0x", "0x"), ("0xg", "0xg"), ("0b101", 5),
    ("0B11", 3), ("0b2", "0b2"), ("-0b1", -1), ("0b", "0b"),
    ("9223372036854775807", 2**63 - 1), ("9223372036854775808", 2**63), ("18446744073709551615", 2**64 - 1),
    ("18446744073709551616", 2.0**64), ("-9223372036854775808", -(2**63)), ("-9223372036854775809", -(2.0**63)),
    ("+18446744073709551615", 2.0**64), ("0xFFFFFFFFFFFFFFFF", 2**64 - 1),
    ("0x1FFFFFFFFFFFFFFFF", "0x1FFFFFFFFFFFFFFFF"),
    ("0" * 90 + "7", 7), ("1.0", 1.0), ("1.", 1.0), (".5", 0.5), ("-.5", -0.5), ("1e3", 1000.0), ("1E+3", 1000.0),
    ("1.5e-7", 1.5e-7), ("1_0.5", 10.5), (".5_0", 0.5), ("._5", "._5"), (".5_", ".5_"), (".5e1_0", 5e9), (".e5", ".e5"),
    (".", "."), ("1e", "1e"), ("1e400", "1e400"), ("-1e400", "-1e400"), ("1e-400", 0.0), ("0x1p-2", "0x1p-2"),
    (".inf", math.inf), ("-.Inf", -math.inf), ("+.INF", math.inf), (".iNf", ".iNf"), ("inf", "inf"), ("1.2.3", "1.2.3"),
    ("22:22", "22:22"), ("1:30", "1:30"), ("-", "-"), ("+", "+"), ("--1", "--1"), ("1-2", "1-2"), ("1 2", "1 2"),
    ("<<", "<<"), ("=", "="), ("a", "a"), ("²", "²"), ("٣", "٣"), ("1٣", "1٣"), ("1\n", "1\n"), ("0x1\n", "0x1\n"),
    ("2020-01-01\n", "2020-01-01\n"), (".5\n", ".5\n"),
    ("2020-02-30", "2020-02-30"), ("2020-13-01", "2020-13-01"), ("2019-02-29", "2019-02-29"), ("20-01-01", "20-01-01"),
    ("2020-01-01T24:00:00Z", "2020-01-01T24:00:00Z"), ("2020-01-01T01:02:03", "2020-01-01T01:02:03"),
    ("2020-01-01 01:02:03Z", "2020-01-01 01:02:03Z"), ("2020-01-01 01:02:03 Z", "2020-01-01 01:02:03 Z"),
    ("2020-01-01T01:02:03+25:00", "2020-01-01T01:02:03+25:00"), ("2020-01-01T1:2:3+1:00", "2020-01-01T1:2:3+1:00"),
]  # fmt: skip
DATES = [
    ("2020-01-01", "2020-01-01 00:00:00 +0000 UTC"),
    ("2020-1-1", "2020-01-01 00:00:00 +0000 UTC"),
    ("0000-02-29", "0000-02-29 00:00:00 +0000 UTC"),
    ("2020-01-01T1:2:3Z", "2020-01-01 01:02:03 +0000 UTC"),
    ("2020-01-01t01:02:03-00:00", "2020-01-01 01:02:03 +0000 UTC"),
    ("2020-01-01T01:02:03+05:30", "2020-01-01 01:02:03 +0530 +0530"),
    ("2020-01-01T01:02:03-01:60", "2020-01-01 01:02:03 -0200 -0200"),
    ("2020-01-01 01:02:03", "2020-01-01 01:02:03 +0000 UTC"),
    ("2020-01-01 01:02:03.1234567899", "2020-01-01 01:02:03.123456789 +0000 UTC"),
    ("2020-01-01 01:02:03,50", "2020-01-01 01:02:03.5 +0000 UTC"),
]


@pytest.mark.parametrize(("text", "value"), [pytest.param(*row, id=repr(row[0])[:40]) for row in TABLE])
def test_plain(text: str, value: Any) -> None:
    found = resolve(text)
    assert (type(found), found) == (type(value), value)


def test_not_a_number() -> None:
    assert all(math.isnan(resolve(text)) for text in (".nan", ".NaN", ".NAN"))
    assert resolve(".nAn") == ".nAn"


@pytest.mark.parametrize(("text", "shown"), [pytest.param(*row, id=row[0]) for row in DATES])
def test_date(text: str, shown: str) -> None:
    found = resolve(text)
    assert type(found) is Timestamp
    assert found == shown
    assert resolve(text, "v2") == text
    assert type(resolve(text, "v2")) is str


@pytest.mark.parametrize(
    "text", [pytest.param(word, id=word) for word in ("y", "Y", "yes", "Yes", "YES", "on", "On", "ON")]
)
def test_words_of_older_clients(text: str) -> None:
    assert resolve(text, "v2") is True
    assert resolve(text) == text
    assert differs(text)


TAGGED: list[tuple[str, str, Any]] = [
    ("int", "5", 5), ("int", "0x10", 16), ("float", "5", 5.0), ("float", "5.5", 5.5), ("bool", "true", True),
    ("null", "", None), ("str", "5", "5"), ("str", "", ""), ("binary", "aGVsbG8=", "hello"), ("seq", "5", "5"),
    ("merge", "<<", "<<"), ("other", "5", "5"), ("timestamp", "2020-01-01", Timestamp("2020-01-01 00:00:00 +0000 UTC")),
]  # fmt: skip
REFUSED = [
    ("int", "5.0", "float"), ("int", "x", "str"), ("int", "", "null"), ("int", "2020-01-01", "str"),
    ("bool", "yes", "str"),
    ("null", "0", "int"), ("float", "x", "str"), ("float", "18446744073709551615", "int"), ("timestamp", "x", "str"),
]  # fmt: skip


@pytest.mark.parametrize(("tag", "text", "value"), [pytest.param(*row, id=f"{row[0]}-{row[1]}") for row in TAGGED])
def test_tagged(tag: str, text: str, value: Any) -> None:
    found, told = tagged(text, f"tag:yaml.org,2002:{tag}")
    assert (type(found), found, told) == (type(value), value, "")


@pytest.mark.parametrize(("tag", "text", "found"), [pytest.param(*row, id=f"{row[0]}-{row[1]}") for row in REFUSED])
def test_a_tag_that_does_not_fit(tag: str, text: str, found: str) -> None:
    told = f"yaml: cannot decode !!{found} `{text}` as a !!{tag}"
    assert tagged(text, f"tag:yaml.org,2002:{tag}") == (text, told)


def test_base64_that_is_none() -> None:
    told = "yaml: !!binary value contains invalid base64 data"
    assert [tagged(text, "tag:yaml.org,2002:binary")[1] for text in ("aGVsbG8", "aGVs bG8=", "é")] == [told] * 3


def test_a_tag_of_others_changes_nothing() -> None:
    assert tagged("null", "!reset") == ("null", "")


def test_a_date_with_a_tag_for_older_clients() -> None:
    assert tagged("2020-01-01", "tag:yaml.org,2002:timestamp", "v2") == ("2020-01-01", "")


@given(st.text(alphabet="0123456789+-._xXoObBeEtTzZ:aAfFnN ~\n", max_size=30) | st.text(max_size=30))
def test_any_text_is_resolved(text: str) -> None:
    for dialect in ("v2", "v3"):
        value = resolve(text, dialect)
        assert value is None or isinstance(value, str | int | float)
        if type(value) is str:
            assert value == text


@given(st.integers(min_value=-(2**63), max_value=2**64 - 1))
def test_integers_come_back(number: int) -> None:
    assert resolve(str(number)) == number
    if number >= 0:
        assert [resolve(f(number)) for f in (hex, oct, bin)] == [number] * 3


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_come_back(number: float) -> None:
    found = resolve(repr(number))
    assert found == number
    assert isinstance(found, float)


def test_long_texts_take_no_time() -> None:
    for text in (
        "0" * 10**6,
        "1" * 10**6,
        "9" * 10**6 + ".",
        "." + "1_" * 10**6,
        "0b" + "1" * 10**6,
        "2020-01-01 " * 10**5,
    ):
        resolve(text)
