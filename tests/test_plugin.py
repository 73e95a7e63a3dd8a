"""`docker lblint …` with the real docker client."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import docker_client

import lblint
from lblint.cli import plugin

GOOD = "services:\n  web: {image: example/web:1, networks: [front]}\nnetworks:\n  front: {driver: overlay}\n"


class Docker:
    """A docker client with a configuration of its own."""

    def __init__(self, folder: Path, client: str) -> None:
        self.folder = folder
        self.client = client
        (folder / "good.yml").write_text(GOOD)
        self.env = {"PATH": os.environ["PATH"], "HOME": str(folder), "DOCKER_CONFIG": str(folder / "config"),
                    "PYTHONPATH": str(Path(lblint.__file__).parent.parent)}  # fmt: skip

    def lblint(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self._run([sys.executable, "-m", "lblint", *words])

    def docker(self, *words: str) -> subprocess.CompletedProcess[str]:
        return self._run([self.client, *words])

    def _run(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, cwd=self.folder, env=self.env, capture_output=True, text=True, check=False,
                              timeout=60, stdin=subprocess.DEVNULL)  # fmt: skip


@pytest.fixture(params=[pytest.param("28", marks=pytest.mark.needs_docker28),
                        pytest.param("20.10", marks=pytest.mark.needs_docker20)])  # fmt: skip
def docker(request: pytest.FixtureRequest, tmp_path: Path) -> Docker:
    """Docker with the plugin."""
    client = docker_client(request.param)
    assert client is not None
    docker = Docker(tmp_path, client)
    done = docker.lblint("plugin", "install")
    assert done.returncode == 0, done.stderr
    assert str(tmp_path / "config" / "cli-plugins" / "docker-lblint") in done.stdout
    return docker


def test_docker_knows_it(docker: Docker) -> None:
    assert "lblint" in docker.docker("--help").stdout
    assert docker.docker("lblint", "--version").stdout == f"lblint, version {lblint.__version__}\n"
    assert "Usage: lblint check" in docker.docker("lblint", "check", "--help").stdout


def test_it_says_who_it_is_without_python(docker: Docker) -> None:
    script = docker.folder / "config" / "cli-plugins" / "docker-lblint"
    began = time.process_time()
    done = subprocess.run([script, "docker-cli-plugin-metadata"], env={"PATH": ""}, capture_output=True, check=True)
    assert b'"SchemaVersion": "0.1.0"' in done.stdout
    assert time.process_time() - began < 0.2


def test_exit_codes_are_passed_on(docker: Docker) -> None:
    assert docker.docker("lblint", "check", "good.yml").returncode == 0
    (docker.folder / "bad.yml").write_text(GOOD.replace("image", "imagee"))
    assert docker.docker("lblint", "check", "bad.yml").returncode == 1
    assert docker.docker("lblint", "check", "none.yml").returncode == 2


def test_options_of_docker_choose_the_daemon(docker: Docker) -> None:
    words = ("lblint", "deploy", "-c", "good.yml", "shop")
    done = docker.docker("-H", "unix:///nowhere/d.sock", *words)
    assert done.returncode == 2
    assert "unix:///nowhere/d.sock (DOCKER_HOST)" in done.stderr


def test_what_is_not_ours_stays(docker: Docker) -> None:
    script = docker.folder / "config" / "cli-plugins" / "docker-lblint"
    script.write_text("#!/bin/sh\n")
    for what in ("install", "uninstall"):
        done = docker.lblint("plugin", what)
        assert done.returncode == 2
        assert "was not written by lblint" in done.stderr
    assert script.read_text() == "#!/bin/sh\n"


def test_uninstall(docker: Docker) -> None:
    assert docker.lblint("plugin", "uninstall").returncode == 0
    assert docker.lblint("plugin", "uninstall").stdout == "the plugin is not installed\n"
    assert docker.docker("lblint", "rules").returncode != 0


ARGUMENTS = [
    pytest.param(["lblint", "check", "-c", "x"], ["check", "-c", "x"], {}, id="none"),
    pytest.param(["-H", "tcp://x", "lblint", "rm"], ["rm"], {"DOCKER_HOST": "tcp://x"}, id="host"),
    pytest.param(["-Htcp://x", "lblint"], [], {"DOCKER_HOST": "tcp://x"}, id="host-glued"),
    pytest.param(["--context=prod", "lblint"], [], {"DOCKER_CONTEXT": "prod"}, id="context"),
    pytest.param(["-Dc", "prod", "-l", "info", "lblint"], [], {"DOCKER_CONTEXT": "prod"}, id="cluster"),
    pytest.param(["--config", "lblint", "lblint", "rules"], ["rules"], {"DOCKER_CONFIG": "lblint"}, id="config"),
    pytest.param(["--tlsverify", "lblint"], [], {"DOCKER_TLS_VERIFY": "1"}, id="tls"),
]


@pytest.mark.parametrize(("words", "wanted", "variables"), ARGUMENTS)
def test_arguments(words: list[str], wanted: list[str], variables: dict[str, str]) -> None:
    env: dict[str, str] = {}
    assert (plugin.arguments(words, env), env) == (wanted, variables)


def test_a_context_goes_before_docker_host() -> None:
    env = {"DOCKER_HOST": "tcp://x"}
    plugin.arguments(["--context", "prod", "lblint"], env)
    assert env == {"DOCKER_CONTEXT": "prod"}


@pytest.mark.parametrize(
    "words", [["--tlskey", "x", "lblint"], ["-H", "x", "-c", "y", "lblint"]], ids=["key", "host-and-context"]
)
def test_what_cannot_be_passed_on_is_refused(words: list[str]) -> None:
    with pytest.raises(plugin.PluginError):
        plugin.arguments(words, {})
