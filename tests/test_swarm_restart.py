"""On a real Swarm whose daemon dies and comes back in the middle of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import docker_client
from swarm import manager

import lblint

pytestmark = [pytest.mark.needs_swarm, pytest.mark.needs_docker28]

STACK = """\
services:
  web:
    image: lbtest/busybox:1
    networks: [front]
networks:
  front: {driver: overlay}
"""


def test_rm_goes_on_when_the_daemon_is_back(tmp_path: Path) -> None:
    docker = docker_client("28")
    assert docker is not None
    (tmp_path / "stack.yml").write_text(STACK)
    env = {
        "PATH": f"{Path(docker).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(Path(lblint.__file__).parent.parent),
    }
    with manager(docker, "--label", "of=this-test") as swarm:
        folder = Path(swarm.host.removeprefix("unix://")).parent
        deployed = swarm.run("stack", "deploy", "-d", "--resolve-image=never", "-c", "stack.yml", "gone", cwd=tmp_path)
        assert not deployed.returncode, deployed.stderr
        held = swarm.run("service", "create", "-d", "--name", "ucp-interlock-proxy", "--network", "gone_front",
                         "--no-resolve-image", "lbtest/busybox:1")  # fmt: skip
        assert not held.returncode, held.stderr
        words = [sys.executable, "-m", "lblint", "rm", "-H", swarm.host, "--timeout", "120", "gone"]
        with subprocess.Popen(words, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as removing:
            assert removing.stdout is not None
            while "removing service gone_web" not in removing.stdout.readline():
                assert removing.poll() is None
            time.sleep(1.5)  # it waits for the proxy now
            pid = int((folder / "pid").read_text())
            command = Path(f"/proc/{pid}/cmdline").read_text().split("\0")[:-1]
            os.kill(pid, signal.SIGKILL)
            time.sleep(3)
            (folder / "pid").unlink(missing_ok=True)
            with (folder / "log").open("a") as log, subprocess.Popen(command, stdout=log, stderr=log) as again:
                try:
                    for _ in range(300):
                        if not swarm.run("service", "rm", "ucp-interlock-proxy").returncode:
                            break
                        time.sleep(0.2)
                    said = removing.communicate(timeout=120)[0]
                    assert removing.returncode == 0, said
                    assert said.endswith("gone is gone\n")
                finally:
                    swarm.run("swarm", "leave", "--force")
                    again.terminate()
                    again.wait(60)
                    # A daemon unmounts only what it has mounted itself, which the first one had no time for.
                    subprocess.run(["umount", f"{folder}/data"], check=False, capture_output=True)
