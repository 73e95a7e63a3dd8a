"""A manager that is reached by ssh: a real sshd on loopback, and `docker system dial-stdio` behind it."""

from __future__ import annotations

import contextlib
import getpass
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from conftest import docker_client
from swarm import Swarm, swarm

import lblint
from lblint.cli import main
from lblint.swarm.connection import connect
from lblint.swarm.errors import SwarmError
from lblint.swarm.snapshot import snapshot
from lblint.swarm.ssh import way

__all__ = ["swarm"]

pytestmark = [pytest.mark.needs_swarm, pytest.mark.needs_docker28, pytest.mark.needs_sshd]

STACK = "services:\n  web:\n    image: lbtest/busybox:1\n    ports: ['18081:80']\n"


class Server(NamedTuple):
    """An sshd: where it is reached, the folder of its keys, and its process."""

    host: str
    folder: Path
    process: subprocess.Popen[bytes]


@pytest.fixture
def sshd(swarm: Swarm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """An sshd behind which docker talks to the Swarm, and an ssh client that knows it and has a key for it.

    Both are the real ones; the client on PATH is told to read no file of the user's.
    """
    docker, ssh = docker_client("28") or "", shutil.which("ssh") or ""
    for name in ("server", "client"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / name)], check=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    key = (tmp_path / "server.pub").read_text()
    (tmp_path / "known_hosts").write_text(f"[127.0.0.1]:{port} {key}")
    (tmp_path / "sshd_config").write_text(
        f"ListenAddress 127.0.0.1\nPort {port}\nHostKey {tmp_path}/server\nAuthorizedKeysFile {tmp_path}/client.pub\n"
        "StrictModes no\nUsePAM no\nPermitRootLogin yes\nPasswordAuthentication no\nPidFile none\n"
        f"SetEnv DOCKER_HOST={swarm.host} PATH={Path(docker).parent}:/usr/bin:/bin\n"
    )
    (tmp_path / "ssh_config").write_text(
        f"IdentityFile {tmp_path}/client\nIdentitiesOnly yes\nUserKnownHostsFile {tmp_path}/known_hosts\n"
        "StrictHostKeyChecking yes\nBatchMode yes\n"
    )
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "ssh").write_text(f'#!/bin/sh\nexec {ssh} -F {tmp_path}/ssh_config "$@"\n')
    (tmp_path / "bin" / "ssh").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    Path("/run/sshd").mkdir(exist_ok=True)
    program = shutil.which("sshd", path="/usr/sbin:/usr/bin") or ""
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen([program, "-D", "-e", "-f", str(tmp_path / "sshd_config")], stderr=log)
    try:
        _until_it_listens(port)
        yield Server(f"ssh://{getpass.getuser()}@127.0.0.1:{port}", tmp_path, process)
    finally:
        process.terminate()
        process.wait(30)


def _until_it_listens(port: int) -> None:
    for _ in range(100):
        with socket.socket() as tried:
            if not tried.connect_ex(("127.0.0.1", port)):
                return
        time.sleep(0.1)
    raise AssertionError("sshd does not listen")


