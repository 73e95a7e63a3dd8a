"""The formats: what people and pipelines read, whatever stands in the file."""

from __future__ import annotations

import json
import re

import jsonschema
import pytest
from fixture import ROOT

from lblint.finding import Breaks, Finding, Position, Severity
from lblint.lint import Checked, Result
from lblint.report import render, render_json, render_text
from lblint.report.escape import columns, fence, printable, prose_text
from lblint.report.text_table import table
from lblint.source import read

SCHEMA = json.loads((ROOT / "schemas" / "findings.schema.json").read_text("utf-8"))


def finding(position: Position, **changes: object) -> Finding:
    """A finding at a position, with whatever else matters to the case."""
    plain = ("stack.yml", position, "some-rule", Severity.ERROR, Breaks.ROUTE, "what is wrong", "", "", (), None, None)
    return Finding(*plain)._replace(**changes)


def result(text: str, *findings: Finding) -> Result:
    """A run that found this in a file of this text."""
    return Result(findings, (), Checked({"stack.yml": read(text.encode(), "stack.yml")}, ()))


def snippet(text: str, position: Position) -> list[str]:
    """The two lines of the snippet: source and underline."""
    return render_text(result(text, finding(position))).splitlines()[1:3]


@pytest.mark.parametrize(
    ("text", "position", "shown"),
    [
        pytest.param("hosts: a b\n", Position(1, 8, 1, 11), ["  1 | hosts: a b", "    |        ^~~"], id="range"),
        pytest.param("hosts: a\n", Position(1, 8, 1, 8), ["  1 | hosts: a", "    |        ^"], id="point"),
        pytest.param("a: b", Position(1, 5, 1, 5), ["  1 | a: b", "    |     ^"], id="end of file"),
        pytest.param("\n" * 9 + "a: b\n", Position(10, 4, 10, 5), ["  10 | a: b", "     |    ^"], id="line ten"),
        pytest.param("a: b\r\nc: d\r\n", Position(2, 4, 2, 5), ["  2 | c: d", "    |    ^"], id="crlf"),
        pytest.param("a: b\rc: d\r", Position(2, 4, 2, 5), ["  2 | c: d", "    |    ^"], id="cr"),
        pytest.param("\ufeffa: b\n", Position(1, 4, 1, 5), ["  1 | a: b", "    |    ^"], id="byte order mark"),
        pytest.param("a:\tb\n", Position(1, 4, 1, 5), ["  1 | a:    b", "    |       ^"], id="tab before"),
        pytest.param("a: b\tc\n", Position(1, 4, 1, 7), ["  1 | a: b    c", "    |    ^~~~~~"], id="tab within"),
        pytest.param("日本: ab\n", Position(1, 5, 1, 7), ["  1 | 日本: ab", "    |       ^~"], id="wide before"),
        pytest.param("a: 日本\n", Position(1, 4, 1, 6), ["  1 | a: 日本", "    |    ^~~~"], id="wide within"),
        pytest.param("e\u0301: b\n", Position(1, 5, 1, 6), ["  1 | e\u0301: b", "    |    ^"], id="combining"),
        pytest.param("a: |\n  b\n  c\n", Position(1, 4, 3, 4), ["  1 | a: |", "    |    ^"], id="several lines"),
        pytest.param('a: "\x85"\n', Position(1, 4, 1, 7), ['  1 | a: "\ufffd"', "    |    ^~~"], id="control"),
    ],
)
def test_snippet_underlines_the_range(text: str, position: Position, shown: list[str]) -> None:
    assert snippet(text, position) == shown


@pytest.mark.parametrize("start", [1, 60, 100, 101, 5_000, 99_990], ids=lambda column: f"column {column}")
def test_snippet_of_a_long_line_is_cut_around_the_range(start: int) -> None:
    raw = "".join(f"{at:05}" for at in range(0, 100_000, 5))
    line, underline = snippet(raw + "\n", Position(1, start, 1, start + 5))
    assert len(line) < 120
    at = underline.index("^")
    assert line[at : at + 5] == raw[start - 1 : start + 4]
    assert underline[at:] == "^~~~~"
    assert ("…" in line[:at]) is (start > 51)


