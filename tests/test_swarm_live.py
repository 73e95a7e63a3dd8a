"""On a real Swarm: what `lblint check --live` says beforehand is what the deploy comes to, and nothing is changed by
asking."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from swarm import Swarm, swarm

from lblint import rules
from lblint.cli import main
from lblint.finding import Stage
from lblint.swarm.connection import connect
from lblint.swarm.snapshot import of_the_swarm

__all__ = ["swarm"]

pytestmark = [pytest.mark.needs_swarm, pytest.mark.needs_docker28]

STACK = "live"
BASE = """\
version: "3.8"
services:
  web:
    image: lbtest/busybox:1
    command: [sleep, "1000"]
    networks: [front]
%s
networks:
  front: {%s}
%s
"""
PLAIN = BASE % ("", "driver: overlay", "")


class Case(NamedTuple):
    """What is there before (words for docker, or the text of the stack), the stack, and what is said of it."""

    before: tuple[tuple[str, ...] | str, ...]
    text: str
    rule: str
    severity: str = "error"


CONFIG = "configs:\n  c: {file: ./data, name: live-c}"
USES = "    configs: [c]"
DMZ = "    deploy: {placement: {constraints: [node.labels.zone==dmz]}}"
CASES = {
    "external-network": Case((), BASE % ("", "external: true, name: live-gone", ""), "external-network-missing"),
    "local-network": Case(
        (("network", "create", "-d", "bridge", "live-local"),),
        BASE % ("", "external: true, name: live-local", ""),
        "external-network-missing",
    ),
    "external-secret": Case(
        (), BASE % ("    secrets: [s]", "driver: overlay", "secrets: {s: {external: true}}"), "external-file-missing"
    ),
    "external-config": Case(
        (), BASE % (USES, "driver: overlay", "configs: {c: {external: true}}"), "external-file-missing"
    ),
    "network-taken": Case(
        (("network", "create", "-d", "overlay", "live-taken"),),
        BASE % ("", "driver: overlay, name: live-taken", ""),
        "network-name-taken",
    ),
    "service-taken": Case((("service", "create", "-d", "--name", "Live_web", "lbtest/busybox:1"),), PLAIN,
                          "service-name-taken"),
    "port-of-the-ingress": Case(
        (("service", "create", "-d", "--name", "live-holder", "-p", "18080:80", "lbtest/busybox:1"),),
        BASE % ('    ports: ["18080:80"]', "driver: overlay", ""),
        "port-held-by-service",
    ),
    "port-of-the-nodes": Case(
        (("service", "create", "-d", "--name", "live-holder", "-p", "published=18080,target=80,mode=host",
          "lbtest/busybox:1"),),
        BASE % ('    ports: ["18080:80"]', "driver: overlay", ""),
        "port-held-by-service",
    ),
    "config-changed": Case((BASE % (USES, "driver: overlay", CONFIG), ("data",)),
                           BASE % (USES, "driver: overlay", CONFIG), "config-content-changed"),
    "mode-changed": Case((PLAIN,), BASE % ("    deploy: {mode: global}", "driver: overlay", ""),
                         "service-mode-changed"),
    "other-mode-of-port": Case(
        (("service", "create", "-d", "--name", "live-holder", "-p", "18080:80/udp", "lbtest/busybox:1"),),
        BASE % ('    ports: ["18080:80"]', "driver: overlay", ""), "", ""),
    "config-of-nobody": Case((("data",), ("config", "create", "live-c", "data")),
                             BASE % (USES, "driver: overlay", CONFIG), "file-of-other-stack", "warning"),
    "network-changed": Case((PLAIN,), BASE % ("", "driver: overlay, attachable: true", ""),
                            "network-change-not-applied", "warning"),
    "no-node": Case((), BASE % (DMZ, "driver: overlay", ""), "placement-no-node"),
    "redeploy": Case((PLAIN,), PLAIN, "", ""),
    "network-without-services": Case((PLAIN, ("service", "rm", "live_web")), PLAIN, "", ""),
}  # fmt: skip


@pytest.fixture
def clean(swarm: Swarm) -> Iterator[Swarm]:
    """The Swarm, without what a case leaves behind."""
    yield swarm
    swarm.remove(STACK)
    swarm.run("service", "rm", "Live_web", "live-holder")
    swarm.run("config", "rm", "live-c")
    swarm.run("network", "rm", "live-local", "live-taken", "live-front", "live-old")


def _objects(swarm: Swarm) -> dict[str, list[str]]:
    """Everything that there is, with the versions of services."""
    kinds = ("service", "network", "secret", "config")
    found = {kind: sorted(swarm.run(kind, "ls", "-q").stdout.split()) for kind in kinds}
    said = swarm.run("service", "inspect", "--format", "{{.ID}} {{.Version.Index}}", *found["service"])
    return {**found, "versions": sorted(said.stdout.splitlines())}


@pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in CASES.items()])
def test_what_is_said_is_what_comes(
    clean: Swarm, case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    file, data = tmp_path / "stack.yml", tmp_path / "data"
    data.write_text("one\n")
    for step in case.before:
        if isinstance(step, str):
            file.write_text(step)
            words: tuple[str, ...] = (
                "stack",
                "deploy",
                "--detach=true",
                "--resolve-image",
                "never",
                "-c",
                str(file),
                STACK,
            )
        elif step == ("data",):
            data.write_text("two\n")
            continue
        else:
            words = step
        done = clean.run(*words)
        assert not done.returncode, done.stderr
    file.write_text(case.text)
    before = _objects(clean)
    code = main(["check", "--live", "-H", clean.host, "-n", STACK, "--format", "json", "stack.yml"])
    assert _objects(clean) == before, "asking changes nothing"
    found = json.loads(capsys.readouterr().out)["findings"]
    loud = {(one["rule"], one["severity"]) for one in found if one["severity"] != "info"}
    drained = {("placement-no-node", "warning")}
    assert loud - drained == ({(case.rule, case.severity)} if case.rule else set())
    assert code == (1 if case.severity == "error" else 0)
    stage = rules.load()[case.rule].stage if case.severity == "error" else None
    deployed = clean.deploy(STACK, [file], {})
    assert deployed.stage == ("accepted" if stage in (None, Stage.TASKS) else stage), deployed.said
    for words in (one["docker"] for one in found if one["docker"]):
        assert words in deployed.said, "docker's own words are not those that it prints"


def test_status(clean: Swarm, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    label = "com.docker.lb."
    for words in (
        ("network", "create", "-d", "overlay", "live-front"),
        ("network", "create", "-d", "overlay", "live-old"),
        ("service", "create", "-d", "--name", "live-holder", "--replicas", "2", "--network", "live-front", "--network",
         "live-old", "--label", "type=com.docker.interlock.core.proxy", "lbtest/busybox:1"),
        ("service", "create", "-d", "--name", "Live_web", "--network", "live-front", "--label",
         label + "hosts=live.example.org", "--label", label + "port=80800", "lbtest/busybox:1"),
    ):  # fmt: skip
        done = clean.run(*words)
        assert not done.returncode, done.stderr
    assert main(["status", "-H", clean.host, "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)
    (route,) = found["routes"]
    assert (route["host"], route["service"], route["networks"]) == ("live.example.org", "Live_web", ["live-front"])
    (proxy,) = found["proxies"]
    assert (proxy["proxy"], proxy["networks"], proxy["orphaned"]) == (
        "live-holder", ["live-front", "live-old"], ["live-old"],
    )  # fmt: skip
    assert {(one["rule"], one["service"]) for one in found["findings"]} == {
        ("invalid-port", "Live_web"),
        ("interlock-not-running", "live-holder"),  # there is no core
        ("proxy-not-running", "live-holder"),  # its node is drained
    }


def test_a_network_that_the_managers_do_not_know(swarm: Swarm) -> None:
    connected = connect(host=swarm.host, env={})
    try:
        ingress = of_the_swarm(connected, "ingress")
        assert ingress is not None
        assert ingress.ingress
        assert of_the_swarm(connected, "live-never-made") is None
        assert of_the_swarm(connected, "none") is None, "a network of the node alone"
    finally:
        connected.close()


def test_a_node_that_is_no_manager(tmp_path: Path, capsys: pytest.CaptureFixture[str], swarm: Swarm) -> None:
    assert main(["status", "-H", swarm.host + ".not"]) == 2
    assert "no docker daemon at" in capsys.readouterr().err
