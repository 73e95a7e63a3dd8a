"""On a real Swarm: a network that a node still lists and the managers have removed, and a deploy to it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cluster import Cluster, cluster, until

from lblint.cli import main

__all__ = ["cluster"]

pytestmark = [pytest.mark.needs_swarm, pytest.mark.needs_docker28, pytest.mark.needs_nginx]

STACK = """\
version: "3.8"
services:
  web:
    image: lbtest/busybox:1
    stop_grace_period: 20s
    command: [/bin/busybox, sh, -c, "trap '' TERM; while :; do /bin/busybox sleep 1; done"]
    networks: [front]
networks:
  front: {driver: overlay}
"""


def test_a_network_that_a_task_still_holds(
    cluster: Cluster, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "stack.yml"
    file.write_text(STACK)
    deploy = ("stack", "deploy", "-d", "--resolve-image=never", "-c", str(file), "dying")
    host = ("-H", cluster.swarm.host)
    check = ["check", "--live", *host, "-n", "dying", "--format", "json", str(file)]

    def rules() -> list[str]:
        main(check)
        return [one["rule"] for one in json.loads(capsys.readouterr().out)["findings"]]

    cluster.docker(*deploy)
    until(lambda: cluster.states("dying_web") == ["running"], "it runs")
    assert rules() == []
    cluster.docker("stack", "rm", "dying")
    assert rules() == ["network-half-removed"]
    assert main(["deploy", *host, "-d", "--resolve-image=never", "-c", str(file), "dying"]) == 1
    assert "network dying_front is still being removed" in capsys.readouterr().out
    done = cluster.swarm.run(*deploy)
    assert done.returncode == 1
    assert "dying_front not found" in done.stderr, "what docker alone makes of it"
    assert main(["rm", *host, "--timeout", "120", "dying"]) == 0
    assert "dying is gone" in capsys.readouterr().out
    assert rules() == []
    cluster.docker(*deploy)
    assert main(["rm", *host, "--timeout", "120", "dying"]) == 0
