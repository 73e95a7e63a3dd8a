"""Everything is found that is found without the fast paths; and what a clean file's check loads stays what it is."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
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


LOADED = Path(__file__).parent / "loaded.txt"
"""The modules of lblint and its libraries that a check of the 63-line file of bench/speed.py loads."""
PRINT = """\
import sys
before = set(sys.modules)
from lblint import kept
from lblint.cli import run
sys.argv = ["lblint", "check", "shop-stack.yml"]
code = run()
print(code, " ".join(kept.news), *sorted(set(sys.modules) - before), sep="\\n")
"""
LIBRARIES = ("lblint", "crossplane", "jsonschema", "ruamel", "_ruamel_yaml", "click")
HEAVY = {
    "dataclasses", "decimal", "difflib", "fractions", "glob", "importlib.metadata", "inspect", "ipaddress",
    "logging", "pathlib", "pickle", "random", "subprocess", "tempfile", "threading", "tomllib", "urllib",
}  # fmt: skip


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a copy of the package, as installed, and the stack file of bench/speed.py."""
    folder = tmp_path_factory.mktemp("installed")
    shutil.copytree(ROOT / "lblint", folder / "lblint", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "schemas", folder / "schemas")
    scope: dict[str, str] = {}
    bench = ast.parse((ROOT / "bench" / "speed.py").read_text("utf-8"))
    text = next(node for node in bench.body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "STACK")
    exec(ast.unparse(text), scope)
    (folder / "shop-stack.yml").write_text(scope["STACK"].format(host="shop"))
    return folder


def loaded(folder: Path) -> tuple[str, str, list[str]]:
    """Exit code of a check in a fresh process, what it had to find out anew, and the modules that it loaded."""
    env = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "LBLINT"))}
    argv = [sys.executable, "-c", PRINT]
    done = subprocess.run(argv, cwd=folder, env=env, capture_output=True, text=True, check=True, timeout=60)
    _, code, news, *names = done.stdout.splitlines()
    return code, news, names


def test_a_clean_file_loads_what_it_did(stack: Path, update: bool) -> None:
    """One module more is 0.1 ms more in every hook: `--update`, if it has to be."""
    loaded(stack)
    loaded(stack)
    code, news, names = loaded(stack)
    assert code == "0"
    assert news == "", "the third run finds nothing out: no pattern is compiled, no rule imported to look at it"
    own = [name for name in names if name.partition(".")[0] in LIBRARIES]
    if update:
        LOADED.write_text("\n".join(own) + "\n", "utf-8")
    assert own == LOADED.read_text("utf-8").split()
    assert HEAVY & set(names) == set()
