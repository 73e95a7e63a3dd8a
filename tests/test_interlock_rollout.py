"""`lblint interlock apply` on a real Swarm, as an operator works: show, new, labels on nodes, apply, what is left."""

from __future__ import annotations

from pathlib import Path

import pytest
from cluster import Cluster
from cluster import cluster as cluster  # a fixture
from interlock_core import CONF, CORE, interlock, states
from swarm import IMAGE

from lblint.cli import main

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
        assert main(["interlock", "new", *at, "--clusters", "dev,test,prod", *ports, "-o", str(file)]) == 0
        out = capsys.readouterr().out
        assert out.count("docker node update --label-add nodetype=loadbalancer --label-add cluster=") == 3
        # One node has one value of a label: here all three run on it, on ports of their own.
        node = cluster.docker("node", "ls", "-q").stdout.strip()
        cluster.docker("node", "update", "--label-add", "nodetype=loadbalancer", node)
        text = file.read_text()
        for name in ("dev", "test", "prod"):
            text = text.replace(f', "node.labels.cluster=={name}"', "")
        file.write_text(text)

        before = cluster.listing()
        assert main(["interlock", "apply", *at, "--yes", str(file)]) == 1
        out = capsys.readouterr().out
        assert "every extension has a ServiceCluster, but shop_web has no label service_cluster" in out
        assert cluster.listing() == before
        cluster.docker("service", "update", "--detach", "--label-add", "com.docker.lb.service_cluster=dev", "shop_web")

        assert main(["interlock", "apply", *at, "--yes", str(file)]) == 0
        out, err = capsys.readouterr()
        for name in ("dev", "test", "prod"):
            assert f"ucp-interlock-proxy-{name}: 1 of 1 tasks run" in out
            assert states(cluster, f"ucp-interlock-proxy-{name}") == ["running"]
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
        assert in_force(cluster) == CONF + "3"
        cluster.docker("node", "update", "--label-rm", "nodetype", node)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("unix:///var/run/docker.sock", "tcp://10.0.0.1:2376"), "cannot connect to the Docker daemon"),
        (('PollInterval = "3s"', 'PollInterval = "9s"'), "lost the daemon"),
    ],
    ids=["at once", "late"],
)
def test_a_bad_config_is_rolled_back(
    change: tuple[str, str], words: str, cluster: Cluster, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
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
