"""The stack reader against the installed docker client 28, on generated stack files: verdict, words and output.

`LBLINT_EXAMPLES` sets how many (the client takes some 15 ms for each).
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
from conftest import client_version, docker_client
from hypothesis import HealthCheck, given, note, settings
from stackfiles import ENVIRONMENT, Files, stack_files

from lblint.source import read
from lblint.stack import dump, load
from lblint.stack.docker_versions import client
from lblint.stack.resolved import unprintable

EXAMPLES = int(os.environ.get("LBLINT_EXAMPLES", "150"))
ENV_FILES = {"a.env": "A=1\nFOO\nEMPTY=\n# c\nB=x=y\n", "b.env": "A=2\nNUM\nUNKNOWN\nEMPTY\n", "bad.env": "a b=c\n"}


class Said(NamedTuple):
    """What docker did: its exit code, its output, its first line on stderr that is no warning."""

    code: int
    out: str
    first: str


@pytest.fixture(scope="module")
def folder() -> object:
    with tempfile.TemporaryDirectory() as name:
        for file, text in ENV_FILES.items():
            (Path(name) / file).write_text(text, encoding="utf-8")
        yield Path(name)


def ask_docker(paths: Sequence[Path], *flags: str) -> Said:
    """Run `docker stack config` on files; nothing can be reached at DOCKER_HOST."""
    env = {**ENVIRONMENT, "PATH": os.environ["PATH"], "DOCKER_HOST": "tcp://127.0.0.1:9"}
    command = [str(docker_client("28")), "stack", "config", *flags]
    for path in paths:
        command += ["-c", str(path)]
    done = subprocess.run(command, env=env, capture_output=True, check=False, timeout=60)
    lines = [
        line for line in done.stderr.decode("utf-8", "replace").split("\n") if line and not line.startswith("time=")
    ]
    return Said(done.returncode, done.stdout.decode("utf-8", "replace"), lines[0] if lines else "")


def written(files: Files, folder: Path) -> list[Path]:
    """Write the files of a stack."""
    paths = [folder / name for name in ("stack.yml", "over.yml", "third.yml")[: len(files.texts)]]
    for path, text in zip(paths, files.texts, strict=True):
        path.write_text(text, encoding="utf-8")
        note(f"{path.name}:\n{text}")
    return paths


def plain(value: object) -> object:
    """Data as JSON has it, which knows no timestamps and no order of keys."""
    return json.loads(json.dumps(value, default=str, sort_keys=True))


def compare(files: Files, folder: Path, interpolate: bool = True) -> None:
    """Hold this reader's answer against docker's."""
    paths = written(files, folder)
    flags = () if interpolate else ("--skip-interpolation",)
    said = ask_docker(paths, *flags)
    env = {**ENVIRONMENT, "PATH": os.environ["PATH"]}
    stack = load(
        [read(path.read_bytes(), str(path), client(client_version()).dialect) for path in paths],
        None,
        env,
        client_version(),
        interpolate=interpolate,
    )
    told = [fault.docker for fault in stack.faults if fault.docker]
    note(f"docker: {said.code} {said.first}\nlblint: {told}")
    if not stack.refused and unprintable(stack):
        assert said.code
        return
    assert stack.refused == bool(said.code)
    if said.code:
        if len(told) == 1:
            assert told[0].split("\n")[0] == said.first
        return
    shown = dump(stack)
    if client(client_version()).dialect == "v2":  # it prints with another library: the same data in other lines
        printed = read(said.out.encode(), "b", "v2").data
        assert plain({"services": {}, **stack.config}) == plain(printed)
        return
    if shown != said.out:
        again = {ask_docker(paths, *flags).out for _ in range(6)} | {said.out}
        assert shown in again
        if len(again) == 1:
            assert shown == said.out


@pytest.mark.needs_docker28
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(files=stack_files())
def test_generated_files_are_read_as_docker_reads_them(files: Files, folder: Path) -> None:
    compare(files, folder)


@pytest.mark.needs_docker28
@settings(max_examples=max(EXAMPLES // 10, 10), deadline=None, suppress_health_check=list(HealthCheck))
@given(files=stack_files())
def test_generated_files_without_interpolation(files: Files, folder: Path) -> None:
    compare(files, folder, interpolate=False)


@pytest.mark.needs_docker20
@settings(max_examples=max(EXAMPLES // 4, 10), deadline=None, suppress_health_check=list(HealthCheck))
@given(files=stack_files())
def test_generated_files_are_refused_by_client_20_10_if_by_this_reader(files: Files, folder: Path) -> None:
    """It has no `stack config`: what its loader takes, it tries to deploy, and finds no daemon."""
    paths = written(files, folder)
    command = [str(docker_client("20.10")), "stack", "deploy"]
    for path in paths:
        command += ["-c", str(path)]
    env = {**ENVIRONMENT, "PATH": os.environ["PATH"], "DOCKER_HOST": "tcp://127.0.0.1:9"}
    done = subprocess.run([*command, "s"], env=env, capture_output=True, check=False, timeout=60)
    sources = [read(path.read_bytes(), str(path), "v2") for path in paths]
    stack = load(sources, None, {**ENVIRONMENT, "PATH": os.environ["PATH"]}, "20.10")
    note(f"docker: {done.stderr!r}\nlblint: {[fault.docker for fault in stack.faults if fault.docker]}")
    assert stack.refused == (b"Cannot connect to the Docker daemon" not in done.stderr)
