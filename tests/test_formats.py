"""Every format is read back by what reads it, or by its schema, whatever stands in files and their names."""

from __future__ import annotations

import json
import os
import re
import stat
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import jsonschema
import junitparser
import pytest
import sarif_pydantic
from fixture import ROOT
from formatschemas import GITLAB, RDJSON, SARIF

import lblint
from lblint.cli import main
from lblint.cli.report_targets import TERMINAL, pair
from lblint.finding import Breaks, Finding, Position, Severity
from lblint.lint import Checked, Result, Silenced
from lblint.report import FORMATS, render
from lblint.report.escape import uri
from lblint.report.finding_ids import fingerprints
from lblint.source import read

Capture = pytest.CaptureFixture[str]
TYPO = ROOT / "fixtures" / "stacks" / "typo" / "stack.yml"
BAD = TYPO.read_text("utf-8")
SCHEMAS = {"sarif": SARIF, "gitlab": GITLAB, "rdjson": RDJSON}
XML = ("junit", "checkstyle")
MACHINES = [name for name in FORMATS if name not in ("text", "github")]


HERE = Position(1, 4, 1, 5)


def finding(position: Position = HERE, **changes: object) -> Finding:
    """A finding, with whatever matters to the case."""
    plain = ("stack.yml", position, "dead-label", Severity.ERROR, Breaks.ROUTE, "what is wrong", "", "", (), None, None)
    return Finding(*plain)._replace(**changes)


def result(*findings: Finding, text: str = "a: b\nc: d\n", unchecked: tuple[tuple[str, str], ...] = ()) -> Result:
    """A run that found this; every file has the same text."""
    files = {"stack.yml", *(one.file for one in findings)}
    return Result(findings, unchecked, Checked({file: read(text.encode(), file) for file in sorted(files)}, ()))


def valid(name: str, text: str) -> Any:
    """The document, which its schema takes."""
    document = json.loads(text)
    jsonschema.Draft202012Validator(SCHEMAS[name]).validate(document)
    return document


def files_of(name: str, text: str) -> list[str]:
    """The files of the findings that a reader of the format sees."""
    if name in SCHEMAS:
        document = valid(name, text)
    if name == "sarif":
        log = sarif_pydantic.Sarif.model_validate_json(text)
        return [str(one.locations[0].physical_location.artifact_location.uri) for one in log.runs[0].results or ()]
    if name == "gitlab":
        return [issue["location"]["path"] for issue in document]
    if name == "rdjson":
        return [one["location"]["path"] for one in document["diagnostics"]]
    if name == "json":
        return [one["file"] for one in json.loads(text)["findings"]]
    if name == "jsonl":
        return [json.loads(line)["file"] for line in text.splitlines()]
    root = ElementTree.fromstring(text)
    if name == "checkstyle":
        return [str(file.get("name")) for file in root for _ in file]
    suites = junitparser.JUnitXml.fromstring(text.encode())
    return [str(case.classname) for suite in suites for case in suite if case.result or case.system_out]


