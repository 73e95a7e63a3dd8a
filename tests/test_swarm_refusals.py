"""On a real Swarm: what no deploy succeeds with. For each mistake: what lblint finds beforehand, docker's own word for
it, and what docker leaves behind; and the same stack without the mistake, which is clean and runs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from cluster import Cluster, cluster, until

from lblint import rules
from lblint.cli import main
from lblint.finding import Stage

__all__ = ["cluster"]

pytestmark = [pytest.mark.needs_swarm, pytest.mark.needs_docker28, pytest.mark.needs_nginx]

WEB = """\
services:
  web:
    image: lbtest/busybox:1
    command: [/bin/busybox, sleep, "1000"]
    stop_signal: SIGKILL
"""
"""A service that runs; what follows belongs to it."""
NET = WEB + "    networks: [net]\nnetworks:\n  net: "
NETS = """\
    networks: [a, b]
networks:
  a: {ipam: {config: [{subnet: %s}]}}
  b: {ipam: {config: [{subnet: 10.81.2.0/24}]}}
"""
FOUR = NET.replace("    networks:", "    deploy: {replicas: 4}\n    networks:")
FILE = WEB + "    secrets: [{source: s, target: s, %s}]\nsecrets: {s: {file: ./data%s}}\n"
CONFIG = FILE.replace("secrets", "configs")
MOUNT = WEB + "    volumes: [{%s}]\nvolumes: {data: {}}\n"
PORTS = WEB + '    ports: ["%s"]\n' + WEB.replace("services:\n", "").replace("web:", "api:") + '    ports: ["%s"]\n'
HOST = WEB + "    networks: [host]\n%snetworks: {host: {external: true, name: host}}\n"
LONG = "x" * 65
MADE = ("network", "create", "-d", "overlay")
LOCAL = ("network", "create", "-d", "bridge")
RUNS = ("service", "create", "-d", "--no-resolve-image", "--stop-signal", "SIGKILL", "--name")
SLEEPS = ("lbtest/busybox:1", "/bin/busybox", "sleep", "1000")
MTU = "{driver_opts: {com.docker.network.driver.mtu: %s}}"
VXLAN = "{driver_opts: {com.docker.network.driver.overlay.vxlanid_list: %s}}"
SUBNET = "{ipam: {config: [{subnet: %s}]}}"
POOL = "Pool overlaps with other one on this address space"
NO_ROOM = "No available addresses on this pool"
DRAIN = ("node", "update", "--availability", "drain")


class Row(NamedTuple):
    """A stack with a mistake, and the same without it ("" where the mistake is not in the stack).

    `said` is docker's word: in the error of the deploy, in that of a task, or, as a task that stays New or Preparing
    has none, in the daemon's log. `left` are the kinds of what docker has made, `state` is that of the tasks ("" where
    the deploy is refused). `before` is what is there already: words for docker, or a stack under the same name.
    """

    wrong: str
    rule: str
    said: str
    left: str
    state: str
    right: str
    before: tuple[tuple[str, ...] | str, ...] = ()
    severity: str = "error"


ROWS = {
    # Refused by the client or by a manager.
    "local-network": Row(NET + "{}", "network-name-taken", "network with name r_net already exists", "", "",
                         NET + "{name: r_other}", ((*LOCAL, "r_net"),)),
    "local-network-with-label": Row(
        NET + "{}", "network-of-one-node", "Only networks scoped to the swarm can be used", "", "",
        NET + "{name: r_other}", ((*LOCAL, "--label", "com.docker.stack.namespace=r", "r_net"),)),
    "network-driver": Row(NET + "{driver: weave}", "network-driver-missing", 'plugin "weave" not found', "", "",
                          NET + "{driver: overlay}"),
    "ipam-driver": Row(NET + "{ipam: {driver: infoblox}}", "network-driver-missing",
                       "error during lookup of plugin infoblox", "", "", NET + "{ipam: {driver: default}}"),
    "mount-type": Row(MOUNT % "type: cluster, source: data, target: /data", "mount-type-too-new",
                      'invalid MountType: "cluster"', "network", "",
                      MOUNT % "type: volume, source: data, target: /data"),
    "secret-in-case": Row(FILE % ("mode: 0444", ", name: Shared"), "file-name-differs-in-case",
                          "only updates to Labels are allowed", "network", "",
                          FILE % ("mode: 0444", ", name: r_other"), (("secret", "create", "shared", "data"),)),
    "config-in-case": Row(CONFIG % ("mode: 0444", ", name: Shared"), "file-name-differs-in-case",
                          "only updates to Labels are allowed", "network", "",
                          CONFIG % ("mode: 0444", ", name: r_other"), (("config", "create", "shared", "stack.yml"),)),
    "network-in-case": Row(NET + "{name: Shared}", "network-name-taken", "name conflicts with an existing object", "",
                           "", NET + "{name: r_other}", ((*MADE, "shared"),)),
    "service-in-case": Row(WEB, "service-name-taken", "name conflicts with an existing object", "network", "",
                           WEB.replace("web:", "api:"), ((*RUNS, "R_web", *SLEEPS),)),
    "ports-swapped": Row(PORTS % ("9001:80", "9002:80"), "port-held-by-service", "is already in use by service", "", "",
                         PORTS % ("9003:80", "9004:80"), (PORTS % ("9002:80", "9001:80"),)),
    # Accepted; rejected by the node, or no container starts.
    "mount-target": Row(MOUNT % "type: volume, source: data, target: data", "mount-target-relative",
                        "invalid mount target, must be an absolute path: data", "network service", "rejected",
                        MOUNT % "type: volume, source: data, target: /data"),
    "working-dir": Row(WEB + "    working_dir: app\n", "working-dir-relative",
                       "the working directory 'app' is invalid, it needs to be an absolute path", "network service",
                       "rejected", WEB + "    working_dir: /app\n"),
    "capability": Row(WEB + "    cap_add: [NET_ADMINN]\n", "capability-unknown",
                      'invalid CapAdd: unknown capability: "CAP_NET_ADMINN"', "network service", "rejected",
                      WEB + "    cap_add: [NET_ADMIN]\n"),
    "host-network": Row(HOST % '    ports: ["9001:80"]\n', "host-network-with-ports",
                        "container cannot be disconnected from host network", "service", "rejected", HOST % ""),
    "extra-hosts": Row(WEB + '    extra_hosts: ["db:not-an-ip"]\n', "extra-host-without-address",
                       'invalid IP address in add-host: "not-an-ip"', "network service", "rejected",
                       WEB + '    extra_hosts: ["db:192.0.2.1"]\n'),
    "stop-signal": Row(WEB.replace("SIGKILL", "SIGFOO"), "stop-signal-unknown", "Invalid signal: SIGFOO",
                       "network service", "rejected", WEB.replace("SIGKILL", "kill")),
    "same-target": Row(MOUNT.replace("[{%s}]", '["data:/data", "more:%s"]').replace("data: {}", "data: {}, more: {}")
                       % "/data/", "mount-target-same-path", "Duplicate mount point: /data", "network service",
                       "rejected",
                       MOUNT.replace("[{%s}]", '["data:/data", "more:%s"]').replace("data: {}", "data: {}, more: {}")
                       % "/data/more/"),
    "hostname": Row(WEB + f"    hostname: {LONG}\n", "hostname-too-long", "sethostname: invalid argument",
                    "network service", "failed", WEB + f"    hostname: {LONG[:64]}\n", severity="warning"),
    "hostname-of-template": Row(
        WEB + f'    hostname: "{LONG[:60]}{{{{.Service.Name}}}}"\n', "hostname-too-long",
        "sethostname: invalid argument", "network service", "failed",
        WEB + f'    hostname: "{LONG[:33]}{{{{.Service.Name}}}}"\n', severity="warning"),
    "log-option": Row(WEB + "    logging: {driver: json-file, options: {max-sise: 1m}}\n", "log-option-invalid",
                      "unknown log opt 'max-sise' for json-file log driver", "network service", "rejected",
                      WEB + "    logging: {driver: json-file, options: {max-size: 1m}}\n"),
    "ulimit-name": Row(WEB + "    ulimits: {files: 1024}\n", "ulimit-invalid", "wrong rlimit value: RLIMIT_FILES",
                       "network service", "failed", WEB + "    ulimits: {nofile: 1024}\n"),
    "ulimit-soft": Row(WEB + "    ulimits: {nofile: {soft: 2048, hard: 1024}}\n", "ulimit-invalid",
                       "error setting rlimit type 7: invalid argument", "network service", "failed",
                       WEB + "    ulimits: {nofile: {soft: 1024, hard: 2048}}\n"),
    "template-driver": Row(FILE % ("mode: 0444", ", template_driver: jinja"), "template-driver-unknown",
                           "unrecognized template type", "network secret service", "failed",
                           FILE % ("mode: 0444", ", template_driver: golang")),
    "environment": Row(WEB + '    environment: ["=x"]\n', "environment-without-name",
                       "invalid environment variable: =x", "network service", "rejected",
                       WEB + '    environment: ["A=x"]\n'),
    "uid": Row(FILE % ("uid: app", ""), "file-owner-not-a-number", 'strconv.Atoi: parsing "app": invalid syntax',
               "network secret service", "failed", FILE % ('uid: "1000"', "")),
    "gid": Row(CONFIG % ("gid: app", ""), "file-owner-not-a-number", 'strconv.Atoi: parsing "app": invalid syntax',
               "network config service", "failed", CONFIG % ('gid: "1000"', "")),
    "npipe": Row(MOUNT % "type: npipe, source: data, target: /data", "named-pipe-on-linux", "mount type unknown",
                 "network service", "rejected", MOUNT % "type: tmpfs, target: /data"),
    "npipe-of-windows": Row(MOUNT % r"type: npipe, source: '\\.\pipe\d', target: '\\.\pipe\d'",
                            "named-pipe-without-windows", "mount type unknown", "network service", "rejected",
                            MOUNT % "type: bind, source: /tmp, target: /data"),
    "mtu": Row(NET + MTU % "abc", "network-option-invalid", "failed to parse abc", "network service", "rejected",
               NET + MTU % '"1450"'),
    "mtu-of-no-interface": Row(NET + MTU % '"66000"', "network-option-invalid", "invalid argument", "network service",
                               "rejected", NET + MTU % '"9000"'),
    "ipv6-only": Row(NET + SUBNET % '"fd00:7::/64"', "subnet-ipv6-first",
                     "It does not belong to any of this network's subnets", "network service", "rejected",
                     NET + SUBNET % "10.87.0.0/24"),
    # Accepted; no task begins.
    "port-above-65535": Row(WEB + "    ports: [{target: 80, published: 70000}]\n", "port-out-of-range",
                            "Requested id does not belong to the set", "network service", "new",
                            WEB + "    ports: [{target: 80, published: 7000}]\n"),
    "own-subnets": Row(WEB + NETS % "10.81.0.0/16", "subnets-overlap", POOL, "network service", "new",
                       WEB + NETS % "10.81.0.0/24"),
    "subnet-there": Row(NET + SUBNET % "10.82.0.0/16", "subnet-taken", POOL, "network service", "new",
                        NET + SUBNET % "10.83.0.0/16", ((*MADE, "--subnet", "10.82.7.0/24", "shared"),)),
    "subnet-of-ingress": Row(NET + SUBNET % "10.0.0.128/25", "subnet-taken", POOL, "network service", "new",
                             NET + SUBNET % "10.84.0.128/25"),
    "subnet-31": Row(NET + SUBNET % "10.85.0.0/31", "subnet-too-small", NO_ROOM, "network service", "new",
                     NET + SUBNET % "10.85.0.0/29"),
    "subnet-32": Row(NET + SUBNET % "10.85.1.0/32", "subnet-too-small", NO_ROOM, "network service", "new",
                     NET + SUBNET % "10.85.1.0/29"),
    "few-addresses": Row(FOUR + SUBNET % "10.86.0.0/29", "subnet-too-small", "could not find an available IP",
                         "network service", "preparing", FOUR.replace("4", "3") + SUBNET % "10.86.1.0/29"),
    "vxlan-id-there": Row(
        NET + VXLAN % '"5001"', "vxlan-id-taken", "requested bit is already allocated", "network service", "new",
        NET + VXLAN % '"5002"', ((*MADE, "--opt", "com.docker.network.driver.overlay.vxlanid_list=5001", "shared"),)),
    "vxlan-id": Row(NET + VXLAN % "abc", "network-option-invalid", "invalid vxlan id value", "network service", "new",
                    NET + VXLAN % '"5003"'),
    "host-port": Row(WEB + "    ports: [{target: 80, published: 9001, mode: host}]\n", "host-port-without-node",
                     "host-mode port already in use on 1 node", "network service", "pending",
                     WEB + "    ports: [{target: 80, published: 9002, mode: host}]\n",
                     ((*RUNS, "holder", "-p", "published=9001,target=80,mode=host", *SLEEPS),)),
    "drained": Row(WEB, "placement-no-node", "no suitable node (1 node not available for new tasks)",
                   "network service", "pending", "", (DRAIN,), "warning"),
}  # fmt: skip
KINDS = ("network", "secret", "config", "service")


@pytest.fixture
def place(cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    """The cluster, in a folder with a stack's files; nothing of the stack or of what was there before stays."""
    monkeypatch.chdir(tmp_path)
    Path("data").write_text("one\n")
    Path("stack.yml").write_text(WEB)
    yield cluster
    swarm = cluster.swarm
    swarm.run("stack", "rm", "r")
    swarm.run("service", "rm", "R_web", "holder")
    cluster.docker("node", "update", "--availability", "active", *node(cluster))
    until(lambda: not swarm.run("ps", "-aq", "--filter", "name=^[rR]_").stdout, "no container is left")
    for kind in ("secret", "config", "network"):
        swarm.run(kind, "rm", "shared")
    swarm.run("network", "rm", "r_net")
    until(lambda: not swarm.run("network", "ls", "-q", "--filter", "name=^(r_|shared)").stdout, "no network is left")


