"""How long `lblint check` takes beside its peers, in one run: the commands take turns, so that they share the weather.

    python bench/speed.py [--rounds 15] [--many 500] [--states first,unwritten,warm]

It installs this checkout and yamllint with pip into a new venv, makes a stack file of 63 lines and a folder of such
files, and prints tables: medians, and medians of the ratios within a turn. The first table has one file in the states
that users meet:

- first: the first run after `pip install` (pip's bytecode is there; for each turn the venv is as pip left it)
- unwritten: the same with PYTHONDONTWRITEBYTECODE=1, as in most images
- warm: run before, bytecode may be written

The tables of peers and of many files are warm, with every peer that is installed beside the python that runs this. A
peer whose version is not the one named here is said. On a machine with other work, the CPU time says more than the wall
time.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

PEERS = {
    "yamllint": ("1.38.0", ["yamllint", "-d", "relaxed"]),
    "compose-lint": ("0.36.2", ["compose-lint"]),
    "check-jsonschema": ("0.39.0", ["check-jsonschema", "--builtin-schema", "vendor.compose-spec"]),
    "dclint": ("3.1.0", ["dclint"]),
}
"""Version and command of the peers that take many files at once."""

STACK = """\
version: "3.7"

services:
  web:
    image: shop/web:1.4.2
    environment:
      DB_HOST: db
      DB_NAME: shop
      LOG_LEVEL: info
    networks:
      - ingress
      - backend
    deploy:
      mode: replicated
      replicas: 3
      labels:
        com.docker.lb.hosts: {host}.example.org,www.{host}.example.org
        com.docker.lb.port: 8080
        com.docker.lb.network: ingress_prod
        com.docker.lb.sticky_session_cookie: session
        com.docker.lb.websocket_endpoints: /ws
      update_config:
        parallelism: 1
        delay: 10s
        order: start-first
      placement:
        constraints:
          - node.role == worker
      resources:
        limits:
          cpus: "0.50"
          memory: 256M
    healthcheck:
      test: ["CMD", "curl", "-f", "http://localhost:8080/health"]
      interval: 30s
      timeout: 5s
      retries: 3

  db:
    image: postgres:15
    environment:
      POSTGRES_DB: shop
      POSTGRES_PASSWORD_FILE: /run/secrets/db_password
    secrets:
      - db_password
    volumes:
      - data:/var/lib/postgresql/data
    networks:
      - backend

networks:
  ingress:
    external: true
    name: ingress_prod
  backend:
    driver: overlay

volumes:
  data:

secrets:
  db_password:
    external: true
