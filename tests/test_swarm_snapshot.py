"""A daemon's answers become a snapshot by few calls, and what goes wrong becomes a sentence."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from managers import (
    Answer,
    Handler,
    config,
    crowd,
    dies,
    drips,
    encoded,
    fails,
    hangs,
    healthy,
    managers,
    managers_by_tls,
    network,
    service,
)

from lblint.cli import main
from lblint.proxy.nginx_test import confinement
from lblint.swarm.connection import connect
from lblint.swarm.errors import SwarmError
from lblint.swarm.model import STACK_LABEL, Snapshot
from lblint.swarm.snapshot import MOST_SUSPECTS, snapshot
from lblint.swarm.snapshot_json import as_json, from_json

STACK = "services:\n  web:\n    image: example/web:1.4\n    networks: [front]\nnetworks:\n  front: {driver: overlay}\n"
SIX = {"/version", "/info", "/services", "/networks", "/secrets", "/configs", "/nodes"}


def read(answers: dict[str, Answer], *stacks: str, **limits: float) -> tuple[Snapshot, list[str]]:
    """A snapshot of a daemon with these answers, and what it was asked."""
    with managers(answers) as (host, server):
        swarm = connect(host=host, env={}, one_call=limits.get("one_call", 5))
        try:
            return snapshot(swarm, stacks, limit=limits.get("limit", 20)), server.asked
        finally:
            swarm.close()


def test_fields() -> None:
    web = service("shop_web", "shop", ["id-front"], hosts="shop.example.org")
    web["Spec"]["EndpointSpec"] = {"Mode": "vip", "Ports": [{"TargetPort": 80, "PublishMode": "ingress"}]}
    web["Endpoint"] = {"Ports": [{"Protocol": "tcp", "TargetPort": 80, "PublishedPort": 30001}]}
    web["UpdateStatus"] = {"State": "paused", "Message": "update paused"}
    web["Spec"]["TaskTemplate"]["Placement"] = {"Constraints": ["node.role==worker"]}
    job = {"ID": "j", "Spec": {"Name": "job", "Mode": {"GlobalJob": {}}}}
    found, _ = read(
        healthy(
            [web, job],
            [network("front", "shop")],
            [config("c", b"abc", "shop")],
            [{"ID": "s", "Spec": {"Name": "key", "Labels": {STACK_LABEL: "shop"}}}],
            [{"ID": "n", "Spec": {"Role": "worker", "Availability": "drain", "Labels": {"zone": "dmz"}},
              "Status": {"State": "ready", "Addr": "10.1.1.1"},
              "Description": {"Hostname": "w1", "Platform": {"OS": "linux", "Architecture": "x86_64"},
                              "Resources": {"NanoCPUs": 2000000000, "MemoryBytes": 1024},
                              "Engine": {"Plugins": [{"Type": "Log", "Name": "syslog"}]}}}],
        )
    )  # fmt: skip
    one, two = found.services
    assert (one.name, one.mode, one.replicas, one.stack) == ("job", "global-job", None, "")
    assert (two.stack, two.image, two.mode, two.replicas, two.running) == ("shop", "example/web:1", "replicated", 2, 2)
    assert [(at.network, at.aliases) for at in two.networks] == [("id-front", ("shop_web",))]
    assert {port.published for port in two.published} == {30001}
    assert (two.update, two.update_message, two.constraints) == ("paused", "update paused", ("node.role==worker",))
    (front,) = found.networks
    assert (front.stack, front.scope, front.subnets) == ("shop", "swarm", ("10.0.1.0/24",))
    (made,) = found.configs
    assert made.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert (made.size, made.text) == (3, "")
    assert [secret.name for secret in found.secrets] == ["key"]
    (node,) = found.nodes
    assert (node.hostname, node.takes_tasks, node.labels, node.cpus) == ("w1", False, {"zone": "dmz"}, 2000000000)
    assert node.plugins == {("Log", "syslog")}
    assert from_json(json.loads(json.dumps(as_json(found)))) == found


def test_proxies_and_interlock_have_their_configs() -> None:
    proxy = service("edge", networks=["id-front"])
    proxy["Spec"]["Labels"]["type"] = "com.docker.interlock.core.proxy"
    core = service("ucp-interlock")
    for running, name, target in (
        (proxy, "com.docker.interlock.proxy.abc", "/out/nginx/nginx.conf"),
        (core, "com.docker.ucp.interlock.conf-3", "/config.toml"),
    ):
        use = {"ConfigName": name, "ConfigID": "id-" + name, "File": {"Name": target}}
        running["Spec"]["TaskTemplate"]["ContainerSpec"]["Configs"] = [use]
    configs = [
        config("com.docker.interlock.proxy.abc", b"events {}\n"),
        config("com.docker.interlock.proxy.old", b"old"),
        config("com.docker.ucp.interlock.conf-3", b'PollInterval = "3s"\n'),
    ]
    found, _ = read(healthy([proxy, core, service("other")], [network("front")], configs))
    assert [(one.service.name, one.config, one.text, one.replicas) for one in found.proxies] == [
        ("edge", "com.docker.interlock.proxy.abc", "events {}\n", 2)
    ]
    assert found.interlock is not None
    assert (found.interlock.config, found.interlock.text) == (
        "com.docker.ucp.interlock.conf-3",
        'PollInterval = "3s"\n',
    )
    assert [one.text for one in found.configs if one.name == "com.docker.interlock.proxy.old"] == [""]


def test_number_of_calls_does_not_grow_with_the_cluster() -> None:
    few, asked_few = read(crowd(10, 3))
    began = time.process_time()
    many, asked_many = read(crowd(1000, 300))
    assert time.process_time() - began < 10
    assert (len(few.services), len(many.services), len(many.networks)) == (10, 1000, 300)
    assert sorted(asked_few) == sorted(asked_many)
    assert set(asked_many) == SIX
    assert len(asked_many) == len(SIX)


def test_all_is_asked_at_the_same_time() -> None:
    """Each answer waits until the others have been asked for, too."""
    together = threading.Barrier(len(SIX) - 1, timeout=20)

    def waiting(body: Any) -> Answer:
        def answer(handler: Handler) -> None:
            together.wait()
            handler.say(200, body)

        return answer

    answers: dict[str, Answer] = {
        path: body if path == "/version" else waiting(body) for path, body in crowd(3, 2).items()
    }
    assert len(read(answers)[0].services) == 3


def test_predefined_networks_are_asked_for_where_a_service_is_on_one() -> None:
    answers = healthy([service("hm", networks=["id-unlisted"])])
    answers["/networks/host"] = encoded({**network("host"), "Id": "id-unlisted", "Driver": "host"})
    found, asked = read(answers)
    assert found.network_names() == {"id-unlisted": "host"}
    assert sorted(set(asked) - SIX) == ["/networks/bridge", "/networks/host"]


def test_a_network_that_the_managers_have_removed_is_dying() -> None:
    answers = healthy(
        [service("shop_web", "shop", ["id-used"])],
        [network("used", "shop"), network("gone", "shop"), network("idle", "shop"), network("other", "blog")],
    )
    answers["/networks/id-idle"] = encoded(network("idle", "shop"))
    found, asked = read(answers, "shop")
    assert {one.name: one.dying for one in found.networks} == {
        "used": False, "gone": True, "idle": False, "other": False,
    }  # fmt: skip
    assert sorted(set(asked) - SIX) == ["/networks/id-gone", "/networks/id-idle"]


def test_only_so_many_networks_are_asked_after_one_by_one() -> None:
    found, asked = read(healthy([], [network(f"gone{number}", "shop") for number in range(30)]), "shop")
    assert len(set(asked) - SIX) == sum(one.dying for one in found.networks) == MOST_SUSPECTS < 30


def test_empty_lists_may_be_null() -> None:
    answers = healthy()
    answers.update(dict.fromkeys(("/services", "/networks", "/secrets", "/configs", "/nodes"), b"null"))
    found, _ = read(answers)
    assert found == Snapshot(daemon=found.daemon)


def test_status_is_not_asked_of_old_daemons() -> None:
    answers = healthy([{"ID": "1", "Spec": {"Name": "a"}}], api="1.40")
    queries: list[str] = []

    def services(handler: Handler) -> None:
        queries.append(handler.path)
        handler.say(200, [{"ID": "1", "Spec": {"Name": "a"}}])

    answers["/services"] = services
    found, _ = read(answers)
    assert found.services[0].running is None
    assert "status" not in queries[0]


NO_LEADER = "rpc error: code = Unknown desc = The swarm does not have a leader. It's possible that too few managers are"


def sends_on(handler: Handler) -> None:
    """Sends to another path of the same daemon, which would answer."""
    handler.send_response(301)
    handler.send_header("Location", "/elsewhere")
    handler.send_header("Content-Length", "0")
    handler.end_headers()


FAULTS: list[tuple[str, dict[str, Answer], str]] = [
    ("dies-at-services", {"/services": dies}, "went away"),
    ("dies-at-version", {"/version": dies}, "went away"),
    ("403-services", {"/services": fails(403, "access denied")}, "refuses the list of services (access denied)"),
    ("403-networks", {"/networks": fails(403, "access denied")}, "refuses the list of networks (access denied)"),
    ("401-info", {"/info": fails(401, "who are you")}, "refuses its state (who are you)"),
    ("500-nodes", {"/nodes": fails(500, "raft is broken")}, "an error 500 (raft is broken)"),
    ("503-services", {"/services": fails(503, "This node is not a swarm manager.")}, "is not a Swarm manager"),
    ("worker", {"/info": encoded({"Swarm": {"ControlAvailable": False, "LocalNodeState": "active"}})},
     "is not a Swarm manager (it is active in the Swarm)"),
    ("no-swarm", {"/info": encoded({"Swarm": {"LocalNodeState": "inactive"}})}, "(it is inactive in the Swarm)"),
    ("html", {"/version": b"<html>hello</html>"}, "is it the address of a docker daemon?"),
    ("html-404", {"/version": fails(404, "page not found")}, "an error 404"),
    ("garbage-list", {"/networks": b"\x00\xff\xfe{"}, "is it the address of a docker daemon?"),
    ("list-is-object", {"/networks": b"{}"}, "in a form that is not known"),
    ("items-are-numbers", {"/services": b"[1, 2]"}, "in a form that is not known"),
    ("labels-are-a-list", {"/services": encoded([{"ID": "1", "Spec": {"Name": "a", "Labels": ["x"]}}])},
     "(Labels is a list)"),
    ("data-not-base64", {"/configs": encoded([{"ID": "1", "Spec": {"Name": "a", "Data": "%%"}}])}, "not base64"),
    ("deep", {"/nodes": b"[" * 100_000}, "is it the address of a docker daemon?"),
    ("service-without-id", {"/services": encoded([{"Spec": {"Name": "a"}}])}, "(an object has no ID)"),
    ("service-without-spec", {"/services": encoded([service("a"), {"ID": "1"}])}, "(an object has no Spec)"),
    ("service-without-name", {"/services": encoded([{"ID": "1", "Spec": {}}])}, "(an object has no Name)"),
    ("service-is-empty", {"/services": b"[{}]"}, "the list of services in a form that is not known"),
    ("network-without-id", {"/networks": encoded([{"Name": "a"}])}, "(an object has no Id)"),
    ("network-without-name", {"/networks": encoded([{"Id": "1", "Name": ""}])}, "(an object has no Name)"),
    ("secret-without-spec", {"/secrets": encoded([{"ID": "1", "Spec": None}])}, "(an object has no Spec)"),
    ("secret-without-name", {"/secrets": encoded([{"ID": "1", "Spec": {}}])}, "(an object has no Name)"),
    ("config-without-id", {"/configs": encoded([{"Spec": {"Name": "a"}}])}, "(an object has no ID)"),
    ("node-without-id", {"/nodes": encoded([{"Spec": {"Role": "manager"}}])}, "(an object has no ID)"),
    ("node-without-spec", {"/nodes": encoded([{"ID": "1"}])}, "(an object has no Spec)"),
    ("503-without-leader", {"/services": fails(503, NO_LEADER)}, "has no Swarm leader (rpc error: code = Unknown desc"),
    ("500-without-leader", {"/services": fails(500, NO_LEADER)}, "bring more than half of the managers online"),
    ("worker-without-leader", {"/info": encoded({"Swarm": {"Error": NO_LEADER}})}, "has no Swarm leader"),
    ("503-of-a-balancer", {"/services": fails(503, "no server is available")}, "error 503 (no server is available)"),
    ("redirect-services", {"/services": sends_on, "/elsewhere": b"[]"}, "redirects the list of services to /elsewhere"),
    ("redirect-version", {"/version": sends_on, "/elsewhere": healthy()["/version"]}, "redirects its version to"),
    ("version-without-api", {"/version": b"{}"}, "its version"),
    ("version-is-odd", {"/version": encoded({"ApiVersion": "new"})}, "its version"),
    ("too-old", {"/version": encoded({"ApiVersion": "1.30"})}, "is older than 17.06.2"),
    ("much-too-old", {"/version": encoded({"ApiVersion": "1.12"})}, "is older than 17.06.2"),
]  # fmt: skip


@pytest.mark.parametrize(("fault", "said"), [pytest.param(*case[1:], id=case[0]) for case in FAULTS])
def test_a_fault_of_the_daemon_is_a_sentence(
    fault: dict[str, Answer], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "stack.yml"
    file.write_text(STACK)
    with managers({**healthy(), **fault}) as (host, server):
        for words in (["check", "--live", "-n", "shop", "-H", host, str(file)], ["status", "-H", host]):
            assert main(words) == 2
            told = capsys.readouterr()
            assert told.out == ""
            (line,) = told.err.splitlines()
            assert said in line
            assert host in line
        assert "/elsewhere" not in server.asked, "a redirect is not followed"


REFUSED = ("secrets", "configs", "nodes")


@pytest.mark.parametrize("kind", REFUSED)
def test_a_list_that_is_refused_is_named_and_the_rest_is_compared(
    kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "stack.yml"
    taken = "services:\n  web:\n    image: a\n    ports: ['80:80']\n    secrets: [s]\n    configs: [c]\n"
    file.write_text(taken + "secrets: {s: {external: true}}\nconfigs: {c: {external: true}}\n")
    holder = service("other")
    holder["Spec"]["EndpointSpec"]["Ports"] = [{"TargetPort": 80, "PublishedPort": 80, "Protocol": "tcp"}]
    with managers({**healthy([holder]), f"/{kind}": fails(403, "access denied")}) as (host, _):
        assert main(["check", "--live", "-n", "shop", "-H", host, str(file), "--format", "json"]) == 2
        found = json.loads(capsys.readouterr().out)
        assert main(["status", "-H", host]) == (2 if kind == "configs" else 0)
        told = capsys.readouterr()
    rules = [one["rule"] for one in found["findings"]]
    assert "port-held-by-service" in rules
    assert rules.count("external-file-missing") == (2 if kind == "nodes" else 1), "not of what nobody has told"
    (unchecked,) = found["unchecked"]
    assert f"the daemon at {host} (--host) refuses the list of {kind} (access denied)" in unchecked["reason"]
    assert "no proxy" in told.out
    assert ("refuses the list of configs" in told.err) is (kind == "configs")


@pytest.mark.parametrize("kind", REFUSED)
def test_nothing_is_deployed_nor_removed_where_a_list_is_refused(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    docker = tmp_path / "docker"
    says = 'echo "Docker version 28.2.2, build e"'
    docker.write_text(f'#!/bin/sh\n[ "$1" = --version ] && {says} || touch {tmp_path}/ran\n')
    docker.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    file = tmp_path / "stack.yml"
    file.write_text("services:\n  web:\n    image: example/web:1\n")
    answers = {**healthy(), "/tasks": b"[]", f"/{kind}": fails(403, "access denied")}
    with managers(answers) as (host, _):
        assert main(["deploy", "-H", host, "-c", str(file), "shop"]) == 2
        said = capsys.readouterr().err
        assert main(["rm", "-H", host, "shop"]) == (0 if kind == "nodes" else 2)
    assert f"refuses the list of {kind} (access denied)" in said
    assert "nothing is deployed (--offline does not look at the cluster)" in said
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("answer", "limits"),
    [
        pytest.param(hangs, {"one_call": 0.3}, id="silent"),
        pytest.param(drips, {"limit": 0.3}, id="a-byte-now-and-then"),
    ],
)
def test_a_slow_daemon_is_not_waited_for(answer: Callable[[Handler], None], limits: dict[str, float]) -> None:
    with pytest.raises(SwarmError, match="too slow"):  # and not for ever, which is how long the daemon takes
        read({**healthy(), "/configs": answer}, **limits)


@pytest.mark.parametrize(
    ("host", "said"),
    [
        pytest.param("unix:///nowhere/docker.sock", "no docker daemon at unix:///nowhere/docker.sock", id="no-socket"),
        pytest.param("tcp://127.0.0.1:1", "no docker daemon at tcp://127.0.0.1:1", id="refused"),
        pytest.param("tcp://host.invalid:2375", "is not known", id="no-such-host"),
        pytest.param("gopher://x", "gopher://x", id="no-such-scheme"),
    ],
)
def test_no_daemon_is_a_sentence(host: str, said: str) -> None:
    with pytest.raises(SwarmError) as caught:
        connect(host=host, env={})
    assert said in str(caught.value)


def _contexts(folder: Path, **hosts: str) -> dict[str, str]:
    """A client's configuration with these contexts, as its environment."""
    import hashlib

    for name, host in hosts.items():
        meta = folder / "contexts" / "meta" / hashlib.sha256(name.encode()).hexdigest()
        meta.mkdir(parents=True)
        (meta / "meta.json").write_text(json.dumps({"Name": name, "Endpoints": {"docker": {"Host": host}}}))
    return {"DOCKER_CONFIG": str(folder)}


