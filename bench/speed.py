"""How long `lblint check` takes beside its peers, in one run: the commands take turns, so that they share the weather.

    python bench/speed.py [--rounds 15] [--many 500]

It makes a stack file of 63 lines and a folder of such files, asks every peer that is installed for its version (and
says so where it is not the one named here), and prints two tables: medians, and medians of the ratios within a turn.
On a machine with other work, the CPU time says more than the wall time. Run it with the python of the venv that lblint
and the peers are installed in. PYTHONDONTWRITEBYTECODE is taken out of the environment, as an installed tool has its
bytecode.
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


def measure(rounds: int, timed: dict[str, list[str]]) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Wall times and CPU times (of all processes) in ms of each command, one a turn; they take turns, and the first
    turn does not count."""
    env = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    env["DOCKER_HOST"] = "unix:///nonexistent.sock"
    wall: dict[str, list[float]] = {name: [] for name in timed}
    cpu: dict[str, list[float]] = {name: [] for name in timed}
    for turn in range(rounds + 1):
        for name, command in timed.items():
            before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
            subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=env, check=False)
            took, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
            if turn:
                wall[name].append(took * 1000)
                spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
                cpu[name].append(spent * 1000)
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
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for number in range(chosen.many):
            path = Path(folder, f"shop{number}-stack.yml")
            path.write_text(STACK.format(host=f"shop{number}"))
            paths.append(str(path))
        table("one file of 63 lines", ["yamllint", "python -c pass"], *measure(chosen.rounds, commands(paths[:1])))
        several = {name: command for name, command in commands(paths).items() if name != "python -c pass"}
        table(f"{chosen.many} files", ["yamllint", "dclint"], *measure(max(3, chosen.rounds // 5), several))


if __name__ == "__main__":
    main()