def test_no_snippet_of_an_empty_line() -> None:
    assert snippet("a: b\n\n", Position(2, 1, 2, 1))[0] == ""


HOSTILE = [
    pytest.param("\x1b[2J\x1b]0;owned\x07", id="escape sequences"),
    pytest.param("\x9b31m", id="C1 control sequence"),
    pytest.param("a\r\nstack.yml:1:1: ok", id="line break"),
    pytest.param("\u202eevil\u2066", id="bidirectional marks"),
    pytest.param("a\u2028b\u2029c", id="unicode line breaks"),
    pytest.param("\ud800", id="lone surrogate"),
    pytest.param("\u200b\u00ad\ufeff", id="invisible"),
    pytest.param("\x00\x7f\x08", id="nul, delete, backspace"),
]


@pytest.mark.parametrize("text", HOSTILE)
def test_text_report_holds_nothing_that_a_terminal_acts_on(text: str) -> None:
    bad = finding(Position(1, 1, 1, 2), message=f"host {text!s} is bad", help=f"write {text}", file=text)
    source = read(b"a: b\n", text)
    source.lines.text = source.text = text + "\n"
    shown = render_text(Result((bad,), ((text, text),), Checked({text: source}, ())))
    assert all(char.isprintable() or char in "\n " for char in shown)
    shown.encode()
    assert len([line for line in shown.splitlines() if not line.startswith(" ")]) <= 7


@pytest.mark.parametrize("text", HOSTILE)
def test_json_is_ascii_and_gives_the_text_back(text: str) -> None:
    document = render_json(
        Result((finding(Position(1, 1, 1, 1), message=text, file=text),), ((text, text),), Checked({}, ()))
    )
    assert document.isascii()
    assert all(char.isprintable() or char == "\n" for char in document)
    read_back = json.loads(document)
    assert read_back["findings"][0]["message"] == text
    assert read_back["unchecked"] == [{"file": text, "reason": text}]


def test_long_messages_are_cut_in_text_and_whole_in_json() -> None:
    run = result("a: b\n", finding(Position(1, 1, 1, 2), message="x" * 100_000, help="y" * 100_000))
    assert len(render_text(run)) < 3000
    assert len(json.loads(render_json(run))["findings"][0]["message"]) == 100_000


def test_whole_text_report() -> None:
    run = result(
        "a: b\nc: d\n",
        finding(Position(1, 4, 1, 5), consequence="the proxy stops", help="one\ntwo", breaks=Breaks.PROXY),
        finding(Position(2, 1, 2, 2), severity=Severity.WARNING, breaks=Breaks.NOTHING, consequence="it does nothing"),
    )
    assert render_text(run) == (
        "stack.yml:1:4: error: what is wrong [some-rule]\n"
        "  1 | a: b\n"
        "    |    ^\n"
        "  note:   the proxy stops\n"
        "  help:   one\n"
        "          two\n"
        "\n"
        "stack.yml:2:1: warning: what is wrong [some-rule]\n"
        "  2 | c: d\n"
        "    | ^\n"
        "  note:   it does nothing\n"
        "\n"
        "1 error, 1 warning in 1 file: deploying this would take down the proxy and all routes behind it\n"
    )


HIT = ": deploying this would take down the proxy and all routes behind it"


@pytest.mark.parametrize(
    ("breaks", "severity", "end"),
    [
        pytest.param(Breaks.PROXY, Severity.ERROR, HIT, id="proxy"),
        pytest.param(Breaks.DEPLOY, Severity.ERROR, ": the stack would not deploy", id="deploy"),
        pytest.param(Breaks.ROUTE, Severity.ERROR, ": 1 route would not work", id="route"),
        pytest.param(Breaks.NOTHING, Severity.ERROR, "", id="nothing"),
        pytest.param(Breaks.PROXY, Severity.WARNING, "", id="warning"),
        pytest.param(Breaks.PROXY, Severity.INFO, "", id="info"),
    ],
)
def test_summary_says_what_would_break(breaks: Breaks, severity: Severity, end: str) -> None:
    run = result("a: b\n", finding(Position(1, 1, 1, 2), breaks=breaks, severity=severity))
    assert render_text(run).splitlines()[-1] == f"1 {severity} in 1 file{end}"


