"""Where everything stands: keys and values of every form, faults, and files that are no YAML."""

from __future__ import annotations

import pytest

from lblint.finding import Path, Place
from lblint.source import Source, read

FILE = "stack.yml"


def position(content: str | bytes, place: Place) -> tuple[int, int, int, int]:
    data = content if isinstance(content, bytes) else content.encode()
    return tuple(read(data, FILE).position(place))


KEY, VALUE = True, False
POSITIONS: list[tuple[str, str | bytes, Path, bool, tuple[int, int, int, int]]] = [
    ("key", "a: 1\nbc: 2\n", ("bc",), KEY, (2, 1, 2, 3)),
    ("plain", "a: 1\nbc: two words\n", ("bc",), VALUE, (2, 5, 2, 14)),
    ("nested", "a:\n  b:\n    c: x\n", ("a", "b", "c"), VALUE, (3, 8, 3, 9)),
    ("block is shown by its key", "a:\n  b:\n    c: x\n", ("a", "b"), VALUE, (2, 3, 2, 4)),
    ("comment behind", "a: one # two\n", ("a",), VALUE, (1, 4, 1, 7)),
    ("tab behind", "a: one\t# two\n", ("a",), VALUE, (1, 4, 1, 7)),
    ("single quotes", "a: 'it''s'\n", ("a",), VALUE, (1, 4, 1, 11)),
    ("double quotes", 'a: "x\\ty"\n', ("a",), VALUE, (1, 4, 1, 10)),
    ("quoted key", '"a b": 1\n', ("a b",), KEY, (1, 1, 1, 6)),
    ("list item", "a:\n- x\n- yy\n", ("a", 1), VALUE, (3, 3, 3, 5)),
    ("list in a list", "a:\n- - x\n  - yy\n", ("a", 0, 1), VALUE, (3, 5, 3, 7)),
    ("map in a list", "a:\n- b: x\n  c: yy\n", ("a", 0, "c"), VALUE, (3, 6, 3, 8)),
    ("flow map", "a: {b: 1, cd: 22}\n", ("a", "cd"), VALUE, (1, 15, 1, 17)),
    ("flow map key", "a: {b: 1, cd: 22}\n", ("a", "cd"), KEY, (1, 11, 1, 13)),
    ("flow list", "a: [x, 'yy']\n", ("a", 1), VALUE, (1, 8, 1, 12)),
    ("flow colon", "a: [80:80, k=http://x]\n", ("a", 1), VALUE, (1, 12, 1, 22)),
    ("flow over lines", "a: [\n  x,\n  yy\n]\n", ("a", 1), VALUE, (3, 3, 3, 5)),
    ("literal block", "a: |\n  one\n  two\nb: 1\n", ("a",), VALUE, (1, 4, 3, 6)),
    ("folded block", "a: >-\n  one\n\nb: 1\n", ("a",), VALUE, (1, 4, 2, 6)),
    ("plain over lines", "a: one\n  two\nb: 1\n", ("a",), VALUE, (1, 4, 2, 6)),
    ("no value", "a:\nb: 1\n", ("a",), VALUE, (1, 1, 1, 2)),
    ("empty text", 'a: ""\n', ("a",), VALUE, (1, 4, 1, 6)),
    ("explicit key", "? a\n: b\n", ("a",), VALUE, (2, 3, 2, 4)),
    ("anchor", "a: &x one\nb: 2\n", ("a",), VALUE, (1, 4, 1, 10)),
    ("alias leads to the anchor", "a: &x {k: one}\nb: *x\n", ("b", "k"), VALUE, (1, 11, 1, 14)),
    ("alias of a scalar", "a: &x one\nb: *x\n", ("b",), VALUE, (1, 4, 1, 10)),
    ("merge", "a: &x {k: one}\nb:\n  <<: *x\n  l: 2\n", ("b", "k"), VALUE, (1, 11, 1, 14)),
    ("own key beats the merge", "a: &x {k: one}\nb:\n  k: 2\n  <<: *x\n", ("b", "k"), VALUE, (3, 6, 3, 7)),
    ("list of merges, first wins", "a: &x {k: 1}\nb: &y {k: 2}\nc: {<<: [*x, *y]}\n", ("c", "k"), VALUE,
     (1, 11, 1, 12)),
    ("list of merges, second", "a: &x {k: 1}\nb: &y {l: 2}\nc: {<<: [*x, *y]}\n", ("c", "l"), VALUE, (2, 11, 2, 12)),
    ("merge in a merge", "a: &x {k: 1}\nb: &y {<<: *x}\nc: {<<: *y}\n", ("c", "k"), VALUE, (1, 11, 1, 12)),
    ("merge written out", "c:\n  <<: {k: 1}\n", ("c", "k"), VALUE, (2, 11, 2, 12)),
    ("the merge key", "a: &x {k: 1}\nc:\n  <<: *x\n", ("c", "<<"), KEY, (3, 3, 3, 5)),
    ("last of two", "a: 1\na: 2\n", ("a",), VALUE, (2, 4, 2, 5)),
    ("CRLF", "a: 1\r\nb: 22\r\n", ("b",), VALUE, (2, 4, 2, 6)),
    ("lone CR", "a: 1\rb: 22\r", ("b",), VALUE, (2, 4, 2, 6)),
    ("BOM", b"\xef\xbb\xbfa: 1\n", ("a",), VALUE, (1, 4, 1, 5)),
    ("UTF-16 LE", "\ufeffa: ä\nb: 22\n".encode("utf-16-le"), ("b",), VALUE, (2, 4, 2, 6)),
    ("UTF-16 BE", "\ufeffa: ä\nb: 22\n".encode("utf-16-be"), ("b",), VALUE, (2, 4, 2, 6)),
    ("wide characters before", "a: {é: 漢😀, b: x}\n", ("a", "b"), VALUE, (1, 15, 1, 16)),
    ("document marker", "%YAML 1.1\n---\na: 1\n", ("a",), VALUE, (3, 4, 3, 5)),
    ("comments and blank lines", "# one\n\n# two\na: 1\n", ("a",), VALUE, (4, 4, 4, 5)),
    ("tag", "a: !!str 5\n", ("a",), VALUE, (1, 4, 1, 11)),
    ("what is not there: what is around it", "a:\n  b: 1\n", ("a", "c", "d"), VALUE, (1, 1, 1, 2)),
    ("nothing of it is there", "a:\n  b: 1\n", ("x",), VALUE, (1, 1, 1, 2)),
    ("empty file", "", ("x",), VALUE, (1, 1, 1, 1)),
    ("top", "a: 1\n", (), VALUE, (1, 1, 1, 2)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "path", "key", "expected"), [pytest.param(*row[1:], id=row[0].replace(" ", "-")) for row in POSITIONS]
)
def test_position(content: str | bytes, path: Path, key: bool, expected: tuple[int, int, int, int]) -> None:
    assert position(content, Place(FILE, path, key=key)) == expected


