"""`lblint interlock apply` on a real Swarm, as an operator works: show, new, labels on nodes, apply, what is left."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cluster import Cluster
from cluster import cluster as cluster  # a fixture
from conftest import docker_client
from interlock_core import CONF, CORE, interlock, states
from swarm import IMAGE, manager

from lblint.cli import main
from lblint.deploy import convergence

TEXT = """\
ListenAddr = ":8080"
DockerURL = "unix:///var/run/docker.sock"
PollInterval = "3s"

[Extensions]
  # by UCP
  [Extensions.default]
    Image = "docker/ucp-interlock-extension:3.2.3"
    ServiceName = "ucp-interlock-extension"
    ProxyImage = "docker/ucp-interlock-proxy:3.2.3"
    ProxyServiceName = "ucp-interlock-proxy"
    ProxyReplicas = 1
    ProxyConstraints = ["node.platform.os==linux"]
    HitlessServiceUpdate = true
    Networks = ["proxies"]
    PublishMode = "host"
    PublishedPort = 18201
    TargetPort = 80
    PublishedSSLPort = 18202
    TargetSSLPort = 443
"""


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Less time is waited for what may still die."""
    for name, seconds in (("REST", 3.0), ("REACTION", 3.0)):
        monkeypatch.setattr(convergence, name, seconds)


def in_force(cluster: Cluster) -> str:
    """The config object that the core's service is to run with."""
    template = "{{(index .Spec.TaskTemplate.ContainerSpec.Configs 0).ConfigName}}"
    return cluster.docker("service", "inspect", "--format", template, CORE).stdout.strip()


def service_names(cluster: Cluster) -> list[str]:
    """The names of all services."""
    return sorted(cluster.docker("service", "ls", "--format", "{{.Name}}").stdout.split())


