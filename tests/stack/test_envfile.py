"""Env files: what becomes a variable, and what docker refuses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lblint.stack.environment import Variable, parse_env_file
from lblint.stack.faults import GrammarError

HOST = {"FOO": "foo", "EMPTY": ""}


@pytest.mark.parametrize(
    ("data", "variables"),
    [
        pytest.param(b"A=1\nB=2\n", [("A", "1", 1), ("B", "2", 2)], id="plain"),
        pytest.param(b"\xef\xbb\xbfA=1", [("A", "1", 1)], id="bom"),
        pytest.param(b"A=1\r\nB=2\r\n", [("A", "1", 1), ("B", "2", 2)], id="crlf"),
        pytest.param(b"# c\n\n  A = 1", "variable 'A ' contains whitespaces", id="space-before-sign"),
        pytest.param(b"  A=1 # not a comment ", [("A", "1 # not a comment ", 1)], id="trailing-kept"),
        pytest.param(b'A="x"', [("A", '"x"', 1)], id="quotes-kept"),
        pytest.param(b"A=$FOO", [("A", "$FOO", 1)], id="no-interpolation"),
        pytest.param(b"A=b=c", [("A", "b=c", 1)], id="first-sign"),
        pytest.param(b"FOO\nEMPTY\nNOPE\n", [("FOO", "foo", 1), ("EMPTY", "", 2)], id="taken-from-the-host"),
        pytest.param(b"export A=1", "variable 'export A' contains whitespaces", id="export"),
        pytest.param(b"=1", "no variable name on line '=1'", id="no-name"),
        pytest.param(b"A=1\n\xff", "invalid utf8 bytes at line 2: [255]", id="not-utf8"),
        pytest.param(b"A=" + b"x" * 65533, [("A", "x" * 65533, 1)], id="longest-line"),
        pytest.param(b"A=" + b"x" * 65534, "bufio.Scanner: token too long", id="too-long-a-line"),
        pytest.param(b"", [], id="empty"),
    ],
)
def test_env_file(data: bytes, variables: str | list[tuple[str, str, int]]) -> None:
    read = parse_env_file(data, "/d/x.env", HOST.get)
    if isinstance(variables, str):
        assert read == GrammarError(f"invalid env file (/d/x.env): {variables}")
    else:
        assert read == tuple(variables)


def test_words_of_the_old_client() -> None:
    told = "poorly formatted environment: variable 'export A' contains whitespaces"
    assert parse_env_file(b"export A=1", "/x", HOST.get, legacy=True) == GrammarError(told)


@given(st.binary())
def test_any_bytes_get_an_answer(data: bytes) -> None:
    read = parse_env_file(data, "/x", HOST.get)
    assert isinstance(read, GrammarError) or all(isinstance(one, Variable) for one in read)


NAMES = st.from_regex(r"[A-Z_]{1,8}", fullmatch=True)
VALUES = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]))


@given(st.dictionaries(NAMES, VALUES))
def test_round_trip(variables: dict[str, str]) -> None:
    data = "".join(f"{name}={value}\n" for name, value in variables.items()).encode()
    read = parse_env_file(data, "/x", HOST.get)
    assert not isinstance(read, GrammarError)
    assert {one.name: one.value for one in read} == variables
