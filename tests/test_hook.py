"""The pre-commit hook, run by the real pre-commit as a user's repository would run it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from fixture import ROOT
from ruamel.yaml import YAML
from shipped import commit, repository
from stacks import BAD, GOOD

from lblint.cli.files import is_stack_name

HOOKS = YAML(typ="safe", pure=True).load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
HOOK = HOOKS[0]


@pytest.mark.parametrize(
    ("name", "stack"),
    [
        pytest.param(name, stack, id=name)
        for name, stack in (
            ("stack.yml", True),
            ("docker-compose.yml", True),
            ("docker-compose.prod.yaml", True),
            ("docker-stack.yml", True),
            ("compose.yaml", True),
            ("deploy/shop-stack.yml", True),
            ("Web.Swarm.YML", True),
            ("shop_stack_v2.yml", True),
            ("--stack.yml", True),
            ("haystack.yml", False),
            ("composer.yml", False),
            ("stack/values.yaml", False),
            ("stack.json", False),
            ("mkdocs.yml", False),
        )
    ],
)
def test_hook_and_folder_search_take_the_same_names(name: str, stack: bool) -> None:
    assert bool(re.search(HOOK["files"], name)) is stack
    assert is_stack_name(name) is stack


def test_arguments_end_with_the_double_dash() -> None:
    for hook in HOOKS:
        assert hook["args"][-1] == "--"
        assert hook["require_serial"] is True
        assert hook["files"] == HOOK["files"]


Run = Callable[[Path], subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, Run]:
    """The repository as users get it, its commit, and how they run pre-commit; it installs lblint once."""
    folder = tmp_path_factory.mktemp("hook")
    made = repository(folder / "lblint")
    env = {key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "PRE_COMMIT", "PYTHON"))}
    env["PRE_COMMIT_HOME"] = str(folder / "cache")

    def run(user: Path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "pre_commit", "run", "--all-files", "--color", "never"]
        return subprocess.run(command, cwd=user, env=env, capture_output=True, text=True, check=False, timeout=300)

    return folder / "lblint", made, run


def user_of(folder: Path, hook: str, shipped: tuple[Path, str, Run]) -> Path:
    """A repository that uses a hook."""
    folder.mkdir()
    (folder / ".pre-commit-config.yaml").write_text(
        f"repos:\n  - repo: {shipped[0].as_uri()}\n    rev: {shipped[1]}\n    hooks:\n      - id: {hook}\n"
    )
    return folder


def test_pre_commit_runs_the_hook(tmp_path: Path, shipped: tuple[Path, str, Run]) -> None:
    run = shipped[2]
    user = user_of(tmp_path / "shop", "lblint", shipped)
    for name in ("stack.yml", "-n.stack.yml", "--config=x.stack.yml"):
        (user / name).write_text(GOOD.replace("shop.example.com", f"shop{len(name)}.example.com"))
    (user / "mkdocs.yml").write_text("site_name: not a stack file\n")
    commit(user)

    good = run(user)
    assert good.returncode == 0, good.stdout + good.stderr
    assert re.search(r"^lblint\.+Passed$", good.stdout, re.MULTILINE)

    (user / "--compose.yml").write_text(BAD)
    subprocess.run(["git", "add", "--", "./--compose.yml"], cwd=user, check=True)
    bad = run(user)
    assert bad.returncode == 1, bad.stdout + bad.stderr
    assert re.search(r"^lblint\.+Failed$", bad.stdout, re.MULTILINE)
    assert "- exit code: 1" in bad.stdout
    assert "--compose.yml:7:" in bad.stdout
    assert "mkdocs.yml" not in bad.stdout


def test_pre_commit_runs_the_fixing_hook(tmp_path: Path, shipped: tuple[Path, str, Run]) -> None:
    run = shipped[2]
    user = user_of(tmp_path / "shop", "lblint-fix", shipped)
    (user / "-n.stack.yml").write_text(GOOD.replace("lb.port", "lb.prot"))
    (user / "stack.yml").write_text(GOOD.replace("shop.example.com", "other.example.com"))
    commit(user)
    first = run(user)
    assert first.returncode == 1, first.stdout + first.stderr
    assert "- files were modified by this hook" in first.stdout
    assert (user / "-n.stack.yml").read_text() == GOOD
    second = run(user)
    assert second.returncode == 0, second.stdout + second.stderr
    undeclared = GOOD.replace("[front]", "[front, back]")
    (user / "stack.yml").write_text(undeclared)
    left = run(user)
    assert left.returncode == 1, "what only a person can know stays, and fails"
    assert (user / "stack.yml").read_text() == undeclared
    assert "[undeclared-network]" in left.stdout
