"""`lblint gate` before a real Swarm: what is refused leaves nothing, and what is allowed behaves as without it."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import docker_client
from swarm import IMAGE, Swarm, manager, swarm

import lblint
from lblint.cli import main
from lblint.cli.exit_codes import EXIT_FINDINGS, EXIT_UNCHECKED

__all__ = ["swarm"]

real = pytest.mark.needs_swarm
LABELS = {"hosts": "web.example.org", "port": "8080", "network": "front"}
GRAVE = "web example.org"
STACK = """\
version: "3.7"
services:
  one:
    image: {image}
    networks: [front]
    deploy:
      labels: {{com.docker.lb.hosts: one.example.org, com.docker.lb.port: "8080", com.docker.lb.network: gate_front}}
  two:
    image: {image}
    networks: [front]
    deploy:
      labels: {{com.docker.lb.hosts: "{host}", com.docker.lb.port: "8080", com.docker.lb.network: gate_front}}
networks:
  front: {{driver: overlay}}
"""


def options(labels: dict[str, str]) -> list[str]:
    """Labels of Interlock as options of docker."""
    return [word for key, value in labels.items() for word in ("--label", f"com.docker.lb.{key}={value}")]


class Gate:
    """`lblint gate -- docker …` on a Swarm, by one client."""

    def __init__(self, swarm: Swarm, docker: str, folder: Path) -> None:
        self.swarm, self.docker, self.folder = swarm, docker, folder
        self.env = {"PATH": f"{Path(docker).parent}{os.pathsep}{os.environ['PATH']}", "HOME": str(folder),
                    "DOCKER_HOST": swarm.host, "PYTHONPATH": str(Path(lblint.__file__).parent.parent)}  # fmt: skip

    def run(self, *words: str, gate_options: tuple[str, ...] = (), **more: str) -> subprocess.CompletedProcess[str]:
        """Run docker behind the gate."""
        command = [sys.executable, "-m", "lblint", "gate", *gate_options, "--", self.docker, *words]
        return subprocess.run(command, cwd=self.folder, env=self.env | more, capture_output=True, text=True,
                              check=False, timeout=120, stdin=subprocess.DEVNULL)  # fmt: skip

    def create(self, name: str = "web", **labels: str) -> subprocess.CompletedProcess[str]:
        """`docker service create` with labels of Interlock."""
        words = ("service", "create", "-d", "--no-resolve-image", "--name", name, "--network", "front")
        return self.run(*words, *options(LABELS | labels), IMAGE)

    def version(self, name: str = "web") -> str:
        """What the managers have of a service; "" for none."""
        return self.swarm.run("service", "inspect", "--format", "{{.Version.Index}}", name).stdout.strip()

    def host(self, name: str = "web") -> str:
        """The label hosts of a service."""
        format_ = '{{index .Spec.Labels "com.docker.lb.hosts"}}'
        return self.swarm.run("service", "inspect", "--format", format_, name).stdout.strip()


@pytest.fixture(params=["28", "20.10"])
def gate(request: pytest.FixtureRequest, swarm: Swarm, tmp_path: Path) -> Iterator[Gate]:
    """A gate, and the network `front`; services go afterwards."""
    docker = docker_client(request.param)
    if docker is None:
        pytest.skip(f"no docker client {request.param}")
    swarm.run("network", "create", "--driver", "overlay", "front")
    yield Gate(swarm, docker, tmp_path)
    swarm.remove("gate")
    swarm.run("service", "rm", *swarm.run("service", "ls", "-q").stdout.split())


@real
@pytest.mark.needs_docker28
def test_services_are_created_updated_and_rolled_back_behind_it(gate: Gate) -> None:
    refused = gate.create(hosts=GRAVE)
    assert refused.returncode == EXIT_FINDINGS
    assert "lblint refuses this service" in refused.stderr
    assert "[invalid-host]" in refused.stderr
    assert gate.version() == ""

    made = gate.create()
    assert (made.returncode, gate.host()) == (0, "web.example.org"), made.stderr
    before = gate.version()
    bad = gate.run("service", "update", "-d", "--label-add", f"com.docker.lb.hosts={GRAVE}", "web")
    assert (bad.returncode, gate.version()) == (EXIT_FINDINGS, before)
    good = gate.run("service", "update", "-d", "--label-add", "com.docker.lb.hosts=new.example.org", "web")
    assert (good.returncode, gate.host()) == (0, "new.example.org"), good.stderr

    # A bad spec that got there before the gate does not come back through it.
    gate.swarm.run("service", "update", "-d", "--label-add", f"com.docker.lb.hosts={GRAVE}", "web")
    gate.swarm.run("service", "update", "-d", "--label-add", "com.docker.lb.hosts=web.example.org", "web")
    back = gate.run("service", "update", "-d", "--rollback", "web")
    assert (back.returncode, gate.host()) == (EXIT_FINDINGS, "web.example.org")
    assert "[invalid-host]" in back.stderr


@real
@pytest.mark.needs_docker28
def test_a_stack_is_deployed_behind_it(gate: Gate) -> None:
    words = ("stack", "deploy", "--resolve-image=never", "-c", "stack.yml", "gate")
    (gate.folder / "stack.yml").write_text(STACK.format(image=IMAGE, host="two.example.org"))
    done = gate.run(*words)
    assert done.returncode == 0, done.stderr
    (gate.folder / "stack.yml").write_text(STACK.format(image=IMAGE, host=GRAVE))
    before = gate.version("gate_two")
    done = gate.run(*words)
    assert (done.returncode, gate.version("gate_two"), gate.host("gate_two")) == (
        EXIT_FINDINGS, before, "two.example.org",
    )  # fmt: skip
    listed = gate.run("service", "ls", "--format", "{{.Name}}")
    assert (listed.returncode, sorted(listed.stdout.split())) == (0, ["gate_one", "gate_two"])
    assert gate.run("service", "inspect", "no-such-service").returncode == 1


@real
@pytest.mark.needs_docker28
def test_large_specs_and_those_of_others_are_judged(gate: Gate) -> None:
    large = gate.folder / "large"
    large.write_text("LARGE=" + "x" * 1_200_000 + "\n")
    create = ("service", "create", "-d", "--no-resolve-image", "--name", "large", "--env-file", str(large))
    assert gate.run(*create, *options(LABELS | {"hosts": GRAVE}), IMAGE).returncode == EXIT_FINDINGS
    assert gate.version("large") == ""
    assert gate.create("first").returncode == 0
    other = gate.create("second", ssl_cert="c", ssl_key="k")
    assert other.returncode == EXIT_FINDINGS
    assert "[shared-host-differs]" in other.stderr
    own_fault = ("service", "update", "-d", "--label-add", "com.docker.lb.network=other", "first")
    assert gate.run(*own_fault, gate_options=("--fail-on", "error")).returncode == EXIT_FINDINGS
    assert gate.run(*own_fault).returncode == 0


@real
@pytest.mark.needs_docker28
def test_the_settings_say_which_hosts_may_be_claimed(gate: Gate) -> None:
    (gate.folder / ".lblint.yml").write_text("domains: [shop.example.com]\n")
    done = gate.create(hosts="bank.example.net")
    assert (done.returncode, gate.version()) == (EXIT_FINDINGS, "")
    assert "[host-not-allowed]" in done.stderr


@real
def test_a_signal_reaches_the_command(swarm: Swarm, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "lblint", "gate", "--", "sh", "-c",
               "trap 'echo ended; exit 7' TERM; echo begun; while :; do sleep 0.05; done"]  # fmt: skip
    env = os.environ | {"DOCKER_HOST": swarm.host}
    with subprocess.Popen(command, env=env, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "begun\n"
        running.send_signal(signal.SIGTERM)
        assert running.stdout.read() == "ended\n"
    assert running.returncode == 7


@real
@pytest.mark.needs_docker28
def test_a_daemon_behind_tls_is_reached_as_docker_reaches_it(tmp_path: Path) -> None:
    docker, openssl = docker_client("28"), shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl to make certificates with")
    assert docker is not None
    for name, more in (("ca", ["-x509", "-nodes", "-out", "ca.pem"]), ("own", ["-nodes", "-out", "own.csr"])):
        words = ["req", "-newkey", "rsa:2048", "-subj", f"/CN={name}", "-keyout", f"{name}-key.pem", *more]
        subprocess.run([openssl, *words], cwd=tmp_path, check=True, capture_output=True)
    (tmp_path / "names").write_text("subjectAltName=IP:127.0.0.1\n")
    words = ["x509", "-req", "-in", "own.csr", "-CA", "ca.pem", "-CAkey", "ca-key.pem", "-CAcreateserial",
             "-extfile", "names", "-out", "cert.pem"]  # fmt: skip
    subprocess.run([openssl, *words], cwd=tmp_path, check=True, capture_output=True)
    (tmp_path / "own-key.pem").rename(tmp_path / "key.pem")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    pems = [f"--tls{pem}={tmp_path / name}" for pem, name in
            (("cacert", "ca.pem"), ("cert", "cert.pem"), ("key", "key.pem"))]  # fmt: skip
    with manager(docker, "-H", address, "--tlsverify", *pems) as swarm:
        gate = Gate(swarm, docker, tmp_path)
        gate.env |= {"DOCKER_HOST": address, "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(tmp_path)}
        swarm.run("network", "create", "--driver", "overlay", "front")
        assert gate.create(hosts=GRAVE).returncode == EXIT_FINDINGS
        done = gate.create()
        assert (done.returncode, gate.host()) == (0, "web.example.org"), done.stderr


@pytest.mark.parametrize("words", [["-H", "tcp://127.0.0.1:1"], ["--context=x"], ["-ctest"], ["--config", "x", "-H=x"],
                                   ["-l", "debug", "--tlsverify"],
                                   ["-DHtcp://127.0.0.1:1"], ["-Dc", "x"], ["-l=info", "--tls"]])  # fmt: skip
def test_a_command_that_leads_past_it_is_not_started(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gate", "--", "docker", *words, "ps"]) == EXIT_UNCHECKED
    assert "would lead past the gate" in capsys.readouterr().err


def test_without_a_daemon_nothing_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    assert main(["gate", "--", "touch", str(tmp_path / "started")]) == EXIT_UNCHECKED
    assert not (tmp_path / "started").exists()
    assert capsys.readouterr().err
