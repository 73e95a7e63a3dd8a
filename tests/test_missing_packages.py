"""A package that lblint needs is missing or damaged: exit 2, and a sentence that names it and the pip command."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lblint.installation import missing_package

HIDDEN = Path(__file__).parent / "hidden.py"
STACK = """\
version: "3.8"
services:
  web:
    image: web:1
    networks: [front]
    deploy: {labels: {com.docker.lb.hosts: a.example.org, com.docker.lb.network: front, com.docker.lb.port: 80}}
networks: {front: {driver: overlay}}
"""


def run(hidden: str, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    env = {name: value for name, value in os.environ.items() if name != "LBLINT_DEBUG"}
    command = [sys.executable, str(HIDDEN), hidden, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd, env=env, timeout=100)


@pytest.mark.parametrize(
    ("module", "package", "arguments"),
    [
        ("ruamel", "ruamel.yaml", ("check", "web.yml")),
        ("ruamel.yaml", "ruamel.yaml", ("check", "web.yml")),
        ("ruamel.yaml", "ruamel.yaml", ("check", "--fix", "web.yml")),
        ("ruamel.yaml", "ruamel.yaml", ("deploy", "--dry-run", "--offline", "-c", "web.yml", "s")),
        ("click", "click", ("rules",)),
        ("click", "click", ("--help",)),
        ("crossplane", "crossplane", ("check", "web.yml")),
        ("crossplane", "crossplane", ("routes", "web.yml")),
        ("jsonschema", "jsonschema", ("check", "broken.yml")),
        ("rpds", "rpds-py", ("check", "broken.yml")),
        ("docker", "docker", ("check", "--live", "-H", "tcp://127.0.0.1:1", "web.yml")),
        ("requests", "requests", ("check", "--live", "-H", "tcp://127.0.0.1:1", "web.yml")),
        ("pygls", "pygls", ("lsp",)),
    ],
)
def test_a_missing_package_is_named(module: str, package: str, arguments: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "web.yml").write_text(STACK)
    (tmp_path / "broken.yml").write_text('version: "3.8"\nservices: {web: {image: [web]}}\n')
    done = run(module, *arguments, cwd=tmp_path)
    assert done.returncode == 2
    last = done.stderr.splitlines()[-1]
    install = "pip install 'lblint[lsp]'" if package == "pygls" else f"-m pip install {package}"
    assert package in last
    assert last.endswith(install)
    assert "bug" not in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


def test_a_check_of_many_files_says_it_once(tmp_path: Path) -> None:
    for number in range(60):
        (tmp_path / f"{number}.yml").write_text(STACK)
    done = run("ruamel", "check", ".", cwd=tmp_path)
    assert done.returncode == 2
    assert (done.stdout + done.stderr).count("ruamel.yaml, which lblint needs") == 1


@pytest.mark.parametrize(
    ("error", "start", "end"),
    [
        (ImportError("bad ELF", name="rpds.rpds"), "the package rpds-py, which lblint needs, is damaged (bad ELF)",
         "-m pip install --force-reinstall rpds-py"),
        (ModuleNotFoundError("no x", name="docker.tls"), "the package docker, which lblint needs, is damaged",
         "--force-reinstall docker"),
        (ModuleNotFoundError("no _ssl", name="_ssl"), "this Python was built without the module _ssl (no _ssl)", ")"),
        (ModuleNotFoundError("no x", name="lblint.x"), "", ""),
        (ValueError("x"), "", ""),
        (None, "", ""),
    ],
)  # fmt: skip
def test_what_is_said(error: Exception | None, start: str, end: str) -> None:
    said = missing_package(error)
    assert said.startswith(start)
    assert said.endswith(end)
    assert bool(said) == bool(start)