ORDER: list[tuple[str, dict[str, Any], dict[str, str], str]] = [
    ("nothing", {}, {}, ""),
    ("config.json", {}, {"current": "blue"}, "tcp://blue:1"),
    ("variable-context", {}, {"current": "blue", "DOCKER_CONTEXT": "green"}, "tcp://green:1"),
    ("variable-host", {}, {"DOCKER_CONTEXT": "green", "DOCKER_HOST": "tcp://h:1"}, "tcp://h:1"),
    ("host", {"host": "tcp://own:1"}, {"DOCKER_HOST": "tcp://h:1", "DOCKER_CONTEXT": "green"}, "tcp://own:1"),
    ("context", {"context": "blue"}, {"DOCKER_HOST": "tcp://h:1", "DOCKER_CONTEXT": "green"}, "tcp://blue:1"),
    ("default-context", {"context": "default"}, {"DOCKER_HOST": "tcp://h:1", "current": "blue"}, "tcp://h:1"),
    ("empty-variables", {}, {"DOCKER_HOST": "", "DOCKER_CONTEXT": "", "current": "blue"}, "tcp://blue:1"),
]


@pytest.mark.parametrize(("given", "env", "host"), [pytest.param(*case[1:], id=case[0]) for case in ORDER])
def test_the_daemon_is_chosen_as_the_client_does(
    given: dict[str, Any], env: dict[str, str], host: str, tmp_path: Path
) -> None:
    from lblint.swarm.endpoint import choose

    env = {**env, **_contexts(tmp_path, blue="tcp://blue:1", green="tcp://green:1")}
    if current := env.pop("current", None):
        (tmp_path / "config.json").write_text(json.dumps({"currentContext": current}))
    assert choose(given.get("context"), given.get("host"), env).host == host


