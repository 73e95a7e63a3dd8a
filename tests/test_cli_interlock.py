"""Interlock's config and version on the command line, and from Python."""

from __future__ import annotations

from pathlib import Path

import pytest

import lblint
from lblint.cli import main

Capture = pytest.CaptureFixture[str]

STACK = """\
services:
  web:
    image: example/web:1.4
    networks: [front]
    deploy:
      labels:
        com.docker.lb.hosts: shop.example.com
        com.docker.lb.port: "8080"
        com.docker.lb.network: front
        com.docker.lb.service_cluster: east
networks:
  front:
    external: true
"""
CONFIG = """\
[Extensions.east]
ServiceName = "ucp-interlock-extension-east"
ProxyServiceName = "ucp-interlock-proxy-east"
ProxyReplicas = 2
ServiceCluster = "east"
Networks = ["front"]
TargetPort = 8080
[Extensions.east.Config]
ClientMaxBodySize = "32m"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "stack.yml").write_text(STACK)
    (tmp_path / "config.toml").write_text(CONFIG)
    (tmp_path / "bad.toml").write_text(CONFIG.replace("32m", "32mb"))
    (tmp_path / "broken.toml").write_text("[Extensions")
    return tmp_path


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        pytest.param(["config.toml"], 0, "", id="clean config"),
        pytest.param(["bad.toml"], 1, "bad.toml:9:", id="bad config"),
        pytest.param(["broken.toml"], 1, "toml-syntax", id="no TOML"),
        pytest.param(["config.toml", "stack.yml"], 0, "", id="config and stack"),
        pytest.param(["-n", "shop", "config.toml", "stack.yml"], 0, "", id="config, stack and name"),
        pytest.param(["stack.yml", "--interlock-config", "config.toml"], 0, "", id="under a config"),
        pytest.param(["stack.yml", "--interlock-config", "bad.toml"], 1, "bad.toml:9:", id="under a bad config"),
        pytest.param(["stack.yml", "--interlock-config", "broken.toml"], 1, "toml-syntax", id="under no config"),
        pytest.param(["stack.yml", "--interlock-config", "gone.toml"], 2, "gone.toml", id="no such config"),
        pytest.param(["gone.toml"], 2, "gone.toml", id="no such file"),
        pytest.param(["stack.yml", "--interlock-version", "MKE 3.8"], 0, "", id="version"),
        pytest.param(
            ["stack.yml", "--interlock-version", "newest"], 2, "is not a version of UCP or MKE", id="no version"
        ),
        pytest.param(["--interlock-config", "config.toml"], 2, "no stack file given", id="config alone"),
    ],
)
def test_check(folder: Path, capsys: Capture, words: list[str], code: int, told: str) -> None:
    assert main(["check", *words]) == code
    said = capsys.readouterr()
    assert told in said.out + said.err


def test_render_is_under_the_config(folder: Path, capsys: Capture) -> None:
    assert main(["render", "stack.yml", "--interlock-config", "config.toml"]) == 0
    text = capsys.readouterr().out
    assert "client_max_body_size 32m;" in text
    assert "listen 8080;" in text


@pytest.mark.parametrize("command", ["routes", "config", "render"])
def test_other_commands_read_no_config(folder: Path, capsys: Capture, command: str) -> None:
    assert main([command, "config.toml"]) == 2
    assert "lblint check" in capsys.readouterr().err


def test_too_large_a_config_is_unchecked(folder: Path, capsys: Capture) -> None:
    (folder / "large.toml").write_text("#" * 2_000_000)
    assert main(["check", "large.toml"]) == 2
    assert capsys.readouterr().err.startswith("lblint: large.toml: the file has 2000000 bytes; ")


def test_from_python(folder: Path) -> None:
    assert lblint.check("config.toml") == []
    (finding,) = lblint.check(Path("bad.toml"))
    assert (finding.rule, finding.position[:2]) == ("nginx-refuses-setting", (9, 21))
    assert [f.file for f in lblint.check("stack.yml", interlock_config="bad.toml")] == ["bad.toml"]
    with pytest.raises(lblint.UncheckedError, match="is not a version"):
        lblint.check("stack.yml", interlock_version="x")


def test_the_config_under_its_name_in_the_swarm(folder: Path, capsys: Capture) -> None:
    (folder / "com.docker.ucp.interlock.conf-1").write_text("[Extensions.default]\nProxyReplicas = 0\n")
    main(["check", "com.docker.ucp.interlock.conf-1"])
    said = capsys.readouterr()
    assert "read as Interlock's config" in said.err
    assert "interlock-setting-doubtful" in said.out


def test_routes_join_only_the_networks_of_the_extension(folder: Path, capsys: Capture) -> None:
    (folder / "config.toml").write_text('[Extensions.default]\nProxyReplicas = 2\nNetworks = ["front"]\n')
    (folder / "stack.yml").write_text(
        "services:\n  web:\n    image: nginx:1\n    networks: [a, front]\n    deploy:\n      labels:\n"
        "        com.docker.lb.hosts: a.org\n        com.docker.lb.port: '80'\n"
        "networks:\n  a:\n  front:\n    external: true\n"
    )
    assert main(["routes", "stack.yml", "-n", "shop", "--interlock-config", "config.toml"]) == 0
    row = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("a.org"))
    assert "front" in row
    assert "shop_a" not in row
