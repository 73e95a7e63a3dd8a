"""Windows and macOS, as far as Linux can show: what they lack is hidden, and the main commands do what they do here."""

from __future__ import annotations

import ntpath
import os
import subprocess
import sys
from pathlib import Path

import pytest

from lblint.stack import safe_read

HIDDEN = Path(__file__).parent / "hidden.py"
STACK = """\
version: "3.8"
services:
  web:
    image: web:1
    networks: [front]
    env_file: [web.env]
    deploy: {labels: {com.docker.lb.hosts: "a.example.org,", com.docker.lb.network: front, com.docker.lb.port: 80}}
networks: {front: {driver: overlay}}
"""


def run(system: str, cwd: Path, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(HIDDEN), system, *arguments]
    env = {name: value for name, value in os.environ.items() if name != "LBLINT_DEBUG"}
    return subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=cwd, input=stdin, timeout=100, env=env
    )


def lay_out(folder: Path, files: int = 1) -> Path:
    folder.mkdir()
    (folder / ".git").mkdir()
    (folder / "web.env").write_text("A=b\n")
    (folder / "web.yml").write_bytes(STACK.encode())
    (folder / "crlf.yml").write_bytes(STACK.replace("\n", "\r\n").encode())
    (folder / "odd.yml").write_bytes(STACK.replace("version", "x: &a [1, *a]\nversion").encode())
    for number in range(1, files):
        (folder / f"{number}.yml").write_bytes(STACK.replace("a.example", f"a{number}.example").encode())
    return folder


COMMANDS = [
    ("check", "web.yml"), ("check", "-v", "--client", "28", "web.yml", "crlf.yml"), ("check", "odd.yml", "no.yml"),
    ("check", "--format", "json", "."), ("check", "--format", "sarif", "-o", "out.sarif", "web.yml"), ("check", "-"),
    ("check", "--diff", "web.yml", "crlf.yml"), ("check", "--fix", "web.yml", "crlf.yml"),
    ("check", "--write-baseline", "base.json", "web.yml"), ("explain", "trailing-comma"), ("explain", "hosts"),
    ("rules",), ("routes", "web.yml"), ("routes", "--format", "svg", "-o", "out.svg", "web.yml"),
    ("config", "web.yml"), ("init",), ("--help",), ("check", "--live", "-H", "tcp://127.0.0.1:1", "web.yml"),
    ("deploy", "--offline", "--dry-run", "-c", "web.yml", "s"), ("interlock", "nothing"),
]  # fmt: skip


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_a_command_does_what_it_does_on_linux(arguments: tuple[str, ...], tmp_path: Path) -> None:
    def outcome(system: str) -> tuple[object, ...]:
        folder = lay_out(tmp_path / (system or "linux"))
        done = run(system, folder, *arguments, stdin=STACK)
        lines = (done.stdout + "\n" + done.stderr).replace(str(folder), "ROOT").splitlines()
        said = [line for line in lines if " s: " not in line]  # but for the times of --verbose
        files = [(path.name, path.read_bytes()) for path in sorted(folder.iterdir()) if path.is_file()]
        return done.returncode, said, [(name, content.replace(bytes(folder), b"ROOT")) for name, content in files]

    systems = ["darwin"] if arguments[0] == "deploy" else ["darwin", "win32"]  # docker.exe is looked for on Windows
    expected = outcome("")
    assert not [line for line in expected[1] if "Traceback" in line]  # type: ignore[attr-defined]
    for system in systems:
        assert outcome(system) == expected


@pytest.mark.parametrize("system", ["win32", "darwin"])
def test_a_hundred_files_are_checked(system: str, tmp_path: Path) -> None:
    folder = lay_out(tmp_path / "many", 100)
    one, other = (run(name, folder, "check", "--format", "json", ".") for name in ("", system))
    assert other.stdout == one.stdout
    assert other.returncode == one.returncode == 1


def test_nginx_is_not_run_on_windows_and_that_is_said(tmp_path: Path) -> None:
    folder = lay_out(tmp_path / "x")
    program = folder / "nginx.exe"  # a program there, by its ending
    program.write_text("#!/bin/sh\necho nginx version: nginx/1.22.1 >&2\n")
    program.chmod(0o755)
    done = run("win32", folder, "check", "--nginx", str(program), "web.yml")
    assert "is not run on Windows" in done.stdout + done.stderr
    assert done.returncode == 2


def test_paths_with_a_drive_are_joined(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(safe_read.os, "sep", "\\")
        patch.setattr(safe_read.os, "path", ntpath)
        joined = [safe_read.absolute("C:\\repo", path) for path in ("web.env", "..\\a/b.env", "D:\\x", "./web.env")]
    assert joined == ["C:\\repo\\web.env", "C:\\a\\b.env", "D:\\x", "C:\\repo\\web.env"]
