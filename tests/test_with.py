"""`lblint check --with nginx.conf`: what a running proxy serves is read safely, and takes part."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from proxy_cases import CASES
from routes import ingress, route

import lblint
from lblint.cli import main
from lblint.interlock.routes import Route
from lblint.interlock.running_proxy import Running
from lblint.lint import check_stacks, make_options
from lblint.proxy import trial, trials
from lblint.proxy.running_config import existing
from lblint.source import read

STACK = """\
services:
  web:
    image: example/web:1.4
    networks: [front]
    deploy:
      labels:
        com.docker.lb.hosts: {host}
        com.docker.lb.port: "8080"
        com.docker.lb.network: front
networks:
  front: {{external: true}}
"""


def rendered(*routes: Route) -> bytes:
    """The config of a proxy that runs these routes."""
    return trial(ingress(*routes)).text.encode()


@pytest.mark.parametrize("routes", [pytest.param(routes, id=name) for name, routes in CASES.items()])
def test_what_is_rendered_is_read_back(routes: tuple[Route, ...]) -> None:
    found = existing(rendered(*routes), "nginx.conf")
    assert found.unchecked == ""
    plain = [made for made in routes if not (made.default_backend and not made.ssl_passthrough)]
    assert set(found.hosts) - {"_"} >= {host.name.lower() for made in plain for host in made.hosts}
    assert (found.default is not None) is any(made.default_backend and not made.ssl_passthrough for made in routes)
    assert (found.bucket, found.connections) == (128, 1024)
    for made in plain:
        for host in made.hosts:
            served = found.hosts[host.name.lower()]
            assert served.tls is (made.ssl_passthrough or made.ssl_cert is not None)
            if not made.redirects and not made.ssl_passthrough:
                assert (made.port.text if made.port else "80") in served.ports


def test_the_facts_of_a_config() -> None:
    text = rendered(
        route(hosts="a.org", port=9000, context_root="/app"), route("b", hosts="B.org", ssl_passthrough=True)
    )
    found = existing(text, "nginx.conf")
    assert found.hosts["a.org"].ports == {"9000"}
    assert found.hosts["a.org"].paths == {"/app"}
    lines = text.decode().splitlines()
    assert lines[found.hosts["a.org"].line - 1].strip() == "server {"
    assert (found.hosts["b.org"].name, found.hosts["b.org"].tls) == ("B.org", True)
    assert found.sockets == 3
    assert found.zone == 64


def test_the_status_page_of_nginx_is_no_path_of_a_host() -> None:
    text = rendered(route(hosts="a.org", context_root="/app"))
    page = text.replace(b"location /nginx_status {", b"location /nginx_status { proxy_pass http://up-a.org;")
    assert page != text
    assert existing(page, "nginx.conf").hosts["a.org"].paths == {"/app"}


def test_what_docker_config_inspect_prints_is_read_too() -> None:
    data = base64.b64encode(rendered(route(hosts="a.org"))).decode()
    inspected = json.dumps([{"ID": "x", "Spec": {"Name": "com.docker.interlock.proxy.1", "Data": data}}])
    assert set(existing(inspected.encode(), "x").hosts) == {"a.org"}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(b"", "has no server", id="empty"),
        pytest.param(b"services: {}\n", "not a config", id="yaml"),
        pytest.param(b"http { server { listen 80; }", "not a config that nginx accepts", id="not-closed"),
        pytest.param(b"http { server { listen 80; } } }", "not a config that nginx accepts", id="closed-twice"),
        pytest.param(b"events { }", "has no server", id="no-http"),
        pytest.param(b"a {" * 5000, "nested too deep", id="deep"),
        pytest.param(b"a {" * 101 + b"}" * 101, "nested too deep", id="a-little-too-deep"),
        pytest.param(b"a {" * 100 + b"}" * 100, "has no server", id="as-deep-as-may-be"),
        pytest.param(b"\xff\xfe\0\0" * 100, "not a config", id="bytes"),
        pytest.param(b"[]", "docker config inspect", id="inspect-of-nothing"),
        pytest.param(b'[{"Spec": {"Data": "%"}}]', "docker config inspect", id="inspect-without-base64"),
        pytest.param(b'[{"Spec": {"Data": "aHR0cA=="}}]', "not a config", id="inspect-of-something-else"),
        pytest.param(b"[" * 100_000, "docker config inspect", id="deep-json"),
    ],
)
def test_what_is_no_config_is_unchecked(content: bytes, says: str) -> None:
    found = existing(content, "nginx.conf")
    assert says in found.unchecked
    assert found == Running("nginx.conf", unchecked=found.unchecked)


@pytest.mark.parametrize(
    "line",
    [
        "listen;", "server_name;", "server 10.0.0.1;", "zone;", "location { proxy_pass; }", "return;",
        "location / { proxy_pass x; }", "upstream { server; }", "zone x 64z;",
        "listen 80 default_server; server_name a.org; return 302 /;",
    ],
)  # fmt: skip
def test_odd_directives_do_not_raise(line: str) -> None:
    existing(f"http {{ upstream x {{ {line} }} server {{ {line} }} server {{ listen 80; }} {line} }}".encode(), "x")


def test_no_include_is_opened(tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"  # opening it would block for ever
    import os

    os.mkfifo(fifo)
    text = b"include " + bytes(fifo) + b"; http { include " + bytes(fifo) + b"; server { listen 80; } }"
    assert existing(text, "x").unchecked == ""


def findings(text: str, *running: Running) -> list[tuple[str, str]]:
    """Rules and severities for a stack file beside running proxies."""
    result = check_stacks([[read(text.encode(), "stack.yml")]], make_options(env={}, running=running))
    return [(finding.rule, str(finding.severity)) for finding in result.findings]


@pytest.mark.parametrize(
    ("running", "expected"),
    [
        pytest.param(route(hosts="a.org"), [("host-served-already", "info")], id="itself"),
        pytest.param(route(hosts="a.org", port=9000), [("host-served-already", "warning")], id="other-port"),
        pytest.param(route(hosts="a.org", context_root="/x"), [("host-served-already", "warning")], id="other-path"),
        pytest.param(route(hosts="A.org"), [("host-served-already", "warning")], id="other-case"),
        pytest.param(route(hosts="a.org", ssl_passthrough=True), [("host-served-already", "info")], id="by-tls-alone"),
        pytest.param(
            route(hosts="a.org", redirects=[("http://a.org", "https://a.org")]),
            [("host-served-already", "info")],
            id="redirected",
        ),
        pytest.param(route(hosts="b.org"), [], id="other-host"),
    ],
)
def test_a_host_that_is_served_already(running: Route, expected: list[tuple[str, str]]) -> None:
    assert findings(STACK.format(host="a.org"), existing(rendered(running), "nginx.conf")) == expected


def test_no_running_proxy_makes_an_error() -> None:
    """Whose a host is cannot be known: it may be this very service."""
    running = existing(rendered(*(made for routes in CASES.values() for made in routes)), "nginx.conf")
    for name in ("demo.example.org", "a.example.org", "B.example.net"):
        assert {severity for _, severity in findings(STACK.format(host=name), running)} <= {"info", "warning"}


def test_sizes_of_the_running_proxy_hold_for_the_trial() -> None:
    name = "a" * 60 + "." + "b" * 59 + ".org"
    assert ("host-too-long", "warning") in findings(STACK.format(host=name))
    small = Running("nginx.conf", bucket=128, map_bucket=64, zone=64, connections=1024)
    assert ("host-too-long", "error") in findings(STACK.format(host=name), small)
    running = Running("nginx.conf", bucket=256, map_bucket=128, zone=32, connections=77)
    assert "host-too-long" not in dict(findings(STACK.format(host=name), running))
    (made,) = trials(ingress(route(hosts="x" * 50 + ".org", ssl_passthrough=True))._replace(running=(running,)))
    assert made.faults == ()
    for text in ("server_names_hash_bucket_size 256;", "map_hash_bucket_size 128;", "_backend 32k;", "connections 77;"):
        assert text in made.text


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """The command line: its exit code and what it printed."""
    code = main(["check", *words])
    done = capsys.readouterr()
    return code, done.out + done.err


def test_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stack, conf, other = tmp_path / "stack.yml", tmp_path / "nginx.conf", tmp_path / "other.conf"
    stack.write_text(STACK.format(host="a.org"))
    conf.write_bytes(rendered(route(hosts="a.org", port=9000)))
    other.write_bytes(b"no config")
    code, said = run(capsys, str(stack), "--with", str(conf), "--fail-on", "warning")
    assert code == 1
    assert f'{stack}:7:30: warning: the host "a.org" is already served ({conf}:' in said
    assert [finding.rule for finding in lblint.check(stack, env={}, running=[conf])] == ["host-served-already"]
    code, said = run(capsys, str(stack), "--with", str(conf), "--with", str(other))
    assert code == 2
    assert f"{other}: could not check: is not a config" in said
    code, said = run(capsys, str(stack), "--with", str(tmp_path / "missing"))
    assert code == 2
    assert "missing: could not check: No such file or directory" in said


def test_the_size_of_a_config_is_that_of_its_text() -> None:
    text = rendered(route(hosts="a.org,café.org"))
    assert existing(text, "nginx.conf").size == len(text)
    inspected = json.dumps([{"Spec": {"Data": base64.b64encode(text).decode()}}]).encode()
    assert existing(inspected, "config.json").size == len(text)
