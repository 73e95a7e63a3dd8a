"""A Swarm of one manager for the tests: dockerd on a private socket, with its own data, on loopback alone.

Its node is drained: a deploy shows what client and manager make of a stack, no task starts and no image is pulled.
An existing one may be given by LBLINT_SWARM_HOST (a `docker -H` address of a manager that tests may deploy to).
"""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import socket
import subprocess
import tarfile
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
from conftest import beside_dockerd, docker_client, dockerd

from lblint.finding import Breaks, Severity, Stage
from lblint.lint import check_stacks, make_options
from lblint.rules import load
from lblint.source import read
from lblint.stack import Stack

IMAGE = "lbtest/busybox:1"
BUSYBOX = ("/bin/busybox", "/usr/bin/busybox")


class Deployed(NamedTuple):
    """What a `docker stack deploy` came to: its exit code, the last line that it said, and what was left behind."""

    code: int
    said: str
    networks: frozenset[str]
    secrets: frozenset[str]
    configs: frozenset[str]
    services: frozenset[str]

    @property
    def stage(self) -> str:
        """How far it got, in the words of `finding.Stage`; "accepted" where nothing was refused."""
        if not self.code:
            return "accepted"
        for kind, stage in (("network", "network"), ("secret", "object"), ("config", "object"), ("service", "service")):
            if self.said.startswith((f"failed to create {kind} ", f"failed to update {kind} ")):
                return f"manager-{stage}"
        midway = self.said.startswith("service ") or self.networks or self.secrets or self.configs
        return "client-midway" if midway else "client-before"


ORDER = ("client-before", "manager-network", "manager-object", "client-midway", "manager-service", "accepted")
"""The stages as a deploy passes them; where one of several faults stops it is the first of these."""


class Foretold(NamedTuple):
    """What is known of a deploy beforehand: the stages at which it may stop, and the rules that say so."""

    stack: Stack
    stages: frozenset[str]
    rules: frozenset[str]

    @property
    def stage(self) -> str:
        """Where it stops. The files of all secrets are read before the first of them is made."""
        first = min(self.stages, key=ORDER.index)
        unread = "secret-file-unreadable" in self.rules and first == "manager-object"
        return "client-midway" if unread else first


def foretell(paths: Sequence[Path], name: str, env: dict[str, str]) -> Foretold:
    """Check files as a stack of this name, and say where its deploy will stop."""
    rules = load()
    sources = [read(path.read_bytes(), path.name) for path in paths]
    result = check_stacks([sources], make_options(stack_name=name, env=env, base=str(paths[0].parent)))
    errors = [f for f in result.findings if f.severity is Severity.ERROR and f.breaks is Breaks.DEPLOY]
    said = (rules[f.rule].stage or Stage.CLIENT_BEFORE for f in errors)
    # What no task of it can run with is accepted.
    stages = frozenset("accepted" if stage is Stage.TASKS else str(stage) for stage in said) or frozenset(["accepted"])
    return Foretold(result.checked.stacks[0], stages, frozenset(f.rule for f in errors))


class Swarm(NamedTuple):
    """A manager to deploy to, by the client `docker` (its path)."""

    docker: str
    host: str

    def run(self, *words: str, **more: object) -> subprocess.CompletedProcess[str]:
        """Run `docker` against this manager."""
        command = [self.docker, "-H", self.host, *words]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, **more)  # type: ignore[call-overload,no-any-return]

    def deploy(self, stack: str, files: Sequence[Path], env: dict[str, str]) -> Deployed:
        """Deploy files as a stack, look at what is there, and remove it again."""
        words = [word for path in files for word in ("-c", path.name)]
        env = {"PATH": os.environ.get("PATH", ""), "HOME": "/root", **env}
        done = self.run(
            "stack", "deploy", "--detach=true", "--resolve-image", "never", *words, stack, cwd=files[0].parent, env=env
        )
        try:
            said = [line for line in done.stderr.splitlines() if line.strip()]
            left = {kind: self._left(kind, stack) for kind in ("network", "secret", "config", "service")}
            return Deployed(
                done.returncode,
                said[-1] if said else "",
                left["network"],
                left["secret"],
                left["config"],
                left["service"],
            )
        finally:
            self.remove(stack)

    def _left(self, kind: str, stack: str) -> frozenset[str]:
        label = f"label=com.docker.stack.namespace={stack}"
        return frozenset(self.run(kind, "ls", "--filter", label, "--format", "{{.Name}}").stdout.split())

    def remove(self, stack: str) -> None:
        """Remove a stack, and wait until its networks are gone, so that the next deploy does not meet them."""
        self.run("stack", "rm", stack)
        for _ in range(50):
            if not self._left("network", stack):
                return
            time.sleep(0.1)