@pytest.mark.parametrize(
    ("content", "path", "chars", "expected"),
    [
        pytest.param("- com.x=abc\n", (0,), (6, 9), (1, 9, 1, 12), id="list-form-value"),
        pytest.param("- com.x=abc\n", (0,), (0, 5), (1, 3, 1, 8), id="list-form-key"),
        pytest.param('- "com.x=abc"\n', (0,), (6, 9), (1, 10, 1, 13), id="quoted"),
        pytest.param("a: x${Y}z\n", ("a",), (1, 5), (1, 5, 1, 9), id="variable"),
        pytest.param("a: abc\n", ("a",), (1, 99), (1, 5, 1, 7), id="beyond-its-end"),
        pytest.param("a: abc\n", ("a",), (50, 99), (1, 7, 1, 7), id="all-beyond-its-end"),
        pytest.param('a: "x\\ty"\n', ("a",), (2, 3), (1, 4, 1, 10), id="escape-in-it-shows-the-whole"),
        pytest.param("a: &x abc\n", ("a",), (0, 1), (1, 4, 1, 10), id="anchor-before-it-shows-the-whole"),
    ],
)
def test_part_of_a_text(content: str, path: Path, chars: tuple[int, int], expected: tuple[int, int, int, int]) -> None:
    assert position(content, Place(FILE, path, chars=chars)) == expected


