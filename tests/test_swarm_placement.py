"""On a real Swarm: tasks that no node takes, as `lblint check --live` says, stay pending, and for that reason."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from cluster import Cluster, cluster, until

from lblint.cli import main

__all__ = ["cluster"]

pytestmark = [pytest.mark.needs_swarm, pytest.mark.needs_docker28, pytest.mark.needs_nginx]

CPUS = os.cpu_count() or 1
STACK = """\
version: "3.8"
services:
  web:
    image: lbtest/busybox:1
    stop_signal: SIGKILL
    command: [/bin/busybox, sleep, "1000"]
{more}
"""
RESERVED = """\
    deploy:
      replicas: {tasks}
      resources:
        reservations: {what}
"""
GENERIC = "{generic_resources: [{discrete_resource_spec: {kind: gpu, value: 3}}]}"
HELD = ("service", "create", "-d", "--name", "holder", "--reserve-cpu", str(CPUS), "--no-resolve-image",
        "lbtest/busybox:1", "/bin/busybox", "sleep", "1000")  # fmt: skip

PENDING = [
    pytest.param("    logging: {driver: gelff}", "plugin-missing", "missing plugin", id="log"),
    pytest.param('    volumes: ["data:/data"]\nvolumes:\n  data: {driver: nfs}', "plugin-missing", "missing plugin",
                 id="volume"),
    pytest.param("    deploy:\n      replicas: 2\n      placement: {max_replicas_per_node: 1}", "too-few-nodes",
                 "max replicas per node limit exceed", id="max-replicas"),
    pytest.param("    ports: [{target: 80, published: 8080, mode: host}]\n    deploy: {replicas: 2}", "too-few-nodes",
                 "host-mode port already in use", id="host-port"),
    pytest.param(RESERVED.format(tasks=1, what=GENERIC), "reservation-no-node-has", "insufficient resources",
                 id="generic"),
    pytest.param(RESERVED.format(tasks=1, what="{memory: 900T}"), "reservation-no-node-has", "insufficient resources",
                 id="memory"),
    pytest.param(RESERVED.format(tasks=2, what=f'{{cpus: "{CPUS}"}}'), "reservation-no-node-has",
                 "insufficient resources", id="sum"),
    pytest.param("    deploy:\n      placement: {constraints: [node.labels.zone == dmz]}", "placement-no-node",
                 "scheduling constraints not satisfied", id="constraint"),
]  # fmt: skip


def checked(cluster: Cluster, folder: Path, more: str, capsys: pytest.CaptureFixture[str]) -> set[tuple[str, str]]:
    """The errors and warnings on a stack of this service, by rule and severity."""
    file = folder / "stack.yml"
    file.write_text(STACK.format(more=more))
    main(["check", "--live", "-H", cluster.swarm.host, "-n", "placed", "--format", "json", str(file)])
    found = json.loads(capsys.readouterr().out)["findings"]
    return {(one["rule"], one["severity"]) for one in found if one["severity"] != "info"}


def deployed(cluster: Cluster, folder: Path) -> None:
    cluster.docker("stack", "deploy", "-d", "--resolve-image=never", "-c", str(folder / "stack.yml"), "placed")


def states(cluster: Cluster) -> str:
    """What the managers say of the tasks; nothing where there are none yet."""
    return cluster.swarm.run("stack", "ps", "--no-trunc", "--format", "{{.CurrentState}}: {{.Error}}", "placed").stdout


@pytest.mark.parametrize(("more", "rule", "said"), PENDING)
def test_what_no_node_takes_stays_pending(
    cluster: Cluster, tmp_path: Path, capsys: pytest.CaptureFixture[str], more: str, rule: str, said: str
) -> None:
    assert checked(cluster, tmp_path, more, capsys) == {(rule, "error")}
    try:
        deployed(cluster, tmp_path)
        until(lambda: said in states(cluster), f"a task is pending: {said}", 60)
    finally:
        cluster.swarm.remove("placed")


def test_what_others_have_reserved_is_not_there(
    cluster: Cluster, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = RESERVED.format(tasks=1, what='{cpus: "0.5"}')
    assert checked(cluster, tmp_path, asked, capsys) == set()
    cluster.docker(*HELD)
    try:
        until(lambda: "running" in cluster.states("holder"), "the other service runs")
        assert checked(cluster, tmp_path, asked, capsys) == {("reservations-exceed-nodes", "warning")}
        deployed(cluster, tmp_path)
        until(lambda: "insufficient resources" in states(cluster), "a task is pending", 60)
    finally:
        cluster.docker("service", "rm", "holder")
        cluster.swarm.remove("placed")


@pytest.mark.parametrize(
    "more",
    [
        "    logging: {driver: json-file}", "    logging: {driver: none}",
        '    volumes: ["data:/data"]\nvolumes:\n  data: {driver: local}',
        RESERVED.format(tasks=1, what=f'{{cpus: "{CPUS}"}}'),
    ],
    ids=["log", "no-log", "volume", "all-cpus"],
)  # fmt: skip
def test_what_a_node_takes_runs(
    cluster: Cluster, tmp_path: Path, capsys: pytest.CaptureFixture[str], more: str
) -> None:
    assert checked(cluster, tmp_path, more, capsys) == set()
    try:
        deployed(cluster, tmp_path)
        until(lambda: _all_run(states(cluster)), "it runs", 60)
    finally:
        cluster.swarm.remove("placed")


def _all_run(said: str) -> bool:
    return bool(said) and all(line.startswith("Running") for line in said.splitlines())
