"""Everything is found that is found without the fast paths; and what a clean file's check loads stays what it is."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from fixture import FIXTURES, mains, run

from lblint import kept, rules
from lblint.lint import Result

ROOT = FIXTURES.parent
FOLDERS = sorted({path.parent for path in FIXTURES.rglob("*.yml")} | {path.parent for path in FIXTURES.rglob("*.toml")})


def told(result: Result) -> tuple[object, ...]:
    """What a run says."""
    return result.findings, result.unchecked, result.silenced


@pytest.mark.parametrize("folder", [pytest.param(folder, id=str(folder.relative_to(FIXTURES))) for folder in FOLDERS])
def test_a_fixture_gives_the_same_the_long_way(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in mains(folder, "*.*"):
        monkeypatch.delenv("LBLINT_SLOW", raising=False)
        quick = told(run(path))
        monkeypatch.setenv("LBLINT_SLOW", "1")
        assert quick == told(run(path)), path


def test_a_rule_needs_what_its_own_module_says() -> None:
    """What is kept of a rule is made anew when its file changes, and not when another one does."""
    for path in sorted((ROOT / "lblint" / "rules").glob("*/[a-z]*.py")):
        module = ast.parse(path.read_text("utf-8"))
        assigned = [node for node in module.body if isinstance(node, ast.Assign | ast.AnnAssign)]
        names = [name for node in assigned for name in ast.walk(node) if isinstance(name, ast.Name)]
        own = {name.id for name in names if isinstance(name.ctx, ast.Store)}
        for keyword in (word for node in ast.walk(module) if isinstance(node, ast.Call) for word in node.keywords):
            if keyword.arg == "needs":
                used = {name.id for name in ast.walk(keyword.value) if isinstance(name, ast.Name)}
                assert used <= own, path


def test_what_is_kept_of_rules_is_what_they_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "RULES", {})
    monkeypatch.setattr(rules, "_known", {})
    said = rules.load()
    for subject in {rule.on for rule in said.values()}:
        rules.of(subject)
    assert rules.learn()
    assert not rules.learn(), "nothing is new any more"
    assert {module.partition("/")[2].replace("_", "-") for module in kept.RULES} == set(said)
    monkeypatch.setattr(rules, "_known", {})
    monkeypatch.setattr(rules, "_import", lambda folder, module: pytest.fail(f"{module} is imported"))
    for rule in said.values():
        known = next(known for known in rules.of(rule.on) if known.id == rule.id)
        assert known.needs == rule.needs
        assert rules.get(known) is rule