def test_clean_and_unchecked_are_told_apart() -> None:
    assert render_text(result("a: b\n")) == "no findings in 1 file\n"
    unchecked = result("a: b\n")._replace(unchecked=(("big.yml", "too big"),))
    assert render_text(unchecked) == (
        "big.yml: could not check: too big\n\nno findings in 1 file; 1 file could not be checked\n"
    )


def test_colour_adds_only_escape_sequences() -> None:
    run = result("a: b\n", finding(Position(1, 4, 1, 5), help="c", consequence="d"))
    plain, colored = (render("text", run, color) for color in (False, True))
    assert "\x1b[" not in plain
    assert "\x1b[1;31merror\x1b[0m" in colored
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == plain
    assert render("json", run, True) == render("json", run, False)


@pytest.mark.parametrize(
    "run",
    [
        pytest.param(result("a: b\n"), id="nothing"),
        pytest.param(result("a: b\n")._replace(unchecked=(("b.yml", "why"),)), id="unchecked"),
        pytest.param(
            result("a: b\n", finding(Position(1, 4, 2, 5), path=("services", "a", "ports", 0), stack="s", service="a")),
            id="finding",
        ),
    ],
)
def test_json_is_what_its_schema_says(run: Result) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(render_json(run)))


def test_schema_leaves_no_key_open() -> None:
    """So that a key that is added without a word in the schema is noticed."""
    document = json.loads(render_json(result("a: b\n", finding(Position(1, 4, 2, 5)))))
    finding_keys = SCHEMA["properties"]["findings"]["items"]
    assert sorted(document) == sorted(SCHEMA["properties"]) == sorted(SCHEMA["required"])
    assert sorted(document["findings"][0]) == sorted(finding_keys["properties"]) == sorted(finding_keys["required"])
    assert finding_keys["properties"]["severity"]["enum"] == [str(severity) for severity in reversed(Severity)]
    assert finding_keys["properties"]["breaks"]["enum"] == [str(breaks) for breaks in Breaks]


@pytest.mark.parametrize(
    ("text", "width"),
    [
        pytest.param("abc", 3, id="ascii"),
        pytest.param("a\tb", 6, id="tab"),
        pytest.param("日本", 4, id="wide"),
        pytest.param("e\u0301", 1, id="combining"),
        pytest.param("\u0e01\u0e31", 1, id="combining of class 0"),
        pytest.param("\U0001f600", 2, id="emoji"),
        pytest.param("\u200b\x1b", 2, id="replaced"),
    ],
)
def test_columns(text: str, width: int) -> None:
    assert columns(text) == width


def test_printable_keeps_the_letters_of_all_scripts() -> None:
    for text in ("straße", "пример", "日本語", "e\u0301", "no\u00a0break", "😀"):
        assert printable(text) == text


def test_table_is_aligned_by_columns_on_the_terminal() -> None:
    assert table(("host", "to"), [("日本", "a"), ("a\x1b", "b"), ("example", "")]) == (
        "HOST     TO\n日本     a\na\ufffd       b\nexample\n"
    )
    assert json.loads(table(("host",), [("a",)], "json")) == [{"host": "a"}]
    assert table(("host",), [("a|b",)], "markdown") == "| host |\n| --- |\n| a\\|b |\n"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("the name <stack>_<key>", "the name \\<stack>_\\<key>", id="no html"),
        pytest.param("write `<stack>` or *", "write `<stack>` or \\*", id="code stays code"),
        pytest.param("    <a>", "    <a>", id="indented code"),
    ],
)
def test_prose_in_markdown(text: str, shown: str) -> None:
    assert prose_text(text) == shown


def test_a_fence_holds_any_text() -> None:
    assert fence("a\n```\nb \n", "text") == "````text\na\n```\nb\n````"
