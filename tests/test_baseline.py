"""`--baseline`: what was there stays quiet, what is new fails, what is gone is said; all of it by content."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import shutil
from pathlib import Path

import jsonschema
import pytest
from fixture import FIXTURES, ROOT, mains
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_suppressions import STACK, ask, with_line

import lblint
from lblint.cli import main
from lblint.finding import Breaks, Finding, Position, Severity
from lblint.lint.baseline import quoted
from lblint.source import read
from lblint.source.baseline import Baseline, BaselineError, Entry, as_text, read_baseline

SCHEMA = json.loads((ROOT / "schemas" / "baseline.schema.json").read_text("utf-8"))
INDENTED = len("        ")


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a stack that has errors."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "stack.yml").write_text(STACK)
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(["check", *words])
    said = capsys.readouterr()
    return code, said.out, said.err


def write(capsys: pytest.CaptureFixture[str], *words: str, to: str = "base.json") -> str:
    code, _, err = run(capsys, "--write-baseline", to, *words)
    assert code == 0, err
    return Path(to).read_text("utf-8")


def findings(capsys: pytest.CaptureFixture[str], *words: str) -> list[tuple[str, str | None]]:
    """The findings beside the baseline, but for advice that was never in it."""
    _, out, _ = run(capsys, "--baseline", "base.json", "--format", "json", *words)
    return [(one["rule"], one["service"]) for one in json.loads(out)["findings"]]


def test_old_findings_are_quiet_new_ones_fail_and_mended_ones_are_told(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(capsys, "stack.yml")[0] == 1
    text = write(capsys, "stack.yml")
    jsonschema.validate(json.loads(text), SCHEMA)
    code, out, _ = run(capsys, "--baseline", "base.json", "stack.yml")
    assert code == 0
    assert out == f"no findings in 1 file; {text.count('rule')} in the baseline, of which 3 would break the proxy\n"

    (shop / "stack.yml").write_text(STACK.replace("80 80", "80 81"))
    assert findings(capsys, "stack.yml") == [("baseline-outdated", None), ("invalid-port", "api")]
    assert run(capsys, "--baseline", "base.json", "stack.yml")[0] == 1

    (shop / "stack.yml").write_text(STACK.replace('"80 80"', "80"))
    code, out, _ = run(capsys, "--baseline", "base.json", "stack.yml")
    assert code == 0
    line = next(number for number, line in enumerate(text.splitlines(), 1) if "invalid-port" in line)
    assert f"base.json:{line}:1: info: invalid-port no longer finds '80 80' in stack.yml" in out

    assert "invalid-port" not in write(capsys, "stack.yml")
    assert findings(capsys, "stack.yml") == []


def test_the_same_findings_are_the_same_bytes(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = write(capsys, "stack.yml")
    stamp = os.stat("base.json").st_mtime_ns
    assert write(capsys, "stack.yml") == before
    assert os.stat("base.json").st_mtime_ns == stamp, "a file that says it already is not touched"
    os.unlink("base.json")
    assert write(capsys, "./stack.yml") == before
    assert before.splitlines()[1:-1] == sorted(before.splitlines()[1:-1])
    assert before.isascii()


def test_from_any_folder(shop: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    (shop / "ci").mkdir()
    (shop / "deploy" / "a").mkdir(parents=True)
    shutil.move("stack.yml", "deploy/a/stack.yml")
    text = write(capsys, "deploy", to="ci/base.json")
    assert {one["file"] for one in json.loads(text)["findings"]} == {"../deploy/a/stack.yml"}
    for folder, baseline, file in (
        ("/", shop / "ci" / "base.json", shop / "deploy"), ("ci", "base.json", "../deploy"),
        ("deploy/a", "../../ci/base.json", "stack.yml"), (".", "ci/../ci/base.json", "./deploy//a/../a/stack.yml"),
    ):  # fmt: skip
        monkeypatch.chdir(shop / folder)
        code, out, _ = run(capsys, "--baseline", str(baseline), str(file))
        assert (code, out[:11]) == (0, "no findings"), folder
    monkeypatch.chdir(shop)
    (shop / "link").symlink_to("deploy/a")
    assert run(capsys, "--baseline", "ci/base.json", "link/stack.yml")[0] == 0


def test_a_second_finding_that_is_alike_is_new(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def ports(text: str) -> None:
        (shop / "stack.yml").write_text(STACK.replace("networks: [front]\n", f"ports: [{text}]\n", 1))

    ports("'80:x'")
    text = write(capsys, "stack.yml")
    ports("'80:x', '80:x'")
    assert findings(capsys, "stack.yml") == [("list-item-twice", "web"), ("value-refused", "web")]
    twice = write(capsys, "stack.yml")
    assert twice.count('"count": 2') == 1
    assert findings(capsys, "stack.yml") == []
    ports("'80:x'")
    assert findings(capsys, "stack.yml") == [("baseline-outdated", None)] * 2
    assert write(capsys, "stack.yml") == text


def test_only_what_was_checked_is_judged(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A hook hands over the files that have changed, and a job may choose rules."""
    (shop / "other.yml").write_text(STACK.replace("example.org", "example.com"))
    text = write(capsys, "stack.yml", "other.yml")
    assert findings(capsys, "stack.yml") == []
    assert findings(capsys, "--select", "invalid-port,baseline-outdated", "stack.yml", "other.yml") == []
    assert write(capsys, "other.yml") == text, "what was not looked at stays"
    assert write(capsys, "--ignore", "invalid-port", "other.yml") == text
    os.unlink("other.yml")
    assert {rule for rule, _ in findings(capsys, "stack.yml")} == {"baseline-outdated"}
    assert "other.yml" not in write(capsys, "stack.yml")


