"""What is built and installed holds all that it needs, and works where the repository is not."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest
from fixture import ROOT

import lblint
from lblint import rules
from lblint.report.rule_page import page
from lblint.report.topic_page import topic_ids

GOOD = "services:\n  web:\n    image: example/web:1.4\n    networks: [front]\nnetworks:\n  front: {driver: overlay}\n"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist, and the wheel that is built from it."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def the(folder: Path, pattern: str) -> Path:
    """The one file of a pattern."""
    (found,) = folder.glob(pattern)
    return found


def test_wheel_holds_schemas_examples_and_types(built: Path) -> None:
    with zipfile.ZipFile(the(built, "*.whl")) as wheel:
        names = set(wheel.namelist())
        metadata = wheel.read(f"lblint-{lblint.__version__}.dist-info/METADATA").decode()
        scripts = wheel.read(f"lblint-{lblint.__version__}.dist-info/entry_points.txt").decode()
    schemas = {f"lblint/schemas/{name}.schema.json" for name in ("stack", "findings", "status")}
    assert {"lblint/py.typed", *schemas} <= names
    for rule in rules.load().values():
        shown = page(rule)
        files = {"bad.out", *(name for name, _ in (*shown.bad, *shown.good))}
        assert {f"lblint/fixtures/rules/{rule.id}/{name}" for name in files} <= names, rule.id
    topics = {f"lblint/docs/topics/{name}.md" for name in topic_ids()}
    assert topics <= names
    modules = {str(path.relative_to(ROOT)) for path in (ROOT / "lblint").rglob("*.py")}
    assert modules == {name for name in names if name.endswith(".py")}
    beside = {str(path.relative_to(ROOT)) for path in (ROOT / "lblint").rglob("*.*") if path.suffix in (".css", ".js")}
    assert len(beside) == 3
    assert beside <= names
    assert not [name for name in names if name.startswith(("tests", "docs", "bench"))]
    assert "License-Expression: Apache-2.0" in metadata
    assert "lblint = lblint.cli:script" in scripts


def test_sdist_holds_what_the_tests_need(built: Path) -> None:
    with tarfile.open(the(built, "*.tar.gz")) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}
    assert {"README.md", "CHANGELOG.md", "LICENSE", "pyproject.toml", ".pre-commit-hooks.yaml", ".ci/run",
            "docs/rules.md", "schemas/stack.schema.json", "tests/conftest.py"} <= names  # fmt: skip
    assert not [name for name in names if "__pycache__" in name or ".mypy_cache" in name]


def test_installed_wheel_works_without_the_repository(built: Path, tmp_path: Path) -> None:
    home = tmp_path / "venv"
    venv.create(home, with_pip=False, symlinks=True)
    python = home / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "-q", "--no-deps", "--no-index"]
    subprocess.run([*pip, str(the(built, "*.whl"))], check=True, capture_output=True, timeout=300)
    # Its dependencies are those of this environment, behind its own packages.
    site = home / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    (tmp_path / "stack.yml").write_text(GOOD)
    env = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "LBLINT"))}

    def process(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False, timeout=60)

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return process(str(home / "bin" / "lblint"), *words)

    where = process(str(python), "-c", "import lblint; print(lblint.__file__)").stdout.strip()
    assert Path(where).is_relative_to(home)
    assert run("--version").stdout == f"lblint, version {lblint.__version__}\n"
    clean = run("check", "--fail-on", "warning", "stack.yml")
    assert (clean.returncode, clean.stderr) == (0, "")
    page = run("routes", "--format", "html", "stack.yml")
    assert (page.returncode, page.stderr) == (0, "")
    assert "Content-Security-Policy" in page.stdout
    (tmp_path / "stack.yml").write_text(GOOD.replace("image", "imagee"))
    broken = run("check", "stack.yml")
    assert broken.returncode == 1
    assert "stack.yml:3:5: error: " in broken.stdout
    explained = run("explain", next(iter(rules.load())))
    assert (explained.returncode, explained.stderr) == (0, "")
    assert "bad.yml:" in explained.stdout
    told = run("explain", topic_ids()[0])
    assert (told.returncode, told.stderr) == (0, "")
    assert "WHAT TO DO NOW" in told.stdout
