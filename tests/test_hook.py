"""The pre-commit hook, run by the real pre-commit as a user's repository would run it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from fixture import ROOT
from ruamel.yaml import YAML
from shipped import commit, repository
from stacks import BAD, GOOD

from lblint.cli.files import is_stack_name

HOOK = YAML(typ="safe", pure=True).load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))[0]


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
    assert HOOK["args"][-1] == "--"
    assert HOOK["require_serial"] is True


def test_pre_commit_runs_the_hook(tmp_path: Path) -> None:
    hook = tmp_path / "lblint"
    made = repository(hook)
    user = tmp_path / "shop"
    user.mkdir()
    (user / ".pre-commit-config.yaml").write_text(
        f"repos:\n  - repo: {hook.as_uri()}\n    rev: {made}\n    hooks:\n      - id: lblint\n"
    )
    for name in ("stack.yml", "-n.stack.yml", "--config=x.stack.yml"):
        (user / name).write_text(GOOD.replace("shop.example.com", f"shop{len(name)}.example.com"))
    (user / "mkdocs.yml").write_text("site_name: not a stack file\n")
    commit(user)
    env = {key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "PRE_COMMIT", "PYTHON"))}
    env["PRE_COMMIT_HOME"] = str(tmp_path / "cache")

    def run() -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "pre_commit", "run", "--all-files", "--color", "never"]
        return subprocess.run(command, cwd=user, env=env, capture_output=True, text=True, check=False, timeout=300)

    good = run()
    assert good.returncode == 0, good.stdout + good.stderr
    assert re.search(r"^lblint\.+Passed$", good.stdout, re.MULTILINE)

    (user / "--compose.yml").write_text(BAD)
    subprocess.run(["git", "add", "--", "./--compose.yml"], cwd=user, check=True)
    bad = run()
    assert bad.returncode == 1, bad.stdout + bad.stderr
    assert re.search(r"^lblint\.+Failed$", bad.stdout, re.MULTILINE)
    assert "- exit code: 1" in bad.stdout
    assert "--compose.yml:7:" in bad.stdout
    assert "mkdocs.yml" not in bad.stdout
