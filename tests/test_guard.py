"""`lblint guard run` as the authorization plugin of a real dockerd, with real clients and with raw requests."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import docker_client
from hypothesis import given, settings
from hypothesis import strategies as st
from swarm import IMAGE, Swarm, manager
from test_gate import GRAVE, LABELS, STACK, options

import lblint
from lblint.guard.api_call import Call, change

pytestmark = [pytest.mark.needs_swarm, pytest.mark.needs_docker28]
PLUGINS = Path("/run/docker/plugins")


class Guarded:
    """A manager with a guard before it."""

    def __init__(self, swarm: Swarm, host: str, guard: Guard) -> None:
        self.swarm, self.host, self.guard = swarm, host, guard

    def docker(self, *words: str, docker: str = "") -> subprocess.CompletedProcess[str]:
        """Run docker."""
        command = [docker or self.swarm.docker, "-H", self.swarm.host, *words]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)

    def create(self, name: str = "web", docker: str = "", **labels: str) -> subprocess.CompletedProcess[str]:
        """`docker service create` with labels of Interlock."""
        words = ("service", "create", "-d", "--no-resolve-image", "--name", name, "--network", "front")
        return self.docker(*words, *options(LABELS | labels), IMAGE, docker=docker)

    def raw(self, method: str, uri: str, body: bytes = b"", **headers: str) -> tuple[int, str, Any]:
        """Send bytes as they are; the status, the type and the JSON of the answer."""
        connection = http.client.HTTPConnection("docker", timeout=60)
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(self.swarm.host.removeprefix("unix://"))
        try:
            connection.putrequest(method, uri, skip_host=True, skip_accept_encoding=True)
            fields = {"Host": "docker", "Content-Type": "application/json", "Content-Length": str(len(body))}
            fields |= {name.replace("_", "-"): value for name, value in headers.items()}
            for name, value in fields.items():
                if value:
                    connection.putheader(name, value)
            connection.endheaders()
            with contextlib.suppress(BrokenPipeError):  # it has answered already
                connection.send(body)
            answer = connection.getresponse()
            kind = answer.getheader("Content-Type", "")
            try:
                text = answer.read()
            except ConnectionResetError:  # it did not want the body
                return answer.status, "", None
            return answer.status, kind, json.loads(text) if text and "json" in kind else None
        finally:
            connection.close()

    def names(self) -> list[str]:
        """The services that there are."""
        return sorted(self.docker("service", "ls", "--format", "{{.Name}}").stdout.split())

    def host_of(self, name: str) -> str:
        """The label hosts of a service."""
        format_ = '{{index .Spec.Labels "com.docker.lb.hosts"}}'
        return self.docker("service", "inspect", "--format", format_, name).stdout.strip()


class Guard:
    """The process of a guard."""

    def __init__(self, socket_: str, host: str, folder: Path) -> None:
        self.command = [sys.executable, "-m", "lblint", "guard", "run", "--socket", socket_, "--host", host,
                        "--log", str(folder / "log"), "--timeout", "20"]  # fmt: skip
        self.folder, self.socket = folder, socket_
        self.env = os.environ | {"PYTHONPATH": str(Path(lblint.__file__).parent.parent)}
        self.start()

    def start(self) -> None:
        """Start it, and wait until it serves."""
        self.process = subprocess.Popen(self.command, env=self.env, cwd=self.folder, stderr=subprocess.PIPE, text=True)
        assert self.process.stderr is not None
        line = self.process.stderr.readline()
        assert "the guard serves" in line, line

    def stop(self, number: int = signal.SIGTERM) -> int:
        """End it; its exit code."""
        self.process.send_signal(number)
        code = self.process.wait(30)
        assert self.process.stderr is not None
        self.process.stderr.close()
        return code

    def logged(self) -> list[dict[str, Any]]:
        """What it has logged."""
        return [json.loads(line) for line in (self.folder / "log").read_text().splitlines()]


@pytest.fixture(scope="module")
def guarded() -> Iterator[Guarded]:
    """A manager of its own that asks a guard."""
    docker = docker_client("28")
    assert docker is not None
    if os.geteuid():
        pytest.skip("dockerd looks for plugins in a folder of root's")
    with tempfile.TemporaryDirectory(prefix="lblint-guard-") as name:
        folder = Path(name)
        plugin = f"lblint{os.getpid()}"
        host = f"unix://{folder}/d.sock"
        (folder / ".lblint.yml").write_text('domains: ["*.example.org"]\n')
        guard = Guard(str(PLUGINS / f"{plugin}.sock"), host, folder)
        try:
            with manager(docker, "-H", host, "--authorization-plugin", plugin) as swarm:
                swarm.run("network", "create", "--driver", "overlay", "front")
                yield Guarded(swarm, host, guard)
        finally:
            guard.stop(signal.SIGKILL)
            with contextlib.suppress(OSError):
                (PLUGINS / f"{plugin}.sock").unlink()


@pytest.fixture
def clean(guarded: Guarded) -> Iterator[Guarded]:
    """The manager, without services afterwards."""
    yield guarded
    guarded.swarm.remove("gate")
    names = guarded.names()
    if names:
        guarded.docker("service", "rm", *names)


@pytest.mark.parametrize("client", ["28", pytest.param("20.10", marks=pytest.mark.needs_docker20)])
def test_services_are_created_updated_and_rolled_back_under_it(clean: Guarded, client: str) -> None:
    docker = docker_client(client) or ""
    refused = clean.create(docker=docker, hosts=GRAVE)
    assert refused.returncode == 1
    assert "authorization denied by plugin" in refused.stderr
    assert "[invalid-host]" in refused.stderr
    assert clean.names() == []
    assert clean.guard.logged()[-1]["value"] == GRAVE
    other = clean.create(docker=docker, hosts="bank.example.net")
    assert "[host-not-allowed]" in other.stderr

    made = clean.create(docker=docker)
    assert (made.returncode, clean.host_of("web")) == (0, "web.example.org"), made.stderr
    taken = clean.create("second", docker, ssl_cert="c", ssl_key="k")  # the first one is known at once
    assert "[shared-host-differs]" in taken.stderr
    bad = clean.docker("service", "update", "-d", "--label-add", f"com.docker.lb.hosts={GRAVE}", "web", docker=docker)
    assert (bad.returncode, clean.host_of("web")) == (1, "web.example.org")
    good = clean.docker(
        "service", "update", "-d", "--label-add", "com.docker.lb.hosts=b.example.org", "web", docker=docker
    )
    assert (good.returncode, clean.host_of("web")) == (0, "b.example.org"), good.stderr
    back = clean.docker("service", "update", "-d", "--rollback", "web", docker=docker)
    assert (back.returncode, clean.host_of("web")) == (0, "web.example.org"), back.stderr


def test_a_stack_is_deployed_under_it(clean: Guarded, tmp_path: Path) -> None:
    words = ("stack", "deploy", "--resolve-image=never", "-c", str(tmp_path / "stack.yml"), "gate")
    (tmp_path / "stack.yml").write_text(STACK.format(image=IMAGE, host="two.example.org"))
    done = clean.docker(*words)
    assert done.returncode == 0, done.stderr
    (tmp_path / "stack.yml").write_text(STACK.format(image=IMAGE, host=GRAVE))
    assert clean.docker(*words).returncode == 1
    assert (clean.names(), clean.host_of("gate_two")) == (["gate_one", "gate_two"], "two.example.org")


def spec(host: str, name: str = "raw", padding: int = 0) -> bytes:
    """The body of a call."""
    labels = {f"com.docker.lb.{key}": value for key, value in (LABELS | {"hosts": host}).items()}
    return json.dumps({
        "Name": name, "Labels": labels | ({"padding": "x" * padding} if padding else {}),
        "TaskTemplate": {"ContainerSpec": {"Image": IMAGE}, "Networks": [{"Target": "front"}]},
    }).encode()  # fmt: skip


@pytest.mark.parametrize(("body", "headers"), [
    (spec(GRAVE), {"Content_Type": "text/plain"}),
    (spec(GRAVE), {"Content_Type": ""}),
    (spec(GRAVE, padding=1_200_000), {}),
    (spec(GRAVE, padding=1024 * 1024 - 400), {}),
    (b"%x\r\n%b\r\n0\r\n\r\n" % (len(spec(GRAVE)), spec(GRAVE)),
     {"Content_Length": "", "Transfer_Encoding": "chunked"}),
    (b'{"labels": {"com.docker.lb.hosts": "a b"}, ' + spec("ok.example.org")[1:], {}),
    (spec("ok.example.org")[:-1] + b', "Labels": {"com.docker.lb.hosts": "a b"}}', {}),
    (spec(GRAVE) + b"{}", {}),
])  # fmt: skip
def test_no_form_of_a_body_slips_through(clean: Guarded, body: bytes, headers: dict[str, str]) -> None:
    status, _, answer = clean.raw("POST", "/v1.41/services/create", body, **headers)
    assert clean.names() == []
    assert status in (400, 403), answer


def test_small_and_large_good_bodies_are_taken(clean: Guarded) -> None:
    assert clean.raw("POST", "/services/create", spec("a.example.org", "small"))[0] == 201
    large = spec("b.example.org", "large", padding=900_000)
    assert clean.raw("POST", "//v1.41/../services/./create", large)[0] in (301, 307, 308)
    assert clean.raw("POST", "/v1.41/services/create", large)[0] == 201
    assert clean.names() == ["large", "small"]


PIECES = st.sampled_from([
    "/", "//", "/./", "/../", "services", "create", "update", "web", "v1.41", "%2f", "%2F", "%63reate", "Services", "?",
    "#", ";", "http://x", "%", "%zz", "update?rollback=previous", "\\", "..",
])  # fmt: skip
WHOLE = st.sampled_from(["/services/create", "/v1.41/services/web/update"])


@given(st.lists(PIECES, min_size=2, max_size=7).map("".join) | WHOLE)
@settings(max_examples=400, deadline=None)
def test_every_path_that_the_daemon_takes_for_one_of_the_two_calls_is_recognised(guarded: Guarded, uri: str) -> None:
    status, kind, answer = guarded.raw("POST", uri, b"{")
    reached = "json" in kind and isinstance(answer, dict) and answer.get("message") != "page not found"
    if reached and status not in (404, 405) and "/services" in uri.casefold().replace("%2f", "/"):
        assert change(Call("POST", uri)) is not None, answer


def test_calls_wait_for_a_guard_that_was_killed_and_none_slips_through(clean: Guarded) -> None:
    results: list[tuple[int, str, Any]] = []
    threads = [
        threading.Thread(target=lambda n=n: results.append(  # type: ignore[misc]
            clean.raw("POST", "/v1.41/services/create", spec(GRAVE if n % 2 else f"h{n}.example.org", f"s{n}"))
        ))
        for n in range(20)
    ]  # fmt: skip
    for at, thread in enumerate(threads):
        thread.start()
        if at == 10:
            clean.guard.stop(signal.SIGKILL)
    time.sleep(1)
    clean.guard.start()
    for thread in threads:
        thread.join(60)
    made = clean.names()
    assert all(int(name[1:]) % 2 == 0 for name in made), made
    assert sorted({status for status, _, _ in results} - {201}) in ([403], [403, 500])
    assert len(made) == sum(status == 201 for status, _, _ in results)
    done = clean.create("after")
    assert done.returncode == 0, done.stderr


def test_status_says_what_was_decided(guarded: Guarded) -> None:
    command = [sys.executable, "-m", "lblint", "guard", "status", "--socket", guarded.guard.socket, "--format", "json"]
    guarded.create("again", hosts=GRAVE)
    done = subprocess.run(command, env=guarded.guard.env, capture_output=True, text=True, check=True, timeout=60)
    state = json.loads(done.stdout)
    assert state["decisions"]["refused"] > 0
    assert (state["events"], state["audit"]) == (True, False)
    assert state["snapshot_age"] >= 0