def kinds(source: Source) -> list[str]:
    return [type(fault).__name__ for fault in source.faults]


BOMB = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{b}: &{b} [{','.join([f'*{a}'] * 10)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)
DEEP = "a: " + "[" * 201 + "]" * 201 + "\n"
CHAIN = "a: &a " + "[" * 110 + "]" * 110 + "\nb: &b " + "[" * 110 + "*a" + "]" * 110 + "\n"

FAULTS: list[tuple[str, str | bytes, str, tuple[int, int], str]] = [
    ("no space after the colon", "a:\n  b: 1\n  c:2\n  d: 3\n", "InvalidYaml", (3, 3),
     "yaml: line 3: could not find expected ':'"),
    ("no space after the first colon", "a:\n  b:1\n  c: 2\n", "InvalidYaml", (3, 4),
     "yaml: line 3: mapping values are not allowed in this context"),
    ("two colons", "a: b: c\n", "InvalidYaml", (1, 5), "yaml: mapping values are not allowed in this context"),
    ("open quote", 'a: 1\nb: "x\nc: 2\n', "InvalidYaml", (2, 4), "yaml: line 2: found unexpected end of stream"),
    ("open bracket", "a: 1\nb: [x\nc: 2\n", "InvalidYaml", (3, 2), "yaml: line 1: did not find expected ',' or ']'"),
    ("wrong indentation", "a:\n    b: 1\n  c: 2\n", "InvalidYaml", (3, 3), "yaml: line 2: did not find expected key"),
    ("reserved character", "a: 1\nb: @x\n", "InvalidYaml", (2, 4),
     "yaml: line 2: found character that cannot start any token"),
    ("YAML 1.2", "%YAML 1.2\n---\na: 1\n", "InvalidYaml", (1, 1), "yaml: found incompatible YAML document"),
    ("tab", "a:\n\tb: 1\n", "TabIndent", (2, 1), "yaml: line 2: found character that cannot start any token"),
    ("tab in a text", "a: b\n\tc\n", "TabIndent", (2, 1),
     "yaml: line 2: found a tab character that violates indentation"),
    ("control character", "é: 1\nb: \a\n", "ForbiddenCharacter", (2, 4), "yaml: control characters are not allowed"),
    ("control character in a comment", "a: 1 # \x7f\n", "ForbiddenCharacter", (1, 8),
     "yaml: control characters are not allowed"),
    ("UTF-16 without a mark", "a: 1\n".encode("utf-16-le"), "ForbiddenCharacter", (1, 2),
     "yaml: control characters are not allowed"),
    ("latin-1", b"a: \xe9t\xe9\n", "UndecodableByte", (1, 4), "yaml: invalid trailing UTF-8 octet"),
    ("cut off", b"a: 1\nb: \xc3", "UndecodableByte", (2, 4), "yaml: incomplete UTF-8 octet sequence"),
    ("overlong", b"a: \xc0\x80\n", "UndecodableByte", (1, 4), "yaml: invalid length of a UTF-8 sequence"),
    ("surrogate", b"a: \xed\xa0\x80\n", "UndecodableByte", (1, 4), "yaml: invalid Unicode character"),
    ("odd UTF-16", b"\xff\xfea\x00:", "UndecodableByte", (1, 2), "yaml: incomplete UTF-16 character"),
    ("unknown alias", "a: 1\nb: *x\n", "UnknownAlias", (2, 4), "yaml: unknown anchor 'x' referenced"),
    ("alias in itself", "a: &x\n  b: *x\n", "UnknownAlias", (2, 6), "yaml: anchor 'x' value contains itself"),
    ("alias bomb", BOMB, "AliasBomb", (3, 4), "yaml: document contains excessive aliasing"),
    ("merge of a text", "a:\n  <<: x\n", "InvalidMerge", (2, 3),
     "yaml: map merge requires map or sequence of maps as the value"),
    ("merge of nothing", "a:\n  <<:\n", "InvalidMerge", (2, 3),
     "yaml: map merge requires map or sequence of maps as the value"),
    ("merge of a mixed list", "a:\n  <<: [{b: 1}, x]\n", "InvalidMerge", (2, 3),
     "yaml: map merge requires map or sequence of maps as the value"),
    ("duplicate key", "a: 1\nb: 2\na: 3\n", "DuplicateKey", (3, 1),
     'yaml: unmarshal errors:\n  line 3: mapping key "a" already defined at line 1'),
    ("two merges", "a: &a {x: 1}\nb:\n  <<: *a\n  <<: *a\n", "DuplicateKey", (4, 3),
     'yaml: unmarshal errors:\n  line 4: mapping key "<<" already defined at line 3'),
    ("number as a key", "a:\n  5: x\n", "NonStringKey", (2, 3),
     "json: unsupported type: map[interface {}]interface {}"),
    ("number as a key of the top", "5: x\n", "NonStringKey", (1, 1), "top-level object must be a mapping"),
    ("list as a key", "a:\n  ? [b]\n  : x\n", "NonStringKey", (2, 5), "yaml: invalid map key"),
    ("second document", "a: 1\n---\nb: 2\n", "SecondDocument", (2, 1), ""),
    ("text behind the document", "{a: 1}\nb: 2\n", "SecondDocument", (2, 1), ""),
    ("second document that cannot be read", "a: 1\n---\n\tb\n", "TabIndent", (3, 1),
     "yaml: line 3: found character that cannot start any token"),
    ("word", "a: on\n", "BooleanWord", (1, 4), ""),
    ("word as a key", "on: a\n", "BooleanWord", (1, 1), ""),
    ("tag of others", "a: !reset null\n", "ForeignTag", (1, 4), ""),
    ("tag of others on a list", "a: !override [x]\n", "ForeignTag", (1, 1), ""),
    ("tag that binds", "a: !!int x\n", "TagMismatch", (1, 4), "yaml: cannot decode !!str `x` as a !!int"),
    ("too deep", DEEP, "NestedTooDeep", (1, 203), ""),
    ("too deep through aliases", CHAIN, "NestedTooDeep", (2, 117), ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "kind", "at", "told"), [pytest.param(*row[1:], id=row[0].replace(" ", "-")) for row in FAULTS]
)
def test_fault(content: str | bytes, kind: str, at: tuple[int, int], told: str) -> None:
    source = read(content if isinstance(content, bytes) else content.encode(), FILE)
    assert kinds(source) == [kind]
    fault = source.faults[0]
    assert source.position(fault.place)[:2] == at
    assert fault.docker == told
    assert bool(source.unchecked) is (kind == "NestedTooDeep")


ACCEPTED: list[tuple[str, str | bytes, object]] = [
    ("first of two documents", "a: 1\n---\n", {"a": 1}),
    ("end marker", "a: 1\n...\n", {"a": 1}),
    ("byte order mark inside", "a: 1\n\ufeffb: 2\n", {"a": 1, "\ufeffb": 2}),
    ("flow with colons", "[80:80, a:b:c, http://x:80/?y, '1:2', \"3:4\", x: y]\n".replace("?", ""),
     ["80:80", "a:b:c", "http://x:80/y", "1:2", "3:4", {"x": "y"}]),
    ("flow map with a quoted key", '{"a":b, c:d, e: f:g}\n', {"a": "b", "c:d": None, "e": "f:g"}),
    ("flow with tag and alias", "{a: &x [!!str 5:5], b: *x, c: !<tag:yaml.org,2002:str> 6:6}\n",
     {"a": ["5:5"], "b": ["5:5"], "c": "6:6"}),
    ("tab between comments", "a: 1\n# one\n\t# two\n\t\n# three\nb: 2\n", {"a": 1, "b": 2}),
    ("private use characters", "{a: \ue000:x}\n", {"a": "\ue000:x"}),
    ("merge order", "a: &a {x: 1, y: 1}\nb: {<<: [*a, {z: 2, x: 2}], y: 3}\n",
     {"a": {"x": 1, "y": 1}, "b": {"y": 3, "x": 1, "z": 2}}),
    ("keys of a merge are text", "a: {<<: {5: x, ~: y}}\n", {"a": {"5": "x"}}),
    ("quoted merge key", 'a: {"<<": {b: 1}}\n', {"a": {"<<": {"b": 1}}}),
    ("anchor twice", "a: &x 1\nb: &x 2\nc: *x\n", {"a": 1, "b": 2, "c": 2}),
    ("alias as a key", "a: &x k\n*x : 1\n", {"a": "k", "k": 1}),
    ("literal", "a: |\n  x\n   y\n\n", {"a": "x\n y\n"}),
    ("folded", "a: >\n  x\n  y\n\n  z\n", {"a": "x y\nz\n"}),
    ("keep and strip", "a: |+\n  x\n\nb: |-\n  x\n", {"a": "x\n\n", "b": "x"}),
    ("escapes", '"\\x41\\u00e9\\U0001F600\\n\\t\\e\\_\\N\\L"\n', "A\u00e9\U0001f600\n\t\x1b\xa0\x85\u2028"),
    ("plain over lines", "a: x\n  y\n\n  z\n", {"a": "x y\nz"}),
    ("empty", "", None),
    ("only a comment", "# x\n", None),
]  # fmt: skip


@pytest.mark.parametrize(("content", "data"), [pytest.param(*row[1:], id=row[0].replace(" ", "-")) for row in ACCEPTED])
def test_data(content: str | bytes, data: object) -> None:
    source = read(content if isinstance(content, bytes) else content.encode(), FILE)
    assert source.data == data
    assert [fault for fault in source.faults if fault.docker] == []


def test_older_clients_read_another_dialect() -> None:
    text = b"a: on\nb: 2020-01-01\nc: &c {x: 1}\nd: {x: 2, <<: *c, <<: {z: 3}}\ne: ! 5\ne: ! 6\n"
    source = read(text, FILE, "v2")
    assert source.data == {"a": True, "b": "2020-01-01", "c": {"x": 1}, "d": {"x": 1, "z": 3}, "e": "6"}
    assert kinds(source) == ["BooleanWord", "DuplicateKey"]
    assert [fault.docker for fault in source.faults] == ["", ""]


def test_older_clients_look_no_further_than_the_document() -> None:
    assert read(b"a: 1\n---\n\tb\n", FILE, "v2").data == {"a": 1}
    assert kinds(read(b"a: 1\n# one\n\t# two\nb: 2\n", FILE, "v2")) == ["TabIndent"]


def test_older_clients_name_the_key_that_is_no_text() -> None:
    told = [fault.docker for fault in read(b"a:\n  b: {5: x, on: y, ~: z}\n", FILE, "v2").faults if fault.docker]
    assert told == [f"Non-string key in a.b: {shown}" for shown in ("5", "true", "<nil>")]
    [fault] = [fault for fault in read(b"n: x\n", FILE, "v2").faults if fault.docker]
    assert fault.docker == "Non-string key at top level: false"


def test_a_fault_below_an_alias_is_told_once() -> None:
    assert kinds(read(b"a: &x {b: on, 5: 6, c: !t 1}\nd: *x\ne: {<<: *x}\n", FILE)).count("BooleanWord") == 1


def test_data_of_aliases_is_shared() -> None:
    data = read(b"a: &x [1]\nb: *x\n", FILE).data
    assert data["a"] is data["b"]


def test_written_and_quoted() -> None:
    source = read(b"a: 0777\nb: '5'\nc: !!str 6\nd: [x]\n", FILE)
    assert [source.written(("a",)), source.written(("d", 0)), source.written(("d",))] == ["0777", "x", None]
    assert [source.quoted((key,)) for key in "abcd"] == [False, True, True, False]


def test_an_enormous_file_is_not_read() -> None:
    source = read(b"#" * (16 * 1024 * 1024 + 1), FILE)
    assert "16777217 bytes" in source.unchecked