def test_a_manager_behind_ssh_is_read(
    sshd: Server, swarm: Swarm, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "stack.yml"
    file.write_text(STACK)
    swarm.run("service", "create", "-d", "--name", "ssh-holder", "-p", "18081:80", "lbtest/busybox:1")
    try:
        assert main(["check", "--live", "-H", sshd.host, "-n", "shop", "--format", "json", str(file)]) == 1
        found = [one["rule"] for one in json.loads(capsys.readouterr().out)["findings"]]
        assert found == ["placement-no-node", "port-held-by-service"]  # the only node of this Swarm is drained
        assert main(["status", "-H", sshd.host, "--format", "json"]) == 0
    finally:
        swarm.run("service", "rm", "ssh-holder")


def test_one_login_carries_all_calls_and_nothing_is_left(sshd: Server) -> None:
    before = children()
    connected = connect(host=sshd.host, env={})
    try:
        assert snapshot(connected) == snapshot(connected)
        assert len(children() - before) > 1
    finally:
        connected.close()
    assert children() == before
    assert (sshd.folder / "log").read_text().count("Accepted publickey") == 1
    assert connected.tunnel is not None
    assert not Path(connected.tunnel.folder).exists()


def children() -> set[str]:
    """The processes of this one, dead or alive."""
    return {child for task in Path("/proc/self/task").glob("*/children") for child in task.read_text().split()}


def test_an_ssh_that_dies_is_replaced(sshd: Server) -> None:
    connected = connect(host=sshd.host, env={})
    try:
        assert connected.tunnel is not None
        assert connected.tunnel.login is not None
        connected.tunnel.login.process.terminate()
        connected.tunnel.login.process.wait()
        for _ in range(3):  # connections over the old login end at their own time
            with contextlib.suppress(SwarmError):
                assert snapshot(connected).nodes
                break
        else:
            raise AssertionError("it does not log in again")
    finally:
        connected.close()


def test_nothing_is_left_of_an_lblint_that_is_killed(sshd: Server) -> None:
    code = (
        "import os, signal\nfrom lblint.swarm.connection import connect\n"
        f"connect(host={sshd.host!r}, env={{}})\nos.kill(os.getpid(), signal.SIGKILL)"
    )
    with tempfile.TemporaryDirectory(prefix="lblint-") as folder:  # its own socket stays
        env = {**os.environ, "TMPDIR": folder}
        subprocess.run([sys.executable, "-c", code], check=False, timeout=60, env=env)
    own = str(sshd.folder / "ssh_config").encode()
    for _ in range(100):
        left = [at for at in Path("/proc").glob("[0-9]*/cmdline") if own in _read(at)]
        if not left:
            return
        time.sleep(0.1)
    raise AssertionError(f"still there: {left}")


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""


def test_what_ssh_says_is_handed_on(sshd: Server, capsys: pytest.CaptureFixture[str]) -> None:
    for change, said in (
        (("known_hosts", ""), "Host key verification failed."),
        (("client.pub", ""), "Permission denied (publickey"),
    ):
        file = sshd.folder / change[0]
        before = file.read_text()
        file.write_text(change[1])
        assert main(["status", "-H", sshd.host]) == 2
        assert f"lblint: the daemon at {sshd.host} (--host) is not reached by ssh:" in (err := capsys.readouterr().err)
        assert said in err
        file.write_text(before)
    assert main(["status", "-H", f"{sshd.host}/no/docker.sock"]) == 2
    assert "/no/docker.sock" in capsys.readouterr().err
    assert main(["status", "-H", "ssh://127.0.0.1:1"]) == 2
    assert "Connection refused" in capsys.readouterr().err


def test_a_stack_is_deployed_by_ssh(sshd: Server, swarm: Swarm, tmp_path: Path) -> None:
    """docker makes its own way there, by the same address."""
    (tmp_path / "stack.yml").write_text(STACK)
    words = ["deploy", "-H", sshd.host, "-d", "--resolve-image=never", "-c", "stack.yml", "byssh"]
    env = {**os.environ, "PYTHONPATH": str(Path(lblint.__file__).parent.parent)}
    done = subprocess.run([sys.executable, "-m", "lblint", *words], cwd=tmp_path, env=env, capture_output=True,
                          text=True, check=False, timeout=120)  # fmt: skip
    try:
        assert done.returncode == 0, done.stdout + done.stderr
        assert "byssh_web" in swarm.run("service", "ls", "--format", "{{.Name}}").stdout
    finally:
        swarm.remove("byssh")


COMMON = ["ssh", "-o", "ConnectTimeout=15", "-T"]
WAYS = [
    pytest.param("ssh://host", ["--", "host", "docker system dial-stdio"], id="host"),
    pytest.param("ssh://me@host:2222", ["-l", "me", "-p", "2222", "--", "host", "docker system dial-stdio"], id="all"),
    pytest.param("ssh://[::1]:22", ["-p", "22", "--", "::1", "docker system dial-stdio"], id="ipv6"),
    pytest.param("ssh://Host/run/x.sock", ["--", "Host", "docker --host unix:///run/x.sock system dial-stdio"],
                 id="socket"),
    pytest.param("ssh://host/a;b", ["--", "host", "docker --host 'unix:///a;b' system dial-stdio"], id="quoted"),
]  # fmt: skip


@pytest.mark.parametrize(("url", "words"), WAYS)
def test_the_words_for_ssh(url: str, words: list[str]) -> None:
    assert way(url).connection("c") == [*COMMON, "-o", "ControlMaster=no", "-S", "c", *words]
    assert way(url).login("c") == [*COMMON, "-M", "-S", "c", *words]


@pytest.mark.parametrize(
    "url",
    ["ssh://", "ssh://-oProxyCommand=x", "ssh://me:secret@host", "ssh://host:port", "ssh://a b", "ssh://host?x=y",
     "ssh://-l@host", "ssh://host\n", "ssh://[::1"],
)  # fmt: skip
def test_what_is_no_address_is_not_given_to_ssh(url: str) -> None:
    with pytest.raises(SwarmError):
        way(url)


def test_no_ssh_client(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SwarmError, match="there is no ssh client on PATH: install one"):
        connect(host="ssh://user@host.invalid", env={})