def test_host_mode(cluster: Cluster, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "config.toml"
    at = ["-H", cluster.swarm.host]
    with interlock(cluster, TEXT.replace('"host"', '"ingress"')):
        assert main(["interlock", "new", *at, "--host-mode", "-o", str(file)]) == 0
        command = capsys.readouterr().out.partition("  #")[0]
        assert command == "docker node update --label-add nodetype=loadbalancer NODE"

        before = cluster.listing()
        assert main(["interlock", "apply", *at, "--yes", str(file)]) == 1
        out, err = capsys.readouterr()
        assert "the only node does not meet node.labels.nodetype==loadbalancer" in out
        assert f"{file} is not applied: ucp-interlock still runs with {CONF}1" in err
        node = cluster.docker("node", "ls", "-q").stdout.strip()
        cluster.docker(*command.replace("NODE", node).split()[1:])

        assert main(["interlock", "diff", *at, str(file)]) == 1
        assert '~ [Extensions.default] PublishMode: "ingress" -> "host"\n' in capsys.readouterr().out
        assert main(["interlock", "apply", *at, "--dry-run", str(file)]) == 0
        assert f"docker config create --label com.docker.ucp.InstanceID=few {CONF}2 {file}" in capsys.readouterr().out
        assert main(["interlock", "apply", *at, str(file)]) == 2  # no terminal to ask on
        assert "there is no terminal: add --yes; nothing is changed" in capsys.readouterr().err
        assert cluster.listing() == before

        assert main(["interlock", "apply", *at, "--yes", str(file)]) == 0
        out = capsys.readouterr().out
        assert "ucp-interlock-proxy: 1 of 1 tasks run" in out
        assert f"ucp-interlock runs with {CONF}2" in out
        assert in_force(cluster) == CONF + "2"
        labels = cluster.docker("config", "inspect", "--format", "{{json .Spec.Labels}}", CONF + "2").stdout
        assert labels.strip() == '{"com.docker.ucp.InstanceID":"few"}'
        template = "{{.Spec.UpdateConfig.FailureAction}} {{(index .Spec.EndpointSpec.Ports 0).TargetPort}}"
        assert cluster.docker("service", "inspect", "--format", template, CORE).stdout.strip() == "rollback 8080"
        assert states(cluster, "ucp-interlock-proxy") == ["running"]

        assert main(["interlock", "show", *at]) == 0
        assert capsys.readouterr().out == file.read_text()
        assert main(["interlock", "apply", *at, "--yes", str(file)]) == 0
        assert f"ucp-interlock already runs with this config, {CONF}2" in capsys.readouterr().out
        cluster.docker("node", "update", "--label-rm", "nodetype", node)


def test_three_clusters_and_what_they_leave_behind(
    cluster: Cluster, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "config.toml"
    at = ["-H", cluster.swarm.host]
    ports = [word for n, name in enumerate(("dev", "test", "prod")) for word in ("--port", f"{name}=1821{n}:1822{n}")]
    with interlock(cluster, TEXT):
        labels = ["com.docker.lb.hosts=shop.example.org", "com.docker.lb.port=80", "com.docker.lb.network=proxies"]
        cluster.docker(
            "service", "create", "--detach", "--name", "shop_web", "--no-resolve-image", "--network", "proxies",
            *(word for label in labels for word in ("--label", label)), IMAGE, "/bin/busybox", "sleep", "100000",
        )  # fmt: skip
        names = ("default", "dev", "test", "prod")
        assert main(["interlock", "new", *at, "--clusters", ",".join(names), *ports, "-o", str(file)]) == 0
        out = capsys.readouterr().out
        assert out.count("docker node update --label-add com.docker.interlock.service.cluster=") == 4

        def unpin() -> None:  # one node has one value of a label: here all four run on it, on ports of their own
            text = file.read_text()
            for name in names:
                text = text.replace(f', "node.labels.com.docker.interlock.service.cluster=={name}"', "")
            file.write_text(text)

        unpin()
        assert main(["interlock", "apply", *at, "--yes", str(file)]) == 0
        out, err = capsys.readouterr()
        for name in names[1:]:
            assert f"ucp-interlock-proxy-{name}: 1 of 1 tasks run" in out
            assert states(cluster, f"ucp-interlock-proxy-{name}") == ["running"]
        assert "left over" not in err

        assert main(["interlock", "new", *at, "--clusters", "dev,test,prod", "-o", str(file)]) == 0
        unpin()
        capsys.readouterr()
        before = cluster.listing()
        assert main(["interlock", "apply", *at, "--yes", str(file)]) == 1
        out = capsys.readouterr().out
        assert "every extension has a ServiceCluster, but shop_web has no label service_cluster" in out
        assert cluster.listing() == before
        cluster.docker("service", "update", "--detach", "--label-add", "com.docker.lb.service_cluster=dev", "shop_web")

        assert main(["interlock", "apply", *at, "--yes", str(file)]) == 0
        err = capsys.readouterr().err
        assert "docker service rm ucp-interlock-extension ucp-interlock-proxy" in err
        assert "ucp-interlock-proxy" in service_names(cluster)

        file.write_text(file.read_text() + "# once more\n")
        assert main(["interlock", "apply", *at, "--yes", "--prune", str(file)]) == 0
        out = capsys.readouterr().out
        assert "removing service ucp-interlock-proxy\n" in out
        assert service_names(cluster) == sorted(
            [CORE, "shop_web", *(f"ucp-interlock-{kind}-{name}" for kind in ("extension", "proxy")
                                 for name in ("dev", "test", "prod"))]
        )  # fmt: skip
        assert in_force(cluster) == CONF + "4"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("unix:///var/run/docker.sock", "tcp://10.0.0.1:2376"), "cannot connect to the Docker daemon"),
        (('PollInterval = "3s"', 'PollInterval = "9s"'), "lost the daemon"),
    ],
    ids=["at once", "late"],
)
def test_a_bad_config_is_rolled_back(
    change: tuple[str, str],
    words: str,
    cluster: Cluster,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(convergence, "REST", 10.0)
    file = tmp_path / "config.toml"
    file.write_text(TEXT.replace(*change))
    with interlock(cluster, TEXT):
        assert main(["interlock", "apply", "-H", cluster.swarm.host, "--yes", "--prune", str(file)]) == 3
        out, err = capsys.readouterr()
        assert words in err, out
        assert f"{CONF}1 is in force; {CONF}2 is not used" in err
        assert in_force(cluster) == CONF + "1"
        assert states(cluster, "ucp-interlock-proxy") == ["running"]
        assert states(cluster, CORE) == ["running"]


def test_a_leftover_that_holds_the_ports(cluster: Cluster, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The extension gets another name, and its proxies the same ports on the same node."""
    file = tmp_path / "config.toml"
    at = ["-H", cluster.swarm.host]
    text = TEXT.replace("Extensions.default", "Extensions.main").replace('ucp-interlock-proxy"', 'ucp-interlock-edge"')
    file.write_text(text)
    with interlock(cluster, TEXT):
        assert main(["interlock", "apply", *at, "--yes", str(file)]) == 3
        out, err = capsys.readouterr()
        assert "warning: port 18201 is already published by service ucp-interlock-proxy, of an extension that" in out
        assert "ucp-interlock-edge: its tasks cannot be placed: no suitable node (host-mode port already" in err
        assert f"{CONF}1 is in force; {CONF}2 is not used" in err
        assert f"left over from {CONF}2: docker service rm ucp-interlock-edge" in err
        assert in_force(cluster) == CONF + "1"
        assert states(cluster, "ucp-interlock-proxy") == ["running"]
        cluster.docker("service", "rm", "ucp-interlock-edge")

        assert main(["interlock", "apply", *at, "--yes", "--prune", str(file)]) == 0
        assert "ucp-interlock-edge: 1 of 1 tasks run" in capsys.readouterr().out
        assert in_force(cluster) == CONF + "3"
        assert "ucp-interlock-proxy" not in service_names(cluster)


IMPATIENT = """\
import sys
from lblint.cli import main
from lblint.swarm import retry

retry.AWAY = 1.0
sys.exit(main(sys.argv[1:]))
"""


def test_a_manager_that_dies_between_the_steps(tmp_path: Path) -> None:
    """dockerd is killed when the config object is made and the core is to be updated."""
    docker = docker_client("28")
    if docker is None:
        pytest.skip("no docker client 28")
    file = tmp_path / "config.toml"
    file.write_text(TEXT)
    with manager(docker, "--log-level=warn") as swarm:
        process = Path(swarm.host.removeprefix("unix://")).with_name("pid").read_text()
        for words in (
            ("network", "create", "--driver", "overlay", "proxies"),
            ("config", "create", CONF + "1", str(file)),
            ("service", "create", "--detach", "--name", CORE, "--no-resolve-image",
             "--config", f"source={CONF}1,target=/config.toml", IMAGE, "/bin/busybox", "sleep", "1000"),
        ):  # fmt: skip
            assert not swarm.run(*words).returncode
        wrapper = tmp_path / "docker"
        wrapper.write_text(
            f'#!/bin/sh\ncase "$*" in *"service update"*) kill -9 {process};; esac\nexec {docker} "$@"\n'
        )
        wrapper.chmod(0o755)
        file.write_text(TEXT + "# new\n")
        done = subprocess.run(
            [sys.executable, "-c", IMPATIENT, "interlock", "apply", "-H", swarm.host, "--yes", str(file)],
            env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}, capture_output=True, text=True, check=False,
            stdin=subprocess.DEVNULL, timeout=120,
        )  # fmt: skip
    assert done.returncode == 2, done.stdout
    assert f"created config {CONF}2" in done.stdout
    assert f"config {CONF}2 is created, and whether {CORE} was updated is not known" in done.stderr
    assert "see lblint interlock show" in done.stderr
    assert "docker: " in done.stderr
