"""`lblint status` as an alarm: who caused an outage, what is counted, and what the documented checks make of it."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from fixture import ROOT, status
from managers import Answer, config, encoded, fails, healthy, managers, network, service
from terminal import on_a_terminal, shown

from lblint.cli import main
from lblint.deploy.culprit import with_quoted_labels
from lblint.finding import Finding
from lblint.lint import check_stacks, make_options
from lblint.lint.service_check import check_running
from lblint.source import read
from lblint.swarm.ingress_status import ingress_status
from lblint.swarm.model import Service, Snapshot
from lblint.swarm.proxies import with_interlock
from lblint.swarm.tasks import Task, seconds

RULES = ROOT / "fixtures" / "rules"
FAST = (sys.executable, "-c", "import sys; from lblint.cli import main, status; status.PAUSE = 0.1; main(sys.argv[1:])")
BAD = {"com.docker.lb.sticky_session_cookie": "a;b"}


def found(rule: str, name: str, labels: dict[str, str], at: str = "2026-11-02T09:26:12Z", **fields: Any) -> Finding:
    """The finding of a rule on its fixture, with the labels of a further service blog_web."""
    now = status(RULES / rule / f"{name}.status.json")
    shop = next(one for one in now.snapshot.services if one.name == "shop_web")
    own = {**shop.labels, "com.docker.stack.namespace": "blog", "com.docker.lb.hosts": "blog.example.org", **labels}
    blog = shop._replace(id="blog_web", name="blog_web", labels=own, updated=at, **fields)
    snapshot = now.snapshot._replace(services=(*now.snapshot.services, blog))
    result = check_running(ingress_status(snapshot, now.tasks, now.now))
    (finding,) = [finding for finding in result.findings if finding.rule == rule]
    return finding


@pytest.mark.parametrize(
    ("rule", "name"),
    [
        ("proxy-not-running", "bad"),
        ("proxy-not-running", "bad-flapping"),
        ("interlock-update-failed", "bad-paused"),
    ],
)
def test_the_label_the_service_and_the_deploy_are_named(rule: str, name: str) -> None:
    finding = found(rule, name, BAD)
    cause = "com.docker.lb.sticky_session_cookie of blog_web (stack blog, deployed 2026-11-02 09:26:12 UTC)"
    assert finding.message.endswith(f"; caused by {cause}")
    assert finding.help.endswith("docker service update --label-rm com.docker.lb.sticky_session_cookie blog_web")
    assert "in stack blog and deploy it" in finding.help
    assert [(one.file, one.path[-1]) for one in finding.related] == [
        ("service:blog_web", "com.docker.lb.sticky_session_cookie")
    ]


def test_a_bad_label_of_another_cluster_is_not_to_blame() -> None:
    finding = found("proxy-not-running", "bad", {**BAD, "com.docker.lb.service_cluster": "dev"})
    assert "blog_web" not in finding.message


def test_without_a_bad_label_the_last_deploy_before_is_named() -> None:
    assert (
        "blog_web (stack blog, deployed 2026-11-02 09:26:12 UTC) was the last change"
        in found("interlock-update-failed", "bad-paused", {}).message
    )
    for other in ("2026-11-02T09:10:00Z", "2026-11-02T09:27:40Z"):  # long before, and after it
        assert "blog_web" not in found("interlock-update-failed", "bad-paused", {}, other).message


@pytest.mark.parametrize("words", [
    '2026/11/02 09:29:30 [emerg] 1#1: cannot load certificate "/run/secrets/shop_tls": BIO_new_file() failed\n',
    "no message of nginx\n",
    "",
])  # fmt: skip
def test_the_label_that_nginx_quotes_is_named(words: str) -> None:
    """As where the content of a secret is wrong, which nobody but nginx sees."""
    now = status(RULES / "proxy-not-running" / "bad.status.json")
    more = {"com.docker.lb.ssl_cert": "shop_tls", "com.docker.lb.ssl_key": "shop_key"}
    services = tuple(
        one._replace(labels={**one.labels, **more}) if one.name == "shop_web" else one for one in now.snapshot.services
    )
    now = ingress_status(now.snapshot._replace(services=services), now.tasks, now.now)
    asked: list[str] = []
    told = with_quoted_labels(now, lambda service: asked.append(service) or words)  # type: ignore[func-returns-value]
    (finding,) = [one for one in check_running(told).findings if one.rule == "proxy-not-running"]
    assert asked == ["ucp-interlock-proxy"]
    assert ("most likely caused by com.docker.lb.ssl_cert of shop_web (stack shop" in finding.message) is ("[" in words)
    assert (finding.nginx[:30] == "[emerg] 1#1: cannot load certi") is ("[" in words)


@pytest.mark.parametrize(
    "labels",
    [
        pytest.param({"com.docker.lb.port": "x"}, id="an error on its labels"),
        pytest.param({"com.docker.lb.service_cluster": "dev"}, id="another cluster"),
    ],
)
def test_a_host_that_is_not_served_has_one_finding(labels: dict[str, str]) -> None:
    now = status(RULES / "host-not-served" / "bad.status.json")
    services = tuple(
        one._replace(labels={**one.labels, **labels}) if one.name == "blog_web" else one
        for one in now.snapshot.services
    )
    result = check_running(ingress_status(now.snapshot._replace(services=services), (), now.now))
    rules = [one.rule for one in result.findings]
    assert len(rules) == 1
    assert "host-not-served" not in rules


@pytest.mark.parametrize(
    "config",
    [
        pytest.param("server { listen 80; server_name *.example.org; return 200; }", id="wildcard"),
        pytest.param("server { listen 80; server_name ~^.+$; return 200; }", id="regular expression"),
        pytest.param("include conf.d/*.conf;", id="other files"),
        pytest.param("server { listen 80; server_name blog.example.org www.BLOG.example.org; return 200; }", id="both"),
    ],
)
def test_a_host_that_may_be_served_is_no_reason_for_alarm(config: str) -> None:
    now = status(RULES / "host-not-served" / "bad.status.json")
    proxies = tuple(
        proxy._replace(text=proxy.text.replace("http {\n", f"http {{\n  {config}\n")) for proxy in now.snapshot.proxies
    )
    result = check_running(ingress_status(now.snapshot._replace(proxies=proxies), (), now.now))
    assert result.findings == ()


@pytest.mark.parametrize(
    ("since", "error", "found"),
    [
        ("2026-11-02T09:29:30Z", "", False),
        ("2026-11-02T09:29:30Z", "no suitable node (scheduling constraints not satisfied on 3 nodes)", True),
        ("2026-11-02T08:00:00Z", "", True),
    ],
    ids=["has just begun", "cannot be placed", "does not end"],
)
def test_an_update_that_does_not_come_to_its_end(since: str, error: str, found: bool) -> None:
    now = status(RULES / "proxy-not-running" / "good-updating.status.json")
    services = tuple(
        one._replace(update_since=since, running=0) if one.name == "ucp-interlock-proxy" else one
        for one in now.snapshot.services
    )
    snapshot = with_interlock(
        now.snapshot._replace(services=services), {one.name: one.text for one in now.snapshot.configs}
    )
    tasks = (Task("t1", "ucp-interlock-proxy", 1, state="pending", error=error),)
    rules = {one.rule for one in check_running(ingress_status(snapshot, tasks, now.now)).findings}
    assert rules == ({"proxy-not-running"} if found else set())


def served(running: int | None = 2, state: str = "") -> dict[str, Answer]:
    """The answers of managers with a whole ingress, of which so many proxies run."""
    proxy = service("ucp-interlock-proxy", networks=["id-front"])
    proxy["Spec"]["Labels"]["type"] = "com.docker.interlock.core.proxy"
    proxy["UpdateStatus"] = {"State": state, "Message": f"update {state}"} if state else None
    core = service("ucp-interlock")
    use = {"ConfigName": "com.docker.ucp.interlock.conf-3", "ConfigID": "c", "File": {"Name": "/config.toml"}}
    core["Spec"]["TaskTemplate"]["ContainerSpec"]["Configs"] = [use]
    text = '[Extensions.default]\nServiceName = "ext"\nProxyServiceName = "ucp-interlock-proxy"\nProxyReplicas = 2\n'
    every = [proxy, core, service("ext")]
    for one in every if running is None else ():
        del one["ServiceStatus"]
    if running is not None:
        proxy["ServiceStatus"]["RunningTasks"] = running
    return healthy(every, [network("front")], [config(use["ConfigName"], text.encode())])


def test_tasks_are_counted_where_the_daemon_does_not_tell(capsys: pytest.CaptureFixture[str]) -> None:
    """Before docker 20.10 the list of services has no numbers: those of the list of tasks count."""
    answers = served(None) | {"/version": encoded({"ApiVersion": "1.40"})}
    tasks = [
        {"ID": f"{name}{slot}", "ServiceID": f"id-{name}", "Slot": slot, "DesiredState": "running",
         "Status": {"State": "running", "Timestamp": "2026-01-01T00:00:00Z"}}
        for name in ("ucp-interlock", "ext", "ucp-interlock-proxy") for slot in (1, 2)
    ]  # fmt: skip
    with managers(answers | {"/tasks": encoded(tasks)}) as (host, _):
        assert main(["status", "-H", host]) == 0
    with managers(answers | {"/tasks": encoded(tasks[:-2])}) as (host, _):
        assert main(["status", "-H", host]) == 1
    with managers(answers | {"/tasks": encoded([])}) as (host, _):
        assert main(["status", "-H", host]) == 1
    out = capsys.readouterr().out
    assert [f"ucp-interlock-proxy  {count}/2 " in out for count in (2, 0)] == [True, True]


def test_tasks_that_are_not_shown_leave_it_unchecked(capsys: pytest.CaptureFixture[str]) -> None:
    with managers(served() | {"/tasks": fails(403, "access denied")}) as (host, _):
        assert main(["status", "-H", host]) == 2
        assert "refuses the list of tasks" in capsys.readouterr().err
        assert main(["status", "-H", host, "--format", "json"]) == 2
    assert [one["list"] for one in json.loads(capsys.readouterr().out)["unchecked"]] == ["tasks"]


def test_fail_on(capsys: pytest.CaptureFixture[str]) -> None:
    core = json.loads(served()["/services"])  # type: ignore[arg-type]
    core[1]["UpdateStatus"] = {"State": "rollback_completed", "Message": "rollback completed"}
    with managers(served() | {"/services": encoded(core)}) as (host, _):
        assert main(["status", "-H", host]) == 0
        assert main(["status", "-H", host, "--fail-on", "warning"]) == 1
    with managers(served(0)) as (host, _):
        assert main(["status", "-H", host]) == 1
        assert main(["status", "-H", host, "--fail-on", "never"]) == 0
    assert "lblint interlock apply" in capsys.readouterr().out


def test_the_nagios_check_of_the_page(tmp_path: Path) -> None:
    if shutil.which("jq") is None:
        pytest.skip("no jq")
    page = (ROOT / "docs" / "live.md").read_text("utf-8")
    (script,) = re.findall(r"```sh\n(#!/bin/sh\n.*?)```", page, re.DOTALL)
    (tmp_path / "check").write_text(script)
    (tmp_path / "lblint").write_text(f'#!/bin/sh\nexec {sys.executable} -m lblint "$@"\n')
    (tmp_path / "lblint").chmod(0o755)

    def check(host: str) -> tuple[int, str]:
        env = {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "DOCKER_HOST": host}
        done = subprocess.run(["sh", str(tmp_path / "check")], env=env, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout

    with managers(served()) as (host, server):
        assert check(host) == (0, "INTERLOCK OK\n")
        server.answers.update(served(1, "paused"))
        code, line = check(host)
        assert code == 2
        assert line == "INTERLOCK CRITICAL: ucp-interlock-proxy: 1 of 2 tasks run; its update is in the state paused\n"
        core = json.loads(served()["/services"])  # type: ignore[arg-type]
        core[1]["UpdateStatus"] = {"State": "paused", "Message": "update paused"}
        server.answers.update(served() | {"/services": encoded(core)})
        assert check(host)[0] == 1
    code, line = check(host)
    assert code == 3
    assert line.startswith("INTERLOCK UNKNOWN: lblint: ")


def test_watch_redraws(tmp_path: Path) -> None:
    with managers(served()) as (host, server):
        seen: list[bytes] = []

        def step(process: subprocess.Popen[bytes], piece: bytes) -> None:
            seen.append(piece)
            if b"no findings" in piece:
                server.answers.update(served(0))
            elif b"1 error" in piece:
                server.answers["/info"] = fails(500, "no leader")
            elif b"no leader" in piece:
                process.send_signal(signal.SIGINT)

        out = on_a_terminal("status", "--watch", "-H", host, command=FAST, told=step, COLUMNS="100")
    screen = "\n".join("".join(row).rstrip() for row in shown(out))
    assert "no leader" in screen
    assert "ucp-interlock-proxy" not in screen, "what was drawn before is gone"
    assert b"0 of 2 tasks run" in out


def test_watch_needs_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with managers(served()) as (host, server):
        assert main(["status", "--watch", "-H", host]) == 2
        assert server.asked == []
    assert "--watch redraws a terminal: it needs one" in capsys.readouterr().err


def test_a_bad_label_of_a_running_service_is_no_fault_of_another_stack() -> None:
    text = (RULES / "running-label-breaks-proxy" / "bad.yml").read_bytes()
    labels = {"com.docker.lb.hosts": "blog.example.org", "com.docker.lb.port": "80", **BAD}
    snapshot = Snapshot(services=(Service("b", "blog_web", labels=labels),))
    result = check_stacks([[read(text, "stack.yml")]], make_options(stack_name="shop", live=lambda names: snapshot))
    said = [(str(one.severity), one.rule) for one in result.findings if one.rule != "external-network-missing"]
    assert said == [("warning", "running-label-breaks-proxy")]
    own = Snapshot(services=(Service("b", "shop_web", labels={**labels, "com.docker.stack.namespace": "shop"}),))
    result = check_stacks([[read(text, "stack.yml")]], make_options(stack_name="shop", live=lambda names: own))
    assert "running-label-breaks-proxy" not in {one.rule for one in result.findings}, "the deploy replaces it"


def test_times_of_the_engine_are_read_in_utc() -> None:
    assert seconds("1970-01-01T00:01:00.5Z") == 60.0
    assert seconds("soon") == 0.0
