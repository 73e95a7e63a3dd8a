"""TOML files: what tomllib reads has a place for every key and value, and nothing raises."""

from __future__ import annotations

import datetime
import time
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lblint.finding import Path, Place, of_kind
from lblint.source.faults import InvalidToml
from lblint.source.toml import MAX_BYTES, TomlSource, read_toml
from lblint.source.tomlscan import MAX_DEPTH

TEXT = '''\
# Interlock
ListenAddr = ":8080"   # gRPC
PollInterval="3s"

[Extensions]
  [Extensions.default]
    Image = 'docker/ucp-interlock-extension:3.2.3'
    Args = ["-D", # debug
      "-x",
    ]
    ProxyReplicas = 2
    [Extensions.default.Config]
      "MainLogFormat" = """
'$remote_addr' \\
  x;"""
      SSL.Verify = "required"
      Inline = {A = 1, "b c".d = [1979-05-27 07:32:00, {e = inf}]}
[[Old]]
Name = "a"
[[Old]]
Name = "b"
[Old.Sub]
Key = 'it'
'''


def shown(source: TomlSource, *path: str | int, key: bool = False, chars: tuple[int, int] | None = None) -> str:
    """The line, and the text at a place."""
    line, column, end_line, end_column = source.position(Place("c.toml", path, key, chars))
    starts = source.lines.starts
    return f"{line}:{source.text[starts[line - 1] + column - 1 : starts[end_line - 1] + end_column - 1]}"


SOURCE = read_toml(TEXT.encode(), "c.toml")


@pytest.mark.parametrize(
    ("path", "key", "value"),
    [
        pytest.param(("ListenAddr",), "2:ListenAddr", '2:":8080"', id="value"),
        pytest.param(("PollInterval",), "3:PollInterval", '3:"3s"', id="without spaces"),
        pytest.param(("Extensions",), "5:Extensions", "5:Extensions", id="table"),
        pytest.param(("Extensions", "default"), "6:default", "6:default", id="subtable"),
        pytest.param(("Extensions", "default", "Args"), "8:Args", "8:Args", id="array"),
        pytest.param(("Extensions", "default", "Args", 1), '9:"-x"', '9:"-x"', id="item"),
        pytest.param(("Extensions", "default", "ProxyReplicas"), "11:ProxyReplicas", "11:2", id="number"),
        pytest.param(("Extensions", "default", "Gone", "x"), "6:default", "6:default", id="nearest"),
        pytest.param(("Extensions", "default", "Config", "SSL", "Verify"), "16:Verify", '16:"required"', id="dotted"),
        pytest.param(("Extensions", "default", "Config", "SSL"), "16:SSL", "16:SSL", id="dotted table"),
        pytest.param(("Extensions", "default", "Config", "Inline", "b c", "d", 0), "17:1979-05-27 07:32:00",
                     "17:1979-05-27 07:32:00", id="date"),
        pytest.param(("Extensions", "default", "Config", "Inline", "b c", "d", 1, "e"), "17:e", "17:inf", id="inline"),
        pytest.param(("Old",), "18:Old", "18:Old", id="array of tables"),
        pytest.param(("Old", 1), "20:[[", "20:[[", id="second table"),
        pytest.param(("Old", 1, "Name"), "21:Name", '21:"b"', id="in the second table"),
        pytest.param(("Old", 1, "Sub", "Key"), "23:Key", "23:'it'", id="below the second table"),
        pytest.param(("Nothing",), "1:", "1:", id="nowhere"),
    ],
)  # fmt: skip
def test_positions(path: Path, key: str, value: str) -> None:
    assert not SOURCE.faults
    assert shown(SOURCE, *path) == value
    assert shown(SOURCE, *path, key=True) == key


def test_a_part_of_a_text() -> None:
    assert shown(SOURCE, "Extensions", "default", "Image", chars=(7, 30)) == "7:ucp-interlock-extension"
    assert shown(SOURCE, "Extensions", "default", "Config", "MainLogFormat", chars=(1, 13)) == "14:$remote_addr"
    assert shown(SOURCE, "Extensions", "default", "Args", 0, chars=(1, 900)) == "8:D"


def test_texts_as_written() -> None:
    assert SOURCE.written(("ListenAddr",)) == ":8080"
    assert SOURCE.quoted(("ListenAddr",))
    assert SOURCE.written(("Extensions", "default", "ProxyReplicas")) == "2"
    assert not SOURCE.quoted(("Extensions", "default", "ProxyReplicas"))
    assert SOURCE.written(("Extensions",)) is None