@pytest.mark.parametrize(
    ("given", "config_json", "said"),
    [
        pytest.param({"context": "nope"}, "", "the docker context 'nope'", id="unknown-context"),
        pytest.param({}, '{"currentContext": "nope"}', "the docker context 'nope'", id="unknown-current"),
        pytest.param(
            {"context": "blue", "host": "tcp://x:1"}, "", "--host and --context exclude each other", id="both"
        ),
        pytest.param({}, "{oops", "is not JSON", id="bad-config"),
        pytest.param({"context": "../../x"}, "", "the docker context .* does not exist", id="path-in-a-name"),
    ],
)
def test_what_names_no_daemon_is_never_the_local_one(
    given: dict[str, str], config_json: str, said: str, tmp_path: Path
) -> None:
    env = _contexts(tmp_path, blue="tcp://blue:1")
    if config_json:
        (tmp_path / "config.json").write_text(config_json)
    with pytest.raises(SwarmError, match=said):
        connect(given.get("context"), given.get("host"), env)


def test_tls_of_the_environment_and_of_a_context(tmp_path: Path) -> None:
    from lblint.swarm.endpoint import Tls, choose

    certs = tmp_path / "certs"
    certs.mkdir()
    (certs / "ca.pem").write_text("")
    env = {"DOCKER_HOST": "tcp://h:2376", "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(certs)}
    assert choose(None, None, env).tls == Tls(str(certs / "ca.pem"), "", "", True)
    assert choose(None, None, {"DOCKER_HOST": "tcp://h:2375"}).tls is None
    env = _contexts(tmp_path, blue="tcp://blue:2376")
    (meta,) = (tmp_path / "contexts" / "meta").iterdir()
    own = tmp_path / "contexts" / "tls" / meta.name / "docker"
    own.mkdir(parents=True)
    (own / "ca.pem").write_text("")
    assert choose("blue", None, env).tls == Tls(str(own / "ca.pem"), "", "", True)


def test_tls_is_spoken_and_verified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "another.pem"))
    pem = tmp_path / "server.pem"
    pem.write_text(confinement.pem())
    with managers_by_tls(healthy([service("web")]), pem) as host:
        env = {"DOCKER_HOST": host, "DOCKER_CERT_PATH": str(tmp_path)}
        swarm = connect(env={**env, "DOCKER_TLS": "1"})
        assert [one.name for one in snapshot(swarm).services] == ["web"]
        swarm.close()
        with pytest.raises(SwarmError, match=r"there is no .*ca\.pem"):
            connect(env={**env, "DOCKER_TLS_VERIFY": "1"})
        (tmp_path / "ca.pem").write_text(confinement.pem())  # trusted, and of another host
        with pytest.raises(SwarmError, match="cannot be reached by TLS"):
            connect(env={**env, "DOCKER_TLS_VERIFY": "1"})
        with pytest.raises(SwarmError):
            connect(env=env)


def test_host_and_context_are_for_live_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "stack.yml"
    file.write_text(STACK)
    assert main(["check", "-H", "tcp://127.0.0.1:1", str(file)]) == 2
    assert "--live" in capsys.readouterr().err
