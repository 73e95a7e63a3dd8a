"""`lblint probe` before a real nginx that runs the trial config, and before servers that answer anything."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import jsonschema
import pytest
from fixture import ROOT
from routes import ingress, route
from traffic import backend, running, serving, tls_backend

from lblint.cli import main
from lblint.cli.probe import Given, ask
from lblint.interlock import Ingress
from lblint.lint import Options
from lblint.lint.service_check import check_probed
from lblint.probe.questions import Kind, questions
from lblint.source import read

__all__ = ["backend", "tls_backend"]

needs_nginx = pytest.mark.needs_nginx


FILE = {"stack.yml": read(b"services: {}\n", "stack.yml")}
"""The file that the made-up routes say they are from."""


def found(asked_for: Ingress, port: int, ssl_port: int = 1, seconds: float = 10) -> dict[str, list[str]]:
    """The findings by rule, each with its message."""
    probed, unasked = ask(asked_for, {"": Given("127.0.0.1", port, ssl_port)}, seconds, "")
    assert unasked == []
    result: dict[str, list[str]] = {}
    for finding in check_probed(probed, asked_for, FILE, Options()).findings:
        result.setdefault(finding.rule, []).append(finding.message)
    return result


@needs_nginx
def test_routes_that_are_served_give_no_findings_but_on_certificates(backend: int) -> None:
    routes = (
        route("web", hosts="a.org,www.a.org", port=backend),
        route("app", hosts="b.org", port=backend, context_root="/app"),
        route("ws", hosts="c.org", port=backend, websocket_endpoints="/ws"),
        route("tls", hosts="d.org", port=backend, ssl_cert="cert", ssl_key="key"),
        route("old", hosts="e.org", port=backend, redirects=[("http://e.org", "https://d.org")]),
        route("wild", hosts="*.f.org", port=backend),
    )
    with running(*routes) as proxy:
        told = found(ingress(*routes), proxy.port, proxy.ssl_port)
    assert list(told) == ["probe-certificate-not-trusted"]
    assert "self-signed certificate" in told["probe-certificate-not-trusted"][0].replace("self signed", "self-signed")


@needs_nginx
def test_routes_that_are_not_served_are_found(backend: int) -> None:
    served = (
        route("web", hosts="a.org", port=backend),
        route("gone", hosts="b.org", port=1),
        route("old", hosts="e.org", port=backend, redirects=[("http://e.org", "https://old.org")]),
    )
    wanted = (
        route("web", hosts="a.org", port=backend, websocket_endpoints="/none", ssl_cert="cert", ssl_key="key"),
        route("gone", hosts="b.org", port=backend),
        route("new", hosts="new.org", port=backend),
        route("old", hosts="e.org", port=backend, redirects=[("http://e.org", "https://new.org")]),
    )
    with running(*served) as proxy:
        told = found(ingress(*wanted), proxy.port, proxy.ssl_port)
    assert told["probe-not-served"] == [
        "http://b.org/ is answered with 502: the proxy does not reach the service",
        "http://new.org/ is answered with 503: the proxy has no such route, or no task to send it to",
    ]
    assert told["probe-redirect-differs"] == [
        "http://e.org/ is answered with 302 and leads to https://old.org/, and not with 302 to https://new.org/"
    ]
    assert len(told["probe-without-tls"]) == len(told["probe-no-websocket"]) == 1


@needs_nginx
def test_a_passthrough_is_asked_over_tls_alone(tls_backend: int) -> None:
    one = ingress(route(hosts="a.org", port=tls_backend, ssl_passthrough=True))
    assert [question.kind for question in questions(one, "")[0]] == [Kind.HTTPS]
    with serving(one) as proxy:
        assert list(found(one, proxy.port, proxy.ssl_port)) == ["probe-certificate-not-trusted"]


@pytest.fixture
def answering() -> Iterator[Callable[[bytes], int]]:
    """Servers that send some bytes to everybody; their ports."""
    open_: list[socket.socket] = []

    def start(data: bytes) -> int:
        listening = socket.create_server(("127.0.0.1", 0))
        open_.append(listening)

        def serve_all() -> None:
            while True:
                try:
                    accepted, _ = listening.accept()
                except OSError:
                    return
                open_.append(accepted)
                with contextlib.suppress(OSError):
                    accepted.recv(65536)
                    accepted.sendall(data)
                if data:
                    accepted.close()

        threading.Thread(target=serve_all, daemon=True).start()
        port: int = listening.getsockname()[1]
        return port

    yield start
    for each in open_:
        each.close()


@pytest.mark.parametrize(("data", "told"), [
    (b"nonsense\r\n\r\n", "does not answer as HTTP"),
    (b"", "no whole answer within 0.5 seconds|does not answer in time"),
])  # fmt: skip
def test_what_is_no_answer_is_said(data: bytes, told: str, answering: Callable[[bytes], int]) -> None:
    one = ingress(route(hosts="a.org"))
    (message,) = found(one, answering(data), seconds=0.5)["probe-proxy-silent"]
    assert any(part in message for part in told.split("|"))


def test_an_endless_answer_is_cut(answering: Callable[[bytes], int]) -> None:
    port = answering(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 5_000_000)
    one = ingress(route(hosts="a.org"))
    assert list(found(one, port)) == ["probe-not-served"]  # as a host that no service has


def test_what_is_not_asked_for_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stack = tmp_path / "stack.yml"
    stack.write_text("""\
