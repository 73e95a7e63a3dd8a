"""The page of a label: its stack is a good one, its config is the trial's, its mistakes are the rules' own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fixture import FIXTURES

import lblint
from lblint import rules
from lblint.cli import main
from lblint.finding import Severity
from lblint.interlock import LABELS, LabelSpec
from lblint.report.label_page import adds, as_text, mistakes, sample

ALL = pytest.mark.parametrize("spec", [pytest.param(spec, id=spec.name) for spec in LABELS.values()])
LIVING = pytest.mark.parametrize("spec", [pytest.param(s, id=s.name) for s in LABELS.values() if not s.dead])
UNSEEN = {"network", "service_cluster"}
"""The labels that nginx never sees."""


@LIVING
def test_the_stack_of_a_page_is_a_good_one(spec: LabelSpec, tmp_path: Path) -> None:
    (tmp_path / "stack.yml").write_text(sample(spec))
    found = lblint.check(tmp_path / "stack.yml", stack_name="demo")
    loud = {f.rule for f in found if f.severity > Severity.INFO}
    if spec.name == "ip_hash":  # whether the proxy is in host mode, no stack file says
        loud.discard("ip-hash-behind-ingress")
    assert loud == set()
    assert f'{spec.key}: "{spec.example}"' in sample(spec)


@LIVING
def test_what_it_adds_stands_in_the_trial_config(
    spec: LabelSpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("stack.yml").write_text(sample(spec))
    assert main(["render", "-n", "demo", "stack.yml"]) == 0
    lines = capsys.readouterr().out.splitlines()
    changes = adds(spec)
    assert (spec.name in UNSEEN) is (changes == [])
    assert {change[1:] for change in changes if change.startswith("+")} <= set(lines)
    if spec.rendered and spec.name not in UNSEEN:
        value = spec.example.split(",")[0].removeprefix("http://").partition(":")[0]
        assert any(value in change for change in changes)


@ALL
def test_the_mistakes_are_those_of_fixtures(spec: LabelSpec) -> None:
    found = list(mistakes(spec, str(FIXTURES / "rules")))
    assert found
    for one in found:
        outputs = "".join(path.read_text("utf-8") for path in (FIXTURES / "rules" / one.rule).glob("bad*.out"))
        assert one.line in outputs
        assert f"{one.message} [{one.rule}]" in outputs
        assert spec.key in one.line
    assert {one.rule for one in found} <= set(rules.load())


@ALL
def test_the_page_offline(spec: LabelSpec, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["labels", spec.name]) == 0
    out = capsys.readouterr().out
    assert out == as_text(spec)
    assert main(["labels", spec.key]) == 0
    assert capsys.readouterr().out == out
    for one in mistakes(spec, str(FIXTURES / "rules")):
        assert f"[{one.rule}]" in out
    assert main(["labels", spec.key, "--format", "json"]) == 0
    (shown,) = json.loads(capsys.readouterr().out)
    assert (shown["label"], shown["example"]) == (spec.key, spec.example)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [("host", "hosts"), ("com.docker.lb.sslcert", "ssl_cert"), ("Redirect", "redirects"), ("stickysession", "sticky")],
)
def test_a_misspelt_label_is_told(wrong: str, right: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["labels", wrong]) == 2
    assert f"(did you mean {right}" in capsys.readouterr().err
