"""Every rule has a page and fixtures, and says exactly what its golden files hold."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fixture import FIXTURES, mains, run

from lblint import rules
from lblint.finding import Breaks, Hit, Severity
from lblint.report import render_text

RULES = rules.load()
BREAKS = list(Breaks)
"""The worst first."""
FOLDER = FIXTURES / "rules"
BAD = [pytest.param(path, id=f"{path.parent.name}/{path.stem}") for path in mains(FOLDER, "*/bad*.*")]
GOOD = [pytest.param(path, id=f"{path.parent.name}/{path.stem}") for path in mains(FOLDER, "*/good*.*")]


def test_rules_and_fixture_folders_are_the_same() -> None:
    assert sorted(RULES) == sorted(path.name for path in FOLDER.iterdir() if path.is_dir())


def test_a_rule_is_found_by_what_it_judges() -> None:
    """A run imports the modules for the types that it meets: in a fresh process, no other import helps."""
    kinds = {rule.on for rule in RULES.values()}
    for kind in kinds:
        ask = f"from lblint import rules\nfrom {kind.__module__} import {kind.__name__} as kind\n"
        done = subprocess.run(
            [sys.executable, "-c", ask + "print(*(rule.id for rule in rules.rules_on(kind)))"],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert done.stdout.split() == [name for name, rule in RULES.items() if rule.on is kind]


def test_two_rules_of_one_name_are_refused() -> None:
    def invalid_port(stack: object) -> Iterator[Hit]:
        yield from ()

    with pytest.raises(ValueError, match="two rules are called invalid-port"):
        rules.rule(on=object, severity=Severity.INFO)(invalid_port)


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
    golden = path.with_name(path.name.removesuffix(".json").removesuffix(".status")).with_suffix(".out")
    if update:
        golden.write_text(text, "utf-8")
    assert text == golden.read_text("utf-8")
    own = [finding for finding in result.findings if finding.rule == path.parent.name]
    assert own, f"{path.parent.name} finds nothing"
    loud = {f.rule for f in result.findings if f.severity > Severity.INFO and f.rule != path.parent.name}
    assert not loud, "one fixture, one fault: other rules are loud on it"
    for finding in result.findings:
        rule = RULES[finding.rule]
        assert finding.severity <= rule.severity, "a hit only lowers the severity of its rule"
        assert BREAKS.index(finding.breaks) >= BREAKS.index(rule.breaks), "and breaks no more than its rule does"


@pytest.mark.parametrize("path", GOOD)
def test_good_fixture_has_no_error_and_no_warning(path: Path) -> None:
    result = run(path)
    assert not result.unchecked
    assert [f"{f.rule}: {f.message}" for f in result.findings if f.severity > Severity.INFO] == []
    assert path.parent.name not in {finding.rule for finding in result.findings}