@pytest.mark.parametrize(
    ("text", "where", "problem"),
    [
        pytest.param(b"a = \n", "1:5", "invalid value", id="no value"),
        pytest.param(b"a = 1\nb c = 2\n", "2:3", "expected '=' after a key in a key/value pair", id="no equals"),
        pytest.param(b"a = 1\n\na = 2\n", "3:1", "a is set twice", id="twice"),
        pytest.param(b"[a.b]\n[a]\n[a.b]\n", "3:4", "a.b is set twice", id="table twice"),
        pytest.param(b"a = {x = 1, x = 2}\n", "1:13", "a.x is set twice", id="inline twice"),
        pytest.param(b"[a\n", "1:3", "expected ']' at the end of a table declaration", id="open header"),
        pytest.param(b'a = "x\n', "1:7", "illegal character '\\n'", id="open quote"),
        pytest.param(b"a = [1,\n", "2:1", "invalid value", id="open array"),
        pytest.param(b"\xef\xbb\xbfa = 1\n", "1:1", "a byte order mark", id="byte order mark"),
        pytest.param(b"a = 1\nb = '\xff'\n", "2:6", "the byte 0xFF is not UTF-8", id="encoding"),
        pytest.param(b"a = " + b"9" * 5000, "1:1", "Exceeds the limit", id="long number"),
    ],
)
def test_syntax(text: bytes, where: str, problem: str) -> None:
    (fault,) = read_toml(text, "c.toml").faults
    assert isinstance(fault, InvalidToml)
    assert fault.problem.lower().startswith(problem.lower())
    assert fault.place.at is not None
    assert f"{fault.place.at.line}:{fault.place.at.column}" == where


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a = " + "[" * 100_000, id="arrays"),
        pytest.param("a = " + "{a=" * 100_000, id="inline tables"),
        pytest.param(".".join("a" * (MAX_DEPTH + 1)) + " = 1", id="dots"),
        pytest.param("[" + ".".join("a" * 100_000) + "]", id="header"),
        pytest.param("#" * (MAX_BYTES + 1), id="size"),
    ],
)
def test_what_is_not_read(text: str) -> None:
    source = read_toml(text.encode(), "c.toml")
    assert source.unchecked
    assert source.data is None


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"{'a.' * 15}{{}} = 1\n", id="dotted keys"),
        pytest.param(f"[[{'a.' * 15}b]]\nc{{}} = 1\n", id="arrays of tables"),
        pytest.param("[t{}]\n", id="tables"),
        pytest.param("k{} = [[[[]]]]\n", id="arrays"),
        pytest.param("k{} = '''\n'\n''\n'''\n", id="texts"),
        pytest.param('k{} = "\\"\\\\"\n', id="escapes"),
        pytest.param("#{}\n", id="comments"),
        pytest.param('k{} = """x\\"\\"\n', id="never closed"),
    ],
)
def test_time_is_linear(text: str) -> None:
    def seconds(size: int) -> float:
        lines = "".join(text.replace("{}", str(number)) for number in range(size // len(text)))
        start = time.process_time()
        read_toml(lines.encode()[: MAX_BYTES - 1], "c.toml")
        return time.process_time() - start

    small = max(seconds(50_000), 0.002)
    assert seconds(400_000) < 40 * small


NAMES = st.text("ab-_1", min_size=1, max_size=3) | st.text(max_size=4)
SCALARS = (
    st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text(max_size=12)
    | st.datetimes(datetime.datetime(1, 1, 1), datetime.datetime(9999, 1, 1))
    | st.dates()
    | st.times()
)
VALUES = st.recursive(SCALARS, lambda below: st.lists(below, max_size=3) | st.dictionaries(NAMES, below, max_size=3),
                      max_leaves=8)  # fmt: skip


def escaped(text: str, multi: bool = False) -> str:
    out = []
    for char in text:
        if char in '"\\':
            out.append("\\" + char)
        elif char == "\n" and multi:
            out.append(char)
        elif ord(char) < 32 or ord(char) == 127:
            out.append(f"\\u{ord(char):04x}")
        elif 0xD800 <= ord(char) < 0xE000:
            out.append("?")
        else:
            out.append(char)
    return "".join(out)


@st.composite
def documents(draw: st.DrawFn) -> str:
    """TOML in all its ways of writing; now and then not quite TOML."""

    def key(name: str) -> str:
        if name and all(char in "abcdefghijklmnopqrstuvwxyz-_0123456789" for char in name) and draw(st.booleans()):
            return name
        if "'" not in name and name.isprintable() and draw(st.booleans()):
            return f"'{name}'"
        return f'"{escaped(name)}"'

    def space() -> str:
        return draw(st.sampled_from(["", " ", "\t "]))

    def gap() -> str:
        return draw(st.sampled_from(["", " ", "\n", " # ],}\n", "\r\n\t"]))

    def value(data: Any) -> str:
        if isinstance(data, dict):
            pairs = [f"{space()}{key(name)}{space()}={space()}{value(inner)}{space()}" for name, inner in data.items()]
            return "{" + ",".join(pairs) + "}"
        if isinstance(data, list):
            items = [f"{gap()}{value(item)}{gap()}" for item in data]
            return "[" + ",".join(items) + ("," + gap() if items and draw(st.booleans()) else "") + "]"
        if isinstance(data, bool):
            return str(data).lower()
        if isinstance(data, datetime.datetime):
            return data.isoformat(draw(st.sampled_from(["T", " "])))
        if isinstance(data, datetime.date | datetime.time):
            return data.isoformat()
        if isinstance(data, str):
            form = draw(st.integers(0, 3))
            if form == 0 and "'" not in data and data.isprintable():
                return f"'{data}'"
            if form == 1:
                return f'"""{draw(st.sampled_from(["", chr(10)]))}{escaped(data, multi=True)}"""'
            if form == 2 and "'''" not in data and data.replace("\n", "").isprintable() and not data.endswith("'"):
                return f"'''\n{data}'''"
            return f'"{escaped(data)}"'
        return repr(data)

    lines = []
    for _ in range(draw(st.integers(0, 4))):
        head = draw(st.sampled_from(["", "[{}]", "[[{}]]", " [ {} ] # x"]))
        names = draw(st.lists(NAMES, min_size=1, max_size=3))
        if head:
            lines.append(head.format(f"{space()}.{space()}".join(map(key, names))))
        for _ in range(draw(st.integers(0, 3))):
            dotted = f"{space()}.{space()}".join(map(key, draw(st.lists(NAMES, min_size=1, max_size=3))))
            lines.append(f"{space()}{dotted}{space()}={space()}{value(draw(VALUES))}{space()}")
        lines.append(draw(st.sampled_from(["", "# a = 1", "\t"])))
    text = draw(st.sampled_from(["\n", "\r\n"])).join(lines)
    if draw(st.integers(0, 9)) == 0 and text:
        cut = draw(st.integers(0, len(text)))
        text = text[:cut] + draw(st.sampled_from("=[]{}\"'.,#\n\\x")) + text[cut:]
    return text


def paths(data: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every path below, with what is there."""
    below = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for step, value in below:
        yield (*path, step), value
        yield from paths(value, (*path, step))


def surely_has_places(text: str) -> None:
    source = read_toml(text.encode("utf-8", "replace"), "c.toml")
    text = source.text
    try:
        data = tomllib.loads(text)
    except ValueError:
        assert (
            source.unchecked
            or len(source.faults) == 1
            or all(fault.first for fault in of_kind(source.faults, InvalidToml))
        )
        return
    if source.unchecked:
        return
    assert source.data == data
    found = dict(paths(data))
    assert set(source.marks) == set(found)
    for path, value in found.items():
        mark = source.marks[path]
        assert (mark.key is None) is isinstance(path[-1], int)
        if mark.key:
            assert list(tomllib.loads(text[slice(*mark.key)] + " = 1")) == [path[-1]]
        assert mark.scalar is not isinstance(value, dict | list)
        if mark.scalar:
            read = tomllib.loads("x = " + text[slice(*mark.value)])["x"]
            assert read == value


@settings(max_examples=400, deadline=None)
@given(documents())
@example('a = """"x""\\""""""')
@example("a = ''''x'''''")
@example('a = ""\nb = \'\'\n"" = 1')
@example("[[a]]\n[[a.b]]\n[[a]]\n[[a.b]]\n[a.b.c]\nd = {e.f = 1, e.g = 2}")
@example("[a.b]\nx=1\n[a]\ny.z=1\ny.w=2")
def test_every_key_and_value_has_its_place(text: str) -> None:
    surely_has_places(text)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(["a", "b", ".", "=", "[", "]", "{", "}", ",", "\n", '"', "'", '"""', "'''", " ", "#",
                                 "1", "\\", "1979-05-27", "\r\n", "é"]), max_size=30).map("".join))  # fmt: skip
def test_any_text_is_read_or_refused(text: str) -> None:
    surely_has_places(text)


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    source = read_toml(content, "c.toml")
    assert source.data is not None or source.faults or source.unchecked