def node(cluster: Cluster) -> list[str]:
    """The id of the only node, in a list."""
    return cluster.docker("node", "ls", "-q").stdout.split()


def prepare(cluster: Cluster, row: Row) -> None:
    """Make what is there before the deploy; its tasks run."""
    for before in row.before:
        if isinstance(before, str):
            deploy(cluster, before)
        else:
            cluster.docker(*before, *(node(cluster) if before == DRAIN else ()))
    if row.before and row.before != (DRAIN,):
        until(lambda: not cluster.swarm.run("service", "ls", "--format", "{{.Replicas}}").stdout.count("0/"), "all run")


def check(cluster: Cluster, text: str, capsys: pytest.CaptureFixture[str], name: str = "r") -> list[tuple[str, str]]:
    """The errors and warnings of `check --live` on a stack, by rule and severity."""
    Path("stack.yml").write_text(text)
    capsys.readouterr()
    main(["check", "--live", "-H", cluster.swarm.host, "-n", name, "--format", "json", "stack.yml"])
    found = json.loads(capsys.readouterr().out)
    assert not found.get("unchecked")
    return [(one["rule"], one["severity"]) for one in found["findings"] if one["severity"] != "info"]


def deploy(cluster: Cluster, text: str, name: str = "r") -> str:
    """What docker says against a deploy; "" where it is accepted."""
    Path("stack.yml").write_text(text)
    words = ("stack", "deploy", "-d", "--resolve-image=never", "-c", "stack.yml", name)
    done = cluster.swarm.run(*words)
    return done.stderr if done.returncode else ""