HOSTILE = [
    pytest.param("a\nb\r\n::error::owned", id="line breaks and commands"),
    pytest.param("]]>--><!-- &lt;x>'\"", id="xml"),
    pytest.param("\x1b[2J\x1b]0;owned\x07\x9b31m", id="escape sequences"),
    pytest.param("straße 日本 😀", id="non-ASCII"),
    pytest.param("\ud800\udfff\udc80", id="lone surrogates"),
    pytest.param("\u202eevil\u2066\ufffe\uffff", id="bidirectional marks and noncharacters"),
    pytest.param("%0A::set-env name=a::b,c:d", id="escapes and properties"),
    pytest.param("[link](https://example.org) ${VAR} {0}", id="link and placeholder"),
    pytest.param('\\ " \\u0041 \0', id="backslash and NUL"),
    pytest.param("x" * 100_000, id="long"),
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("name", MACHINES)
def test_any_text_is_read_back_whole(name: str, text: str) -> None:
    """Message, help, consequence, file name and reason: none ends a string, an element or a line."""
    bad = finding(message=text, help=text, consequence=text, file=f"d/{text}.yml")
    shown = render(name, result(bad, finding(), unchecked=((f"{text}.toml", text),)))
    assert shown.isascii()
    assert all(char.isprintable() or char == "\n" for char in shown)
    assert len(files_of(name, shown)) == (3 if name in ("gitlab", "rdjson", "jsonl", "checkstyle", "junit") else 2)


@pytest.mark.parametrize("text", HOSTILE)
def test_any_text_is_one_workflow_command(text: str) -> None:
    bad = finding(message=text, help=text, consequence=text, file=f"{text}.yml", rule="a-b")
    shown = render("github", result(bad, finding(), unchecked=((text, text),)))
    assert all(char.isprintable() or char == "\n" for char in shown)
    *commands, summary = shown.splitlines()
    assert len(commands) == 3
    assert summary.startswith("2 errors in 2 files")
    for command in commands:
        match = re.fullmatch(r"::error ((?:[a-zA-Z]+=[^,:]*,)*title=[a-z-]+)::(.*)", command)
        assert match is not None
        keys = [pair_.partition("=")[0] for pair_ in match[1].split(",")]
        assert keys in (["file", "line", "endLine", "col", "endColumn", "title"], ["file", "title"])


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_of_a_clean_and_of_an_unchecked_run(name: str) -> None:
    clean, unchecked = (render(name, result(unchecked=why)) for why in ((), (("big.yml", "too big"),)))
    assert clean != unchecked
    assert "too big" in unchecked
    if name in MACHINES:
        assert files_of(name, clean) == []


def test_jsonl_has_the_keys_of_json() -> None:
    run = result(finding(), finding(severity=Severity.INFO))
    rows = [json.loads(line) for line in render("jsonl", run).splitlines()]
    assert rows == json.loads(render("json", run))["findings"]


def test_github_gives_columns_within_one_line_alone() -> None:
    shown = render("github", result(finding(Position(1, 4, 2, 2), severity=Severity.INFO, message="50% of a:b,c")))
    assert shown.splitlines()[0] == "::notice file=stack.yml,line=1,endLine=2,title=dead-label::50%25 of a:b,c"


@pytest.mark.parametrize(
    ("severity", "breaks", "told"),
    [
        pytest.param(Severity.ERROR, Breaks.PROXY, ("error", "blocker", "ERROR", "error", True), id="proxy"),
        pytest.param(Severity.ERROR, Breaks.ROUTE, ("error", "critical", "ERROR", "error", True), id="error"),
        pytest.param(Severity.WARNING, Breaks.PROXY, ("warning", "minor", "WARNING", "warning", False), id="warning"),
        pytest.param(Severity.INFO, Breaks.NOTHING, ("note", "info", "INFO", "info", False), id="info"),
    ],
)
def test_severities(severity: Severity, breaks: Breaks, told: tuple[object, ...]) -> None:
    run = result(finding(severity=severity, breaks=breaks))
    suites = junitparser.JUnitXml.fromstring(render("junit", run).encode())
    (suite,) = suites
    (case,) = suite
    assert (suites.tests, suites.failures, suites.errors) == (1, int(case.is_failure), 0)
    assert told == (
        valid("sarif", render("sarif", run))["runs"][0]["results"][0]["level"],
        valid("gitlab", render("gitlab", run))[0]["severity"],
        valid("rdjson", render("rdjson", run))["diagnostics"][0]["severity"],
        ElementTree.fromstring(render("checkstyle", run))[0][0].get("severity"),
        case.is_failure,
    )


def test_positions_count_as_each_format_wants_them() -> None:
    """SARIF: characters, as its columnKind says; reviewdog: bytes of UTF-8."""
    run = result(finding(Position(1, 4, 1, 6)), text="日: 😀x\n")
    sarif = valid("sarif", render("sarif", run))["runs"][0]
    region = sarif["results"][0]["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 1, "startColumn": 4, "endLine": 1, "endColumn": 6}
    range_ = valid("rdjson", render("rdjson", run))["diagnostics"][0]["location"]["range"]
    assert range_ == {"start": {"line": 1, "column": 6}, "end": {"line": 1, "column": 11}}


def test_sarif_describes_the_rules_that_found_something() -> None:
    files = sorted(str(path) for path in (ROOT / "fixtures" / "rules").glob("*/bad.yml"))[:40]
    found = [one for file in files for one in lblint.check(file)]
    log = valid("sarif", render("sarif", Result(tuple(found), (), Checked({}, ()))))
    assert len(sarif_pydantic.Sarif.model_validate(log).runs[0].results or ()) == len(found)
    run = log["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(dict.fromkeys(one.rule for one in found))
    assert all("help" in rule for rule in rules)
    assert "```yaml" in rules[0]["help"]["markdown"]
    assert all(rules[one["ruleIndex"]]["id"] == one["ruleId"] for one in run["results"])


def test_sarif_text_holds_no_link() -> None:
    message = render("sarif", result(finding(message="see [here](https://example.org)")))
    assert valid("sarif", message)["runs"][0]["results"][0]["message"]["text"] == "see \\[here](https://example.org)"


def test_fingerprints_outlive_moved_lines(tmp_path: Path) -> None:
    path = tmp_path / "stack.yml"

    def marks(text: str) -> dict[str, str]:
        path.write_text(text)
        found = tuple(lblint.check(path, stack_name="shop"))
        run = Result(found, (), Checked({str(path): read(text.encode(), str(path))}, ()))
        return dict(zip(fingerprints(run), (one.rule for one in found), strict=True))

    before = marks(BAD)
    assert len(before) >= 2
    assert marks("# one\n\n# two\n" + BAD) == before
    assert marks(BAD.replace("demo.apps", "other.apps")) != before


def test_fingerprints_tell_all_findings_apart() -> None:
    run = result(*[finding()] * 3, finding(message="other"), finding(file="b.yml"), finding(path=("a", 0)))
    assert len(set(fingerprints(run))) == 6
    assert list(fingerprints(run))[:2] == list(fingerprints(result(*[finding()] * 2)))


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        pytest.param("./a/../b.yml", "b.yml", id="normal"),
        pytest.param("../b.yml", "../b.yml", id="above"),
        pytest.param("a b#c?d%.yml", "a%20b%23c%3Fd%25.yml", id="reserved"),
        pytest.param("javascript:a.yml", "javascript%3Aa.yml", id="no scheme"),
        pytest.param("ä/\udcff.yml", "%C3%A4/%FF.yml", id="bytes"),
        pytest.param("/no/such/a b.yml", "file:///no/such/a%20b.yml", id="outside"),
        pytest.param("-", "-", id="stdin"),
    ],
)
def test_uri(file: str, expected: str) -> None:
    assert uri(file) == expected


def test_uri_of_a_file_below_is_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert uri(str(tmp_path / "deploy" / "a.yml")) == "deploy/a.yml"


FORMAT, OUTPUT = "--format", "--output"


@pytest.mark.parametrize(
    ("words", "reports"),
    [
        pytest.param([(FORMAT, "json")], (("json", ""),), id="one"),
        pytest.param([(FORMAT, "sarif"), (OUTPUT, "a")], (("sarif", "a"), *TERMINAL), id="a file: text, too"),
        pytest.param([(OUTPUT, "a"), (FORMAT, "sarif")], (("sarif", "a"), *TERMINAL), id="file first"),
        pytest.param([(OUTPUT, "a")], (("text", "a"), *TERMINAL), id="file alone"),
        pytest.param([(FORMAT, "sarif"), (OUTPUT, "-")], (("sarif", ""),), id="dash is the terminal"),
        pytest.param(
            [(FORMAT, "sarif"), (OUTPUT, "a"), (FORMAT, "junit"), (OUTPUT, "b"), (FORMAT, "github")],
            (("sarif", "a"), ("junit", "b"), ("github", "")),
            id="three",
        ),
    ],
)
def test_outputs_belong_to_formats(words: list[tuple[str, str]], reports: tuple[tuple[str, str], ...]) -> None:
    assert pair(words) == reports


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to be in, with a stack that has an error."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "stack.yml").write_text(BAD)
    return tmp_path


def test_several_at_once(folder: Path, capsys: Capture) -> None:
    words = ["--format", "sarif", "--output", "a.sarif", "--format=junit", "-ob.xml", "--format", "rdjson", "-o", "c"]
    assert main(["check", *words, "stack.yml"]) == 1
    out, err = capsys.readouterr()
    assert err == ""
    assert out.startswith("stack.yml:12:30: error: ")
    assert set(files_of("sarif", (folder / "a.sarif").read_text())) == {"stack.yml"}
    assert junitparser.JUnitXml.fromfile(str(folder / "b.xml")).failures == 1
    assert set(files_of("rdjson", (folder / "c").read_text())) == {"stack.yml"}
    assert sorted(os.listdir(folder)) == ["a.sarif", "b.xml", "c", "stack.yml"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["--format", "json", "--format", "sarif"], "json and sarif cannot both go", id="two to stdout"),
        pytest.param(["--format", "json", "-o", "a", "-o", "b"], "belong to the same --format", id="two files"),
        pytest.param(
            ["--format", "json", "-o", "a", "--format", "sarif", "-o", "./a"],
            "each --output needs a different file",
            id="same",
        ),
        pytest.param(["-o", ""], "needs the name of a file", id="empty name"),
        pytest.param(["-o", "none/a"], "cannot write none/a: No such file or directory", id="no folder"),
        pytest.param(["-o", "stack.yml"], "is not overwritten", id="over a stack file"),
        pytest.param(["-o", "link.yml"], "is not overwritten", id="over a stack file, by a link"),
        pytest.param(["-o", "."], "cannot write .: ", id="a folder"),
        pytest.param(["-o", "/dev/full"], "cannot write /dev/full: No space left on device", id="full"),
    ],
)
def test_an_output_that_cannot_be_is_exit_2(folder: Path, capsys: Capture, words: list[str], said: str) -> None:
    (folder / "link.yml").symlink_to("stack.yml")
    assert main(["check", *words, "stack.yml"]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert "Traceback" not in err
    assert (folder / "stack.yml").read_text() == BAD
    assert sorted(os.listdir(folder)) == ["link.yml", "stack.yml"]


def test_a_report_is_written_whole_or_not_at_all(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was there stays, with its permissions and links; a failure leaves nothing behind."""
    (folder / "old.json").write_text("old")
    (folder / "old.json").chmod(0o640)
    (folder / "link.json").symlink_to("old.json")
    with monkeypatch.context() as broken:
        broken.setattr(os, "replace", lambda *names: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        assert main(["check", "--format", "json", "-o", "link.json", "stack.yml"]) == 2
    assert (folder / "old.json").read_text() == "old"
    assert sorted(os.listdir(folder)) == ["link.json", "old.json", "stack.yml"]
    assert main(["check", "--format", "json", "-o", "link.json", "stack.yml"]) == 1
    assert (folder / "link.json").is_symlink()
    assert json.loads((folder / "old.json").read_text())["schema"] == 1
    assert stat.S_IMODE((folder / "old.json").stat().st_mode) == 0o640


def test_colour_stays_on_the_terminal(folder: Path) -> None:
    assert main(["check", "-o", "plain.txt", "stack.yml"]) == 1
    assert "\x1b" not in (folder / "plain.txt").read_text()


def test_what_is_silenced_is_in_json_and_sarif_alone(folder: Path) -> None:
    named = finding(message="quiet")
    silenced = (Silenced(named, "comment", "they [know](x)", 3), Silenced(named, "baseline", "base.json"))
    quiet = result(finding(message="loud"))._replace(silenced=silenced)
    for name in FORMATS[1:]:
        text = render(name, quiet)
        if name in SCHEMAS:
            valid(name, text)
        assert text.count("quiet") == 2 * (name in ("json", "sarif")), name
    (run,) = json.loads(render("sarif", quiet))["runs"]
    loud, *others = run["results"]
    assert "suppressions" not in loud
    assert [one["suppressions"][0]["kind"] for one in others] == ["inSource", "external"]
    marks = [one["partialFingerprints"]["lblint/v1"] for one in run["results"]]
    assert len(set(marks)) == 3
    assert render("text", quiet).count("quiet") == 0
    assert render("text", quiet, silenced=True).count("quiet") == 2
