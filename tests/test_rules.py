"""Every rule has a page and fixtures, and says exactly what its golden files hold."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fixture import FIXTURES, mains, run

from lblint import rules
from lblint.finding import Severity
from lblint.report import render_text

RULES = rules.load()
FOLDER = FIXTURES / "rules"
BAD = [pytest.param(path, id=f"{path.parent.name}/{path.stem}") for path in mains(FOLDER, "*/bad*.*")]
GOOD = [pytest.param(path, id=f"{path.parent.name}/{path.stem}") for path in mains(FOLDER, "*/good*.*")]


def test_rules_and_fixture_folders_are_the_same() -> None:
    assert sorted(RULES) == sorted(path.name for path in FOLDER.iterdir() if path.is_dir())


def test_a_rule_stands_in_the_folder_of_what_it_judges() -> None:
    assert sorted(rules.ids()) == sorted(RULES)
    kinds = {rule.on for rule in RULES.values()}
    assert {rule.id for kind in kinds for rule in rules.of(kind)} == set(RULES)
    for rule in RULES.values():
        assert rule.check.__module__.split(".")[2] == rules.ids()[rule.id]


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.id) for rule in RULES.values()])
def test_a_rule_has_a_page_a_bad_and_a_good_fixture(rule: rules.Rule) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", rule.id)
    assert rule.summary.endswith("."), "the first line of the docstring is a sentence"
    assert len(rule.doc.split("\n\n", 1)[-1]) > 80, "the page says why it breaks and what to write"
    assert mains(FOLDER / rule.id, "bad*.*")
    assert mains(FOLDER / rule.id, "good*.*")


@pytest.mark.parametrize("path", BAD)
def test_bad_fixture_gives_its_golden_findings(path: Path, update: bool) -> None:
    result = run(path)
    text = render_text(result)
    golden = path.with_suffix(".out")
    if update:
        golden.write_text(text, "utf-8")
    assert text == golden.read_text("utf-8")
    own = [finding for finding in result.findings if finding.rule == path.parent.name]
    assert own, f"{path.parent.name} finds nothing"
    loud = {f.rule for f in result.findings if f.severity > Severity.INFO and f.rule != path.parent.name}
    assert not loud, "one fixture, one fault: other rules are loud on it"


@pytest.mark.parametrize("path", GOOD)
def test_good_fixture_has_no_error_and_no_warning(path: Path) -> None:
    result = run(path)
    assert not result.unchecked
    assert [f"{f.rule}: {f.message}" for f in result.findings if f.severity > Severity.INFO] == []
    assert path.parent.name not in {finding.rule for finding in result.findings}