def made(cluster: Cluster) -> set[tuple[str, str]]:
    """The kinds and ids of what bears the stack's label."""
    label = ("--filter", "label=com.docker.stack.namespace=r")
    listed = ((kind, cluster.docker(kind, "ls", "-q", *label).stdout.split()) for kind in KINDS)
    return {(kind, number) for kind, numbers in listed for number in numbers}


def tasks(cluster: Cluster) -> list[tuple[str, str]]:
    """The states and errors of the tasks of the services that the stack has now, in small letters."""
    services = [number for kind, number in made(cluster) if kind == "service"]
    words = ("service", "ps", "--no-trunc", "--format", "{{.CurrentState}}\t{{.Error}}")
    lines = cluster.swarm.run(*words, *services).stdout.splitlines() if services else []
    return [(line.split()[0].lower(), line.partition("\t")[2]) for line in lines]


@pytest.mark.parametrize("row", [pytest.param(row, id=name) for name, row in ROWS.items()])
def test_what_is_refused_is_found_beforehand(place: Cluster, row: Row, capsys: pytest.CaptureFixture[str]) -> None:
    prepare(place, row)
    there = made(place)
    log = place.folder / "log"
    since = log.stat().st_size
    assert check(place, row.wrong, capsys) == [(row.rule, row.severity)]
    assert (rules.load()[row.rule].stage is Stage.TASKS) is bool(row.state)
    refusal = deploy(place, row.wrong)
    if row.state in ("new", "preparing"):
        until(lambda: row.said in log.read_bytes()[since:].decode(), f"the log says: {row.said}", 30)
        assert {state for state, _ in tasks(place)} == {row.state}
    elif row.state:
        assert not refusal
        until(lambda: any(state == row.state and row.said in said for state, said in tasks(place)), row.said, 30)
        assert not any(state == "running" for state, _ in tasks(place))
    else:
        assert row.said in refusal
    assert {kind for kind, _ in made(place) - there} == set(row.left.split())