def test_a_long_text_is_told_by_its_beginning_and_its_hash(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A baseline that was written before is known by later versions: the form of its entries stays."""
    (shop / "stack.yml").write_text(STACK.replace('"80 80"', '"80' + " 80" * 100 + '"'))
    (entry,) = [one for one in json.loads(write(capsys, "stack.yml"))["findings"] if one["rule"] == "invalid-port"]
    whole = "80" + " 80" * 100
    assert entry["text"] == f"{whole[:60]}… sha256:{hashlib.sha256(whole.encode()).hexdigest()[:32]}"
    assert entry["path"] == ["services", "api", "deploy", "labels", "com.docker.lb.port"]


def test_the_text_of_a_range_of_several_lines() -> None:
    source = read("".join(f"{number:03}: x\n" for number in range(1, 200)).encode(), "stack.yml")

    def text(*position: int) -> list[str]:
        at = Position(*position)
        found = Finding("stack.yml", at, "r", Severity.INFO, Breaks.NOTHING, "", "", "", (), None, None)
        return quoted(found, source).splitlines()

    assert text(120, 2, 122, 3) == ["20: x", "121: x", "12"]
    assert text(120, 2, 120, 3) == ["2"]
    assert text(120, 2, 120, 2) == ["120: x"], "a point stands for its line"
    assert len(text(120, 2, 190, 3)) == 51, "the rest of a long one makes no difference"


def test_of_a_file_that_could_not_be_read_nothing_is_gone(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(capsys, "stack.yml")
    (shop / "stack.yml").write_text("a: " + "[" * 200 + "]" * 200)
    code, out, _ = run(capsys, "--baseline", "base.json", "stack.yml")
    assert code == 2
    assert "baseline-outdated" not in out


def test_a_file_with_another_name_is_the_same(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(capsys, "stack.yml")
    (shop / "new").mkdir()
    shutil.copy("stack.yml", "new/copy.yml")
    assert findings(capsys, "new/copy.yml"), "a copy is new"
    os.unlink("stack.yml")
    assert findings(capsys, "new/copy.yml") == []


def test_what_breaks_the_proxy_counts_all_the_same_where_only_own_things_are_silenced(
    shop: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(capsys, "stack.yml")
    code, out, _ = run(capsys, "--suppress", "own", "--baseline", "base.json", "stack.yml")
    assert code == 1
    assert "invalid-host" in out
    assert run(capsys, "--suppress", "none", "--baseline", "base.json", "stack.yml")[1] == run(capsys, "stack.yml")[1]


def test_a_known_finding_does_not_hide_what_only_the_trial_sees(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    small = STACK.replace("http://", "").replace('"80 80"', "80").replace("[front]", "[front, nowhere]", 1)
    (shop / "stack.yml").write_text(small)
    write(capsys, "-n", "shop", "stack.yml")
    assert findings(capsys, "-n", "shop", "stack.yml") == []
    bad = small.replace("app.example.org", "$${x")
    (shop / "stack.yml").write_text(bad)
    alone = json.loads(run(capsys, "-n", "shop", "--format", "json", "stack.yml")[1])["findings"]
    breaking = {one["rule"] for one in alone if one["breaks"] == "proxy"}
    assert breaking
    assert breaking <= {rule for rule, _ in findings(capsys, "-n", "shop", "stack.yml")}


@pytest.mark.parametrize("path", mains(FIXTURES / "rules", "*/bad.yml"), ids=lambda path: path.parent.name)
def test_a_baseline_holds_all_that_is_found(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And after lines have moved it still does."""
    shutil.copytree(path.parent, tmp_path / "it")
    monkeypatch.chdir(tmp_path / "it")
    if main(["check", "bad.yml"]) == 2 or main(["check", "--write-baseline", "base.json", "bad.yml"]) == 2:
        pytest.skip("it cannot be checked alone")
    capsys.readouterr()
    assert findings(capsys, "bad.yml") == []
    text = Path("bad.yml").read_bytes()
    if text[:3] != b"\xef\xbb\xbf" and not text.startswith(b"%"):
        Path("bad.yml").write_bytes(b"# one\n\n# two\n" + text)
        assert findings(capsys, "bad.yml") == []


LINES = [number for number, line in enumerate(STACK.splitlines()) if number]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(LINES), max_size=6), st.booleans(), st.booleans())
def test_lines_and_services_may_move(
    shop: Path, capsys: pytest.CaptureFixture[str], blank: list[int], crlf: bool, turned: bool
) -> None:
    (shop / "stack.yml").write_text(STACK)
    write(capsys, "stack.yml")
    lines = STACK.splitlines()
    if turned:
        lines = [*lines[:2], *lines[10:18], *lines[2:10], *lines[18:]]
    for number in sorted(blank, reverse=True):
        lines.insert(number, "# moved" if number % 2 else "")
    (shop / "stack.yml").write_bytes(("\r\n" if crlf else "\n").join([*lines, ""]).encode())
    assert findings(capsys, "stack.yml") == []