@pytest.fixture(scope="session")
def swarm() -> Iterator[Swarm]:
    """A Swarm manager with the image `lbtest/busybox:1`, and client 28 to deploy with."""
    docker = docker_client("28")
    if docker is None:
        pytest.skip("no docker client 28 on PATH")
    with manager(docker) as swarm:
        yield swarm


@contextlib.contextmanager
def manager(docker: str, *more: str) -> Iterator[Swarm]:
    """A manager of its own for as long as the context lasts, or the one that LBLINT_SWARM_HOST names; `more` are
    options of dockerd, with which it is always one of its own."""
    given = "" if more else os.environ.get("LBLINT_SWARM_HOST")
    if given:
        yield _with_image(Swarm(docker, given))
        return
    folder = Path(tempfile.mkdtemp(prefix="lblint-swarm-"))
    swarm = Swarm(docker, f"unix://{folder}/d.sock")
    (folder / "daemon.json").write_text("{}")
    with (folder / "log").open("w") as log:
        daemon = subprocess.Popen(
            [
                dockerd() or "dockerd",
                "--data-root", f"{folder}/data", "--exec-root", f"{folder}/exec", "-H", swarm.host,
                "--pidfile", f"{folder}/pid", "--config-file", f"{folder}/daemon.json",
                "--storage-driver", "vfs", "--bridge", "none", "--iptables=false",
                "--ip-masq=false", *more,
            ],
            stdout=log, stderr=log, env=beside_dockerd(),
        )  # fmt: skip
        try:
            _until_it_answers(swarm, daemon, folder / "log")
            yield _with_image(swarm)
            swarm.run("swarm", "leave", "--force")
        finally:
            daemon.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                daemon.wait(30)
            daemon.kill()
            shutil.rmtree(folder, ignore_errors=True)


def _until_it_answers(swarm: Swarm, daemon: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        if daemon.poll() is not None:
            pytest.skip(f"dockerd does not start here: {log.read_text().splitlines()[-1:]}")
        if not swarm.run("info").returncode:
            break
        time.sleep(0.2)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"127.0.0.1:{port}"
    made = swarm.run("swarm", "init", "--listen-addr", address, "--advertise-addr", address)
    assert not made.returncode, made.stderr
    swarm.run("node", "update", "--availability", "drain", swarm.run("node", "ls", "-q").stdout.strip())


def _with_image(swarm: Swarm) -> Swarm:
    """Import busybox as the image of all fixtures; nothing is pulled."""
    busybox = next((Path(path) for path in BUSYBOX if Path(path).exists()), None)
    if busybox is None:
        pytest.skip("no busybox to make an image of")
    with tempfile.NamedTemporaryFile(suffix=".tar") as file:
        with tarfile.open(fileobj=file, mode="w") as tar:
            entry = tarfile.TarInfo("bin/busybox")
            data = busybox.read_bytes()
            entry.size, entry.mode = len(data), 0o755
            tar.addfile(entry, io.BytesIO(data))
        file.flush()
        made = swarm.run("import", file.name, IMAGE)
    assert not made.returncode, made.stderr
    return swarm
