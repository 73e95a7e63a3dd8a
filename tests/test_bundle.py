"""The bundle of compiled modules: same answers, never a stale one, and never in the way."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TAG = sys.implementation.cache_tag


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package that the test may change."""
    shutil.copytree(ROOT / "lblint", tmp_path / "lblint", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "schemas", tmp_path / "schemas")
    (tmp_path / "stack.yml").write_text('version: "3.8"\nservices: {web: {image: nginx, lables: {a: b}}}\n')
    return tmp_path


def run(copy: Path, **env: str) -> tuple[int, str]:
    """The copy's `lblint check` on the stack."""
    base = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    argv = [sys.executable, "-m", "lblint", "check", "stack.yml"]
    done = subprocess.run(argv, cwd=copy, env=base | env, capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stdout + done.stderr


def bundle(copy: Path) -> Path:
    return copy / "lblint" / "__pycache__" / f"lblint.{TAG}.bundle"


def test_it_is_made_once_and_changes_nothing(copy: Path) -> None:
    first = run(copy)
    made = bundle(copy).stat().st_mtime_ns
    assert run(copy) == first
    assert first[0] == 1
    assert "lables" in first[1]
    assert bundle(copy).stat().st_mtime_ns == made, "the second run found all modules in it"


def test_nobody_else_may_write_it(copy: Path) -> None:
    """What stands in it is run, whatever umask a pipeline has."""
    umask = os.umask(0)
    try:
        run(copy)
    finally:
        os.umask(umask)
    assert bundle(copy).stat().st_mode & 0o777 == 0o644


def test_a_changed_module_counts_at_once(copy: Path) -> None:
    before = run(copy)
    rule = copy / "lblint" / "rules" / "stack" / "unknown_key.py"
    rule.write_text(rule.read_text().replace("Severity.ERROR", "Severity.WARNING"))
    after = run(copy)
    assert (before[0], after[0]) == (1, 0)
    assert "warning: " in after[1]
    assert run(copy) == after


def test_a_module_that_is_gone_is_gone(copy: Path) -> None:
    run(copy)
    (copy / "lblint" / "rules" / "stack" / "unknown_key.py").unlink()
    assert run(copy)[0] == 0


@pytest.mark.parametrize("content", [b"", b"\0" * 100, sys.version.encode() + b" 0\0" + b"\xfb" * 50],
                         ids=["empty", "zeros", "no-marshal"])  # fmt: skip
def test_a_broken_bundle_is_ignored(copy: Path, content: bytes) -> None:
    expected = run(copy)
    bundle(copy).write_bytes(content)
    assert run(copy) == expected


def test_it_is_not_made_where_python_writes_no_bytecode(copy: Path) -> None:
    assert run(copy, PYTHONDONTWRITEBYTECODE="1")[0] == 1
    assert not bundle(copy).exists()


def test_a_folder_in_its_place_is_no_trouble(copy: Path) -> None:
    bundle(copy).mkdir(parents=True)
    assert run(copy) == run(copy)
    assert run(copy)[0] == 1
    assert [path.name for path in bundle(copy).parent.iterdir() if ".bundle." in path.name] == []