JUNK = [
    "", "{", "[]", "null", "1", '"x"', "{}", '{"schema": 2, "findings": []}', '{"schema": true, "findings": []}',
    '{"schema": 1}', '{"schema": 1, "findings": {}}', '{"schema": 1, "findings": [1]}',
    '{"schema": 1, "findings": [{}]}', "[" * 100_000, "{" * 5 + '"a":' * 5, '{"schema": 1, "findings": [' + "9" * 5000,
    '{"schema": 1, "findings": [NaN]}', "services:\n  web: {image: x}\n", '{"schema": 1e999, "findings": []}',
    '{"schema": 1, "findings": [\n<<<<<<< HEAD\n=======\n>>>>>>> x\n]}', "\x00",
    '{"schema": "\\ud800", "findings": []}',
    *(f'{{"schema": 1, "findings": [{json.dumps({"file": "a", "rule": "b", "path": [], "text": "", **more})}]}}'
      for more in ({"count": 0}, {"count": -1}, {"count": True}, {"count": 1.5}, {"count": 1 << 40}, {"count": None},
                   {"path": [1]}, {"path": "a"}, {"text": None}, {"file": 1}, {"rule": []}, {"line": 3})),
]  # fmt: skip


@pytest.mark.parametrize("junk", JUNK, ids=range(len(JUNK)))
def test_junk_is_refused_with_a_sentence(shop: Path, capsys: pytest.CaptureFixture[str], junk: str) -> None:
    Path("base.json").write_text(junk)
    code, out, err = run(capsys, "--baseline", "base.json", "stack.yml")
    assert (code, out) == (2, "")
    assert err.startswith("lblint: --baseline base.json: ")
    assert err.count("\n") == 1
    assert len(err) < 300
    if junk:
        code, _, err = run(capsys, "--write-baseline", "base.json", "stack.yml")
        assert code == 2
        assert "is not overwritten" in err
        assert Path("base.json").read_text() == junk


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_any_bytes_are_a_baseline_or_refused(content: bytes) -> None:
    with contextlib.suppress(BaselineError):
        read_baseline(content, "x", "/")


