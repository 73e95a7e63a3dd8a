"""What cannot be read hides nothing else, and no report is left from an earlier run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from fixture import ROOT

import lblint
from lblint.cli import main
from lblint.report import FORMATS, sarif

Capture = pytest.CaptureFixture[str]
Patch = pytest.MonkeyPatch
BAD = (ROOT / "fixtures" / "stacks" / "typo" / "stack.yml").read_text("utf-8")
FIXABLE = """\
version: "3.8"
services:
  web:
    image: web:1
    networks: [front]
    deploy:
      labels:
        com.docker.lb.hosts: http://a.example.org
        com.docker.lb.port: "80"
        com.docker.lb.network: front
networks:
  front:
"""
STALE = "from an earlier run"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: Patch) -> Path:
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def outputs(folder: Path) -> list[str]:
    """Options for a report of each format in a file of its name, in each of which an older one stands."""
    for name in FORMATS:
        (folder / f"out.{name}").write_text(STALE)
    return [word for name in FORMATS for word in ("--format", name, "-o", f"out.{name}")]


def fill(folder: Path) -> None:
    """A stack with findings, and beside it files that cannot be read."""
    (folder / "stack.yml").write_text(BAD)
    (folder / "dangling-stack.yml").symlink_to("nowhere")
    (folder / "loop-stack.yml").symlink_to("loop-stack.yml")
    (folder / "other.yml").symlink_to("elsewhere")


@pytest.mark.parametrize(
    ("words", "files"),
    [
        (["."], ["./dangling-stack.yml", "./loop-stack.yml", "./other.yml"]),
        (["stack.yml", "missing.yml"], ["missing.yml"]),
        (["stack.yml", "--with", "missing.conf"], ["missing.conf"]),
        (["stack.yml", "--interlock-config", "missing.toml"], ["missing.toml"]),
        (["stack.yml", "missing.toml"], ["missing.toml"]),
    ],
)
def test_it_is_an_entry_in_every_format(folder: Path, capsys: Capture, words: Sequence[str], files: list[str]) -> None:
    fill(folder)
    assert main(["check", *words, *outputs(folder)]) == 2
    shown = capsys.readouterr().out
    document = json.loads((folder / "out.json").read_text())
    assert [one["file"] for one in document["unchecked"]] == files
    assert any(one["file"].endswith("stack.yml") for one in document["findings"])
    assert f"{len(files)} file{'s' * (len(files) > 1)} could not be checked" in shown
    for name in FORMATS:
        text = (folder / f"out.{name}").read_text()
        assert all(file.removeprefix("./") in text for file in files), name
        assert "No such file" in text, name
    assert not json.loads((folder / "out.sarif").read_text())["runs"][0]["invocations"][0]["executionSuccessful"]


def test_a_stack_of_which_a_file_is_missing_is_not_checked_as_a_whole(folder: Path, capsys: Capture) -> None:
    (folder / "stack.yml").write_text(BAD + "x-a: 1\nx-a: 2\n")
    assert main(["check", "--format", "json", "-c", "stack.yml", "-c", "missing.yml"]) == 2
    document = json.loads(capsys.readouterr().out)
    assert document["unchecked"] == [{"file": "missing.yml", "reason": "No such file or directory"}]
    assert {one["rule"] for one in document["findings"]} == {"duplicate-key"}


def test_a_folder_that_cannot_be_listed_is_an_entry(folder: Path, capsys: Capture, monkeypatch: Patch) -> None:
    (folder / "sound").mkdir()
    (folder / "closed").mkdir()
    (folder / "sound" / "stack.yml").write_text(BAD)
    scandir = os.scandir

    def closed(path: str) -> object:
        if path.endswith("closed"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", closed)
    for words in (["."], ["closed", "sound"]):
        assert main(["check", *words]) == 2
        out = capsys.readouterr().out
        assert "closed: could not check: Permission denied\n" in out
        assert "sound/stack.yml:" in out
    (folder / ".lblint.yml").write_text("client: '28.2.2'\n")
    assert main(["check"]) == 2
    out = capsys.readouterr().out
    assert "closed: could not check: Permission denied\n" in out
    assert "sound/stack.yml:" in out


def test_no_permission(folder: Path) -> None:
    """As another user, for root may read everything."""
    (folder / "stack.yml").write_text(BAD)
    (folder / "closed.yml").write_text(BAD)
    (folder / "closed.yml").chmod(0)
    words = [sys.executable, "-m", "lblint", "check", "--format", "json", "."]
    if os.geteuid() == 0:
        if not (setpriv := shutil.which("setpriv")):
            pytest.skip("setpriv is not installed")
        words[:0] = [setpriv, "--reuid", "65534", "--clear-groups"]
        for path in (folder, *folder.parents):
            if path.stat().st_uid == 0 and path.is_relative_to("/tmp/"):
                path.chmod(path.stat().st_mode | 0o755)
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)
    if "ModuleNotFoundError" in done.stderr or not done.stdout:
        pytest.skip("another user cannot run lblint here")
    document = json.loads(done.stdout)
    assert done.returncode == 2
    assert document["unchecked"] == [{"file": "./closed.yml", "reason": "Permission denied"}]
    assert document["findings"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["missing.yml"], "No such file or directory"),
        (["missing.yml", "gone.yml"], "gone.yml"),
        (["empty"], "no stack file found below empty"),
        (["stack.yml", "--client", "x"], "--client 'x'"),
        (["stack.yml", "--select", "no-such-rule"], "there is no rule 'no-such-rule'"),
        (["stack.yml", "--baseline", "missing.json"], "missing.json: No such file or directory"),
        (["stack.yml", "--config", "broken.yml"], "unknown key 'nonsense'"),
        (["stack.yml", "--config", "x.yml", "--no-config"], "--config and --no-config exclude each other"),
        (["stack.yml", "--context", "x"], "--host and --context need --live"),
        (["stack.yml", "--write-baseline", "stack.yml"], "is not a baseline"),
        (["--fix", "missing.yml"], "No such file or directory"),
        (["--diff", "missing.yml"], "No such file or directory"),
    ],
)
def test_a_run_that_can_check_nothing_says_so_in_every_report(
    folder: Path, capsys: Capture, words: Sequence[str], said: str
) -> None:
    (folder / "stack.yml").write_text(BAD)
    (folder / "broken.yml").write_text("nonsense: 1\nrubbish: 2\n")
    (folder / "empty").mkdir()
    before = sorted(os.listdir(folder))
    assert main(["check", *words, *outputs(folder)]) == 2
    assert said in capsys.readouterr().err
    assert sorted(os.listdir(folder)) == sorted([*before, *(f"out.{name}" for name in FORMATS)])
    for name in FORMATS:
        text = (folder / f"out.{name}").read_text()
        assert STALE not in text, name
        assert said.partition("'")[0] in text.replace("&apos;", "'").replace("&#39;", "'"), name
    document = json.loads((folder / "out.json").read_text())
    assert document["findings"] == []
    assert document["unchecked"]
    assert (folder / "stack.yml").read_text() == BAD


def test_the_report_on_the_terminal_is_never_empty(folder: Path, capsys: Capture) -> None:
    assert main(["check", "--format", "json", "missing.yml"]) == 2
    shown = capsys.readouterr()
    assert json.loads(shown.out)["unchecked"] == [{"file": "missing.yml", "reason": "No such file or directory"}]
    assert shown.err == "lblint: missing.yml: No such file or directory\n"


def test_what_nobody_foresaw_is_in_every_report(folder: Path, capsys: Capture, monkeypatch: Patch) -> None:
    (folder / "stack.yml").write_text(BAD)
    monkeypatch.setattr("lblint.cli.inputs.with_baseline", lambda *_: 1 / 0)
    assert main(["check", "stack.yml", *outputs(folder)]) == 2
    assert "ZeroDivisionError" in capsys.readouterr().err
    assert all("ZeroDivisionError" in (folder / f"out.{name}").read_text() for name in FORMATS)


def test_no_report_replaces_an_input_when_nothing_can_be_checked(folder: Path, capsys: Capture) -> None:
    (folder / "stack.yml").write_text(BAD)
    (folder / "base.json").write_text("{}")
    (folder / "config.toml").write_text("[Extensions]\n")
    for name in ("stack.yml", "base.json", "config.toml"):
        text = (folder / name).read_text()
        words = ["check", ".", "--client", "x", "--baseline", "base.json", "--format", "json", "-o", name]
        assert main(words) == 2
        assert f"cannot write {name}: it was read" in capsys.readouterr().err
        assert (folder / name).read_text() == text


def test_settings_that_are_wrong_do_not_hide_other_folders(folder: Path, capsys: Capture) -> None:
    for name in ("a", "b"):
        (folder / name).mkdir()
        (folder / name / "stack.yml").write_text(BAD)
    (folder / "a" / ".lblint.yml").write_text("nonsense: 1\n")
    assert main(["check", "--format", "json", "."]) == 2
    document = json.loads(capsys.readouterr().out)
    assert {one["file"] for one in document["findings"]} == {"./b/stack.yml"}
    assert [one["file"] for one in document["unchecked"]] == ["a/.lblint.yml"]
    assert "unknown key 'nonsense'" in document["unchecked"][0]["reason"]


def test_a_named_folder_without_stacks_is_said(folder: Path, capsys: Capture) -> None:
    (folder / "stack.yml").write_text(BAD)
    (folder / "empty").mkdir()
    code = main(["check", "stack.yml"])
    capsys.readouterr()
    assert main(["check", "stack.yml", "empty"]) == code
    assert capsys.readouterr().err == "lblint: no stack file found below empty\n"


@pytest.mark.parametrize("name", ["::error::x.yml", " ::error::x.yml", "::warning file=a::x-stack.yml"])
def test_no_line_of_text_is_a_workflow_command(folder: Path, capfd: pytest.CaptureFixture[str], name: str) -> None:
    (folder / name).write_text(BAD)
    (folder / "stack.yml").write_text(BAD.replace("com.docker", "# lblint: ignore-file[]\ncom.docker", 1))
    (folder / f"{name}.toml").write_text("[Extensions]\n")
    os.symlink("nowhere", folder / f"{name}2.yml")
    for words in (["--show-suppressed"], ["-q"], ["--diff"], ["-v"], ["--fix"]):
        main(["check", *words, "--", name, f"{name}2.yml", f"{name}.toml", "stack.yml"])
        shown = capfd.readouterr()
        lines = (shown.out + shown.err).splitlines()
        assert any("error::" in line or "warning file" in line for line in lines)
        assert [line for line in lines if line.lstrip().startswith("::")] == []


CONTENTS = (FIXABLE, FIXABLE.rstrip("\n"), FIXABLE.replace("\n", "\r\n"), "\ufeff" + FIXABLE.replace("\n", "\r\n"))


@pytest.mark.parametrize(
    ("name", "contents"),
    [
        ("stack.yml", CONTENTS),
        ("deploy/shop/stack.yml", CONTENTS[:1]),
        ("with space/stack.yml", CONTENTS[:1]),
        ('quo"te-stack.yml', CONTENTS[:1]),
        ("läb/stack.yml", CONTENTS[-1:]),
        ("t\tb.yml", CONTENTS[-1:]),
    ],
)
def test_git_applies_a_diff(
    folder: Path, name: str, contents: Sequence[str], capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: Patch
) -> None:
    """Whatever the lines end with, with a byte order mark, and from a folder below the top of the repository."""
    subprocess.run(["git", "init", "-q", "."], check=True)
    for below in (folder, folder / "sub"):
        file = below / name
        file.parent.mkdir(parents=True, exist_ok=True)
        monkeypatch.chdir(below)
        for content in contents:
            file.write_bytes(content.encode())
            capfdbinary.readouterr()
            assert main(["check", "--diff", "--", name]) == 1
            patch = capfdbinary.readouterr().out
            assert file.read_bytes() == content.encode()
            subprocess.run(["git", "apply", "--whitespace=nowarn", "-"], input=patch, check=True)
            assert file.read_bytes() == content.replace("http://", "").encode()


def test_diff_writes_reports_and_names_what_is_unchecked(folder: Path, capsys: Capture) -> None:
    fill(folder)
    assert main(["check", "--diff", ".", *outputs(folder)]) == 2
    assert "dangling-stack.yml: could not check: No such file or directory" in capsys.readouterr().err
    document = json.loads((folder / "out.json").read_text())
    assert document["findings"]
    assert len(document["unchecked"]) == 3
    assert all(STALE not in (folder / f"out.{name}").read_text() for name in FORMATS)


def test_the_library_raises_for_it(folder: Path) -> None:
    fill(folder)
    with pytest.raises(lblint.UncheckedError, match=r"missing.yml: No such file or directory"):
        lblint.check("stack.yml", "missing.yml")


def test_sarif_has_the_urls_of_the_metadata(folder: Path, capsys: Capture, monkeypatch: Patch) -> None:
    (folder / "stack.yml").write_text(BAD)
    for links, home, page in (
        ({}, None, None),
        ({"source": "https://example.org/code"}, "https://example.org/code", None),
        ({"homepage": "https://example.org", "documentation": "https://example.org/docs/"}, "https://example.org",
         "https://example.org/docs/rules/{}.html"),
    ):  # fmt: skip
        monkeypatch.setattr(sarif, "project_links", lambda links=links: links)
        main(["check", "--format", "sarif", "stack.yml"])
        driver = json.loads(capsys.readouterr().out)["runs"][0]["tool"]["driver"]
        assert driver.get("informationUri") == home
        for rule in driver["rules"]:
            assert rule.get("helpUri") == (page and page.format(rule["id"]))
