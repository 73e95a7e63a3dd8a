"""The ways in which lblint comes to run: a checkout that is copied and edited, a venv of root's, a zip file."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BROKEN = "services: {web: {imagee: nginx}}\n"
SENTENCE = "is not allowed in services.web"


def copied(folder: Path) -> Path:
    """A copy of the package and the schemas, without bytecode."""
    shutil.copytree(ROOT / "lblint", folder / "lblint", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "schemas", folder / "schemas")
    return folder


def check(python: str, cwd: Path, *words: str, path: str = "", **more: object) -> subprocess.CompletedProcess[str]:
    """Run `python -m lblint` in a folder, with nothing of this process's environment but `path` to find modules by."""
    env = {"PATH": os.environ["PATH"], "HOME": str(cwd), "DOCKER_HOST": "tcp://127.0.0.1:1"}
    return subprocess.run(  # type: ignore[call-overload,no-any-return]
        [python, "-m", "lblint", *words], cwd=cwd, env=env | ({"PYTHONPATH": path} if path else {}),
        capture_output=True, text=True, check=False, timeout=60, **more,
    )  # fmt: skip


def test_a_copied_and_edited_checkout_runs_the_edited_code(tmp_path: Path) -> None:
    first = copied(tmp_path / "first")
    stack = tmp_path / "stack.yml"
    stack.write_text(BROKEN)
    assert SENTENCE in check(sys.executable, first, "check", str(stack)).stdout
    second = tmp_path / "second"
    shutil.copytree(first, second)  # with the bytecode that the first run has written
    module = second / "lblint" / "rules" / "keys.py"
    module.write_text(module.read_text("utf-8").replace("is not allowed", "IS NOT OK"))
    edited = check(sys.executable, second, "check", str(stack))
    assert "IS NOT OK in services.web" in edited.stdout
    assert SENTENCE in check(sys.executable, first, "check", str(stack)).stdout


def test_an_edit_counts_in_the_next_run(tmp_path: Path) -> None:
    folder = copied(tmp_path / "checkout")
    (folder / "stack.yml").write_text(BROKEN)
    for words in ("is not allowed", "IS NOT OK", "is not ours"):
        module = folder / "lblint" / "rules" / "keys.py"
        module.write_text((ROOT / "lblint" / "rules" / "keys.py").read_text("utf-8").replace("is not allowed", words))
        assert f"{words} in services.web" in check(sys.executable, folder, "check", "stack.yml").stdout


READ_ONLY = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && cd "$0" && exec "$@"'


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can mount a folder read-only")
def test_an_installation_that_nobody_may_write_to_runs(tmp_path: Path) -> None:
    """As a venv of root's is for everybody else, and an image for whoever runs in it."""
    folder = copied(tmp_path / "owned")
    (folder / "stack.yml").write_text(BROKEN)
    env = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "DOCKER_HOST": "tcp://127.0.0.1:1"}
    command = ["unshare", "-m", "sh", "-c", READ_ONLY, str(folder), sys.executable, "-m", "lblint"]
    done = subprocess.run(
        [*command, "check", "stack.yml"], env=env, capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert SENTENCE in done.stdout
    assert not list(folder.rglob("__pycache__"))
    written = subprocess.run([*command[:6], "touch", "new"], env=env, capture_output=True, check=False, timeout=60)
    assert written.returncode == 1, "the folder can be written to, so that this test shows nothing"


def test_a_zip_file_says_why_it_cannot_run(tmp_path: Path) -> None:
    archive = tmp_path / "lblint.zip"
    with zipfile.ZipFile(archive, "w") as out:
        for path in sorted((ROOT / "lblint").rglob("*.*")):
            if "__pycache__" not in path.parts:
                out.write(path, path.relative_to(ROOT))
    (tmp_path / "stack.yml").write_text(BROKEN)
    for words in (("check", "stack.yml"), ("rules",), ("explain", "unknown-key"), ("explain", "networks")):
        done = check(sys.executable, tmp_path, *words, path=str(archive))
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == f"lblint: lblint cannot run from within {archive}: unpack it, or install it with pip\n"