TEXT = st.text(max_size=12) | st.sampled_from(["\udc80", '"\\\n', "a\u2028b", "\x00"])


@given(st.dictionaries(st.builds(Entry, TEXT, TEXT, st.lists(TEXT, max_size=3).map(tuple), TEXT), st.integers(1, 9)))
def test_what_is_written_is_read_again(counts: dict[Entry, int]) -> None:
    text = as_text(counts)
    assert read_baseline(text.encode(), "x", "/") == Baseline("x", "/", counts, text)
    assert as_text(dict(reversed(counts.items()))) == text
    jsonschema.validate(json.loads(text), SCHEMA)
    assert text.count("\n") == len(counts) + 2


def test_branches_that_are_merged_by_lines_are_read(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Git's `merge=union` keeps the lines of both sides, in any order and maybe twice."""
    text = write(capsys, "stack.yml")
    head, *lines, end = text.splitlines()
    entries = [line.rstrip(",") for line in lines]
    Path("base.json").write_text("\n".join([head, ",\n".join([*entries, *reversed(entries)]), end]))
    assert findings(capsys, "stack.yml") == []
    assert write(capsys, "stack.yml") == text


@pytest.mark.parametrize("name", ["stack.yml", ".", "no/such/folder/base.json", "-", ""])
def test_a_baseline_that_cannot_be_written(shop: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    code, _, err = run(capsys, f"--write-baseline={name}", "stack.yml")
    if not name:
        assert code == 1, "as if it were not given"
        return
    assert code == 2
    assert err
    assert (shop / "stack.yml").read_text() == STACK


def test_no_baseline_is_written_of_what_could_not_be_checked(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    deep = "a: " + "[" * 200 + "]" * 200
    (shop / "deep.yml").write_text(deep)
    code, _, err = run(capsys, "--write-baseline", "base.json", "stack.yml", "deep.yml")
    assert code == 2
    assert "no baseline is written" in err
    assert not (shop / "base.json").exists()


def test_no_such_baseline(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "--baseline", "base.json", "stack.yml")
    assert (code, out) == (2, "")
    assert "--write-baseline base.json ... makes one" in err


def test_the_settings_name_a_baseline(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (shop / ".lblint.yml").write_text("baseline: ci/base.json\n")
    (shop / "ci").mkdir()
    code, out, err = run(capsys, "stack.yml")
    assert (code, out) == (2, "")
    assert err.startswith("lblint: .lblint.yml: --baseline ci/base.json: No such file")
    text = write(capsys, "stack.yml", to="ci/base.json")
    assert run(capsys, "stack.yml")[:2] == run(capsys, "--baseline", "ci/base.json", "stack.yml")[:2]
    assert run(capsys, "stack.yml")[0] == 0
    assert run(capsys, "--suppress", "none", "stack.yml")[0] == 1
    Path("ci/base.json").write_text(as_text({}))
    assert run(capsys, "stack.yml")[0] == 1
    (shop / "deploy").mkdir()
    (shop / "deploy" / ".lblint.yml").write_text("{}\n")
    (shop / "deploy" / "other.yml").write_text(STACK)
    write(capsys, "stack.yml", "deploy", to="ci/base.json")
    assert run(capsys, "stack.yml")[0] == 0
    assert run(capsys, "deploy")[0] == 1, "that one has settings of its own, which name none"
    assert run(capsys, "--baseline", "ci/base.json", "deploy", "stack.yml")[0] == 0
    os.unlink("deploy/other.yml")
    assert write(capsys, "stack.yml", to="ci/base.json") == text


def test_from_python(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(capsys, "stack.yml")
    assert lblint.check("stack.yml")
    assert lblint.check("stack.yml", baseline="base.json") == []


def test_no_report_replaces_the_baseline(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = write(capsys, "stack.yml")
    code, _, err = run(capsys, "--baseline", "base.json", "--format", "json", "-o", "./base.json", "stack.yml")
    assert code == 2
    assert "base.json: it was read, and is not overwritten" in err
    assert Path("base.json").read_text() == text


def test_stdin(shop: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def told() -> None:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(STACK.encode())))

    told()
    assert {one["file"] for one in json.loads(write(capsys, "-"))["findings"]} == {"-"}
    told()
    assert findings(capsys, "-") == []
    assert len(findings(capsys, "stack.yml")) == 3, "another file"


def test_comments_and_the_baseline_together(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = write(capsys, "stack.yml")
    (shop / "stack.yml").write_text(with_line(3, ask()))
    assert findings(capsys, "stack.yml") == [("baseline-outdated", None)]
    assert len(write(capsys, "stack.yml").splitlines()) == len(text.splitlines()) - 1
    _, out, _ = run(capsys, "--baseline", "base.json", "--show-suppressed", "stack.yml")
    assert out.count("reason: they know") == 1
    assert out.count("known in base.json") == 2
    (sarif,) = json.loads(run(capsys, "--baseline", "base.json", "--format", "sarif", "stack.yml")[1])["runs"]
    assert sorted(one["suppressions"][0]["kind"] for one in sarif["results"]) == ["external"] * 2 + ["inSource"]


def test_many_processes_say_what_one_says(
    shop: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(30):
        (shop / f"stack-{number:02}.yml").write_text(STACK.replace("example.org", f"{number}.example.org"))
    text = write(capsys, ".")
    (shop / "stack-07.yml").write_text(STACK.replace("example.org", "new.example.org"))
    one = run(capsys, "--baseline", "base.json", ".")
    monkeypatch.setattr("lblint.lint.processors", lambda: 3)
    assert run(capsys, "--baseline", "base.json", ".") == one
    os.unlink("base.json")
    (shop / "stack-07.yml").write_text(STACK.replace("example.org", "7.example.org"))
    assert write(capsys, ".") == text


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(
    st.builds(Entry, TEXT | st.sampled_from(["stack.yml", "../x", "/", "a" * 5000, "\ud800"]),
              TEXT | st.sampled_from(["invalid-host", "suppression-unused", "nginx-refuses-config"]),
              st.lists(TEXT, max_size=3).map(tuple), TEXT),
    st.integers(1, 9), max_size=4,
))  # fmt: skip
def test_any_entries_end_in_findings(shop: Path, capsys: pytest.CaptureFixture[str], counts: dict[Entry, int]) -> None:
    Path("base.json").write_text(as_text(counts))
    code, out, err = run(capsys, "--baseline", "base.json", "stack.yml")
    assert (code, err) == (1, "")
    assert "\x1b" not in out
    assert main(["check", "--write-baseline", "base.json", "stack.yml"]) == 0
    capsys.readouterr()
    assert findings(capsys, "stack.yml") == []
