"""The repository as a user gets it from git: what is shipped, in one commit with the version's tag."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from fixture import ROOT

import lblint

SHIPPED = ("lblint", "schemas", "fixtures/rules", "docs/topics", "pyproject.toml", "README.md", "CHANGELOG.md",
           "LICENSE", ".pre-commit-hooks.yaml")  # fmt: skip


def commit(folder: Path) -> str:
    """Make the folder a git repository with one commit; its id."""
    identity = ("-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false")
    for words in (("init", "-q"), ("add", "-A"), ("commit", "-q", "--no-verify", "-m", "all")):
        subprocess.run(["git", *identity, *words], cwd=folder, check=True)
    found = subprocess.run(["git", "rev-parse", "HEAD"], cwd=folder, check=True, capture_output=True, text=True).stdout
    return found.strip()


def repository(folder: Path) -> str:
    """Make the folder the repository, with the tag of this version; the id of its commit."""
    for name in SHIPPED:
        source, target = ROOT / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        else:
            shutil.copy(source, target)
    made = commit(folder)
    subprocess.run(["git", "tag", f"v{lblint.__version__}"], cwd=folder, check=True)
    return made