BESIDE = [pytest.param(row, id=name) for name, row in ROWS.items() if row.right and row.before]


@pytest.mark.parametrize("row", BESIDE)
def test_beside_what_is_there_it_runs_without_the_mistake(
    place: Cluster, row: Row, capsys: pytest.CaptureFixture[str]
) -> None:
    prepare(place, row)
    assert check(place, row.right, capsys) == []
    assert deploy(place, row.right) == ""
    until(lambda: not not_running(place, "r"), "all tasks run", 60)


def test_without_the_mistakes_all_run(place: Cluster, capsys: pytest.CaptureFixture[str]) -> None:
    """Side by side, each as a stack of its own."""
    stacks = {f"n-{name}": row.right for name, row in ROWS.items() if row.right and not row.before}
    found, refused = {}, {}
    try:
        for name, text in stacks.items():
            found[name] = check(place, text, capsys, name)
            refused[name] = deploy(place, text, name)
        assert found == {name: [] for name in stacks}
        assert refused == dict.fromkeys(stacks, "")
        until(lambda: not set().union(*(not_running(place, name) for name in stacks)), "all tasks run", 240)
    finally:
        place.swarm.run("stack", "rm", *stacks)
        until(lambda: not place.swarm.run("network", "ls", "-q", "--filter", "name=^n-").stdout, "no network is left")


def not_running(cluster: Cluster, stack: str) -> set[str]:
    """The services of a stack of which not all tasks run, with their counts."""
    label = ("--filter", f"label=com.docker.stack.namespace={stack}")
    lines = cluster.docker("service", "ls", "--format", "{{.Name}} {{.Replicas}}", *label).stdout.splitlines()
    return {line for line in lines if len({*line.split()[-1].split("/")}) > 1} if lines else {f"{stack}: no services"}
