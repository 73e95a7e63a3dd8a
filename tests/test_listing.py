"""How many findings of one rule in one file a report lists, and how it says how many more there are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from lblint import check
from lblint.cli import main
from lblint.finding import Severity
from lblint.lint import Checked, Result
from lblint.report import FORMATS
from lblint.report.finding_limit import further, listed

MANY = 130


@pytest.fixture(autouse=True)
def stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stack with so many services that have no image, one of them with a second mistake."""
    monkeypatch.chdir(tmp_path)
    services = "".join(f"  s{at}:\n    deploy: {{replicas: 1}}\n" for at in range(MANY))
    path = tmp_path / "stack.yml"
    path.write_text(f'version: "3.8"\nservices:\n{services}  last:\n    image: nginx:1.27\n    imgae: a\n')
    return path


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """The exit code, and what is on stdout."""
    code = main(["check", "stack.yml", *words])
    return code, capsys.readouterr().out


@pytest.mark.parametrize("format_", FORMATS)
def test_every_format_lists_a_hundred_and_says_how_many_more(format_: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, text = run(capsys, "--format", format_)
    assert code == 1
    assert str(MANY - 100) in text
    assert "unknown-key" in text, "other rules are listed all the same"
    everything = run(capsys, "--format", format_, "--max-findings", "0")[1]
    few = run(capsys, "--format", format_, "--max-findings", "1")[1]
    assert len(few) < len(text) < len(everything)
    assert str(MANY - 1) in few


def test_all_count(capsys: pytest.CaptureFixture[str]) -> None:
    cut, whole = (json.loads(run(capsys, "--format", "json", "--max-findings", n)[1]) for n in ("3", "0"))
    assert cut["summary"] == whole["summary"]
    assert cut["summary"]["errors"] == MANY + 1
    assert [row["further"] for row in cut["further"]] == [MANY - 3]
    assert (whole["further"], len(whole["findings"])) == ([], MANY + 1)
    assert cut["findings"] == [*whole["findings"][:3], whole["findings"][-1]]
    assert run(capsys, "--statistics", "--max-findings", "3") == run(capsys, "--statistics", "--max-findings", "0")


def test_what_is_left_out_has_the_severity_of_the_worst() -> None:
    finding = check("stack.yml")[0]
    order = [Severity.INFO, Severity.INFO, Severity.ERROR, Severity.WARNING]
    result = Result(tuple(finding._replace(severity=severity) for severity in order), (), Checked({}, ()), most=1)
    ((first, number),) = further(result)
    assert (first.severity, number) == (Severity.ERROR, 3)
    assert [entry.severity for entry in listed(result)] == [Severity.INFO, Severity.ERROR]
    assert listed(result._replace(most=4)) == result.findings


def test_the_settings_say_how_many(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = stack.with_name(".lblint.yml")
    settings.write_text("max-findings: 2\n")
    assert f"{MANY - 2} more findings" in run(capsys)[1]
    assert f"{MANY - 5} more findings" in run(capsys, "--max-findings", "5")[1]
    settings.write_text("max-findings: -1\n")
    assert main(["check", "stack.yml"]) == 2
    assert "-1 is not a whole number from 0 on" in capsys.readouterr().err


def test_a_baseline_holds_all_and_fixes_are_made_for_all(stack: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "stack.yml", "--write-baseline", "base.json"]) == 0
    assert main(["check", "stack.yml", "--baseline", "base.json"]) == 0
    services = "".join(f"  s{at}:\n    image: nginx:1.27\n    init: 'true'\n" for at in range(MANY))
    stack.write_text(f'version: "3.8"\nservices:\n{services}')
    main(["check", "stack.yml", "--fix"])
    capsys.readouterr()
    assert run(capsys)[0] == 0