"""


def find(name: str) -> str | None:
    """A program beside this python, or on PATH."""
    beside = Path(sys.executable).parent / name
    return str(beside) if beside.exists() else shutil.which(name)


def commands(files: list[str]) -> dict[str, list[str]]:
    """What is measured on these files, by name; peers that are not installed are left out."""
    found = {"python -c pass": [sys.executable, "-c", "pass"]}
    lblint = find("lblint")
    found["lblint check"] = [lblint or sys.executable, *([] if lblint else ["-m", "lblint"]), "check", *files]
    for name, (version, command) in PEERS.items():
        program = find(name)
        if program is None:
            print(f"{name} is not installed: left out", file=sys.stderr)
            continue
        said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
        if version not in said.stdout + said.stderr:
            print(f"{name} is not {version} but {(said.stdout + said.stderr).strip()!r}", file=sys.stderr)
        found[name] = [program, *command[1:], *files]
    docker = find("docker")
    if docker and len(files) == 1:
        found["docker stack config"] = [docker, "stack", "config", "-c", *files]
    return found


def environment(unwritten: bool = False) -> dict[str, str]:
    """That of a command: no daemon is met, and bytecode is written unless `unwritten`."""
    env = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    env["DOCKER_HOST"] = "unix:///nonexistent.sock"
    return {**env, "PYTHONDONTWRITEBYTECODE": "1"} if unwritten else env


STATES = ("first", "unwritten", "warm")


def installed(folder: Path) -> Path:
    """A new venv with this checkout and yamllint, as pip leaves it."""
    venv = folder / "venv"
    root = Path(__file__).resolve().parent.parent
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "check": True}
    subprocess.run([sys.executable, "-m", "venv", venv], **quiet)  # type: ignore[call-overload]
    pip = [venv / "bin" / "pip", "install", root, f"yamllint=={PEERS['yamllint'][0]}"]
    subprocess.run(pip, env=environment(), **quiet)  # type: ignore[call-overload]
    return venv


def states(rounds: int, chosen: Sequence[str], file: str, folder: Path) -> None:
    """Print the table of one file in the states that users meet."""
    venv = installed(folder)
    pristine = folder / "pristine"
    shutil.copytree(venv, pristine, symlinks=True)
    commands = {
        "lblint check": [str(venv / "bin" / "lblint"), "check", file],
        "yamllint": [str(venv / "bin" / "yamllint"), "-d", "relaxed", file],
    }
    print("\n| one file of 63 lines | wall, ms | x yamllint | CPU, ms | x yamllint |\n| --- | --- | --- | --- | --- |")
    for state in chosen:
        wall: dict[str, list[float]] = {name: [] for name in commands}
        cpu: dict[str, list[float]] = {name: [] for name in commands}
        for turn in range(rounds + 1):
            if state == "first":
                shutil.rmtree(venv)
                shutil.copytree(pristine, venv, symlinks=True)  # with the times of the files, which bytecode goes by
                subprocess.run(["cat", *venv.rglob("*.pyc")], stdout=subprocess.DEVNULL, check=True)  # into memory
            for name, command in commands.items():
                took, spent = timed_run(command, environment(state == "unwritten"))
                if turn:
                    wall[name].append(took)
                    cpu[name].append(spent)
        for name in commands:
            cells = [f"{statistics.median(wall[name]):.1f}", ratio(wall, name, "yamllint")]
            cells += [f"{statistics.median(cpu[name]):.1f}", ratio(cpu, name, "yamllint")]
            print(f"| {' | '.join([f'{name}, {state}', *cells])} |")


def timed_run(command: list[str], env: dict[str, str]) -> tuple[float, float]:
    """Wall and CPU time in ms of a command, all its processes included."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env, check=False)
    took, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return took * 1000, spent * 1000


def measure(rounds: int, timed: dict[str, list[str]]) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Wall times and CPU times (of all processes) in ms of each command, one a turn; they take turns, and the first
    turn does not count."""
    env = environment()
    wall: dict[str, list[float]] = {name: [] for name in timed}
    cpu: dict[str, list[float]] = {name: [] for name in timed}
    for turn in range(rounds + 1):
        for name, command in timed.items():
            took, spent = timed_run(command, env)
            if turn:
                wall[name].append(took)
                cpu[name].append(spent)
    return wall, cpu


def ratio(taken: dict[str, list[float]], name: str, other: str) -> str:
    """How many times as long one command takes as another: the median over the turns; "" where one is not there."""
    if name not in taken or other not in taken:
        return ""
    return f"{statistics.median(a / b for a, b in zip(taken[name], taken[other], strict=True)):.2f}"


def table(what: str, others: Sequence[str], wall: dict[str, list[float]], cpu: dict[str, list[float]]) -> None:
    """Print one table, the quickest first."""
    heads = [what, "wall, ms", *(f"x {other}" for other in others), "CPU, ms", f"x {others[0]}"]
    print(f"\n| {' | '.join(heads)} |\n|{' --- |' * len(heads)}")
    for name in sorted(wall, key=lambda name: statistics.median(wall[name])):
        ratios = [ratio(wall, name, other) for other in others]
        cells = [f"{statistics.median(wall[name]):.1f}", *ratios, f"{statistics.median(cpu[name]):.1f}"]
        print(f"| {' | '.join([name, *cells, ratio(cpu, name, others[0])])} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--many", type=int, default=500)
    parser.add_argument("--states", default=",".join(STATES))
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for number in range(chosen.many):
            path = Path(folder, f"shop{number}-stack.yml")
            path.write_text(STACK.format(host=f"shop{number}"))
            paths.append(str(path))
        states(chosen.rounds, [name for name in chosen.states.split(",") if name], paths[0], Path(folder))
        table(
            "one file of 63 lines, warm", ["yamllint", "python -c pass"], *measure(chosen.rounds, commands(paths[:1]))
        )
        several = {name: command for name, command in commands(paths).items() if name != "python -c pass"}
        table(f"{chosen.many} files, warm", ["yamllint", "dclint"], *measure(max(3, chosen.rounds // 5), several))


if __name__ == "__main__":
    main()