version: "3.8"
services:
  a:
    image: x
    deploy: {labels: {com.docker.lb.hosts: "~^a", com.docker.lb.port: "80"}}
  b:
    image: x
    deploy: {labels: {com.docker.lb.hosts: b.org, com.docker.lb.port: "80", com.docker.lb.service_cluster: dev}}
""")
    assert main(["probe", str(stack), "--fail-on", "never", "--format", "json"]) == 2
    told = json.loads(capsys.readouterr().out)
    jsonschema.validate(told, json.loads((ROOT / "schemas" / "probe.schema.json").read_text("utf-8")))
    assert [left["host"] for left in told["unasked"]] == ["~^a", "service cluster dev"]
    assert main(["probe", str(stack), "--proxy", "dev=127.0.0.1:1", "--fail-on", "never"]) == 2
    out = capsys.readouterr()
    assert "http://b.org/" in out.out
    assert "not asked for: ~^a: it is no plain host name" in out.err


@pytest.mark.parametrize(
    "word", ["", ":80", "a:b", "a:1:2:3", "a:99999", "dev=", "a:", "a:0", "a:²", "[::1", "[::1]x:80", "[]:80"]
)
def test_an_address_that_is_none_is_refused(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["probe", "fixtures/stacks/overlay/stack.yml", "--proxy", word]) == 2
    assert "is no address" in capsys.readouterr().err


def test_ports_are_those_of_the_config_unless_they_are_given(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stack, config = tmp_path / "stack.yml", tmp_path / "config.toml"
    stack.write_text("""\
version: "3.8"
services:
  a:
    image: x
    deploy: {labels: {com.docker.lb.hosts: a.org, com.docker.lb.port: "80"}}
""")
    config.write_text('[Extensions.default]\n  Image = "i"\n  ProxyImage = "p"\n  ConfigImage = "c"\n'
                      "  ProxyReplicas = 1\n  PublishedPort = 81\n")  # fmt: skip
    words = ["probe", str(stack), "--interlock-config", str(config), "--fail-on", "never", "--timeout", "2"]
    for more, address in (([], "127.0.0.1:81"), (["--proxy", "127.0.0.2"], "127.0.0.2:81"),
                          (["--proxy", "127.0.0.2:82"], "127.0.0.2:82"),
                          (["--proxy", "[::1]:82:83"], "[::1]:82")):  # fmt: skip
        assert main([*words, *more]) == 0
        assert f"  {address}  " in capsys.readouterr().out


def test_without_a_route_it_is_said_that_nothing_was_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "stack.yml").write_text('version: "3.8"\nservices: {a: {image: x}}\n')
    assert main(["probe", str(tmp_path / "stack.yml")]) == 0
    assert "there is no route to ask for" in capsys.readouterr().err
