"""The protocol of the guard, over a real socket and with a stand-in for dockerd: what it answers, and how soon."""

from __future__ import annotations

import base64
import http.client
import json
import os
import shutil
import socket
import ssl
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nginx import certificate
from test_guard_decision import BREAKS_PROXY, GOOD, PLAIN, Managers, call

from lblint.cli import main
from lblint.cli.guard import served_socket
from lblint.finding import Finding
from lblint.guard.api_call import Call
from lblint.guard.authorization import JUDGES, MOST_WAITING, Authorizer, Outcome
from lblint.guard.decision import Policy
from lblint.guard.plugin import SCHEMA, Plugin, listening_on, read_call
from lblint.guard.systemd import SOCKET, files, report_alive, watchdog_seconds


class Guard:
    """A guard on a socket, and what it has logged."""

    def __init__(self, folder: Path, managers: Any, **more: Any) -> None:
        self.path, self.log, self.changes = str(folder / "guard.sock"), [], 0  # type: ignore[var-annotated]
        policy = more.pop("policy", Policy())
        self.authorizer = Authorizer(managers, policy, more.pop("seconds", 5.0), record=self.log.append, **more)
        self.plugin = Plugin(listening_on(self.path), self.authorizer, self.changed, lambda: {"schema": SCHEMA})
        threading.Thread(target=self.plugin.serve_forever, daemon=True).start()

    def changed(self) -> None:
        """Count the calls that may have changed a service."""
        self.changes += 1

    def post(self, path: str, document: Any, raw: bytes | None = None) -> dict[str, Any]:
        """Ask as dockerd does."""
        connection = http.client.HTTPConnection("guard", timeout=30)
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.connect(self.path)
        try:
            connection.request("POST", path, json.dumps(document).encode() if raw is None else raw)
            answer: dict[str, Any] = json.loads(connection.getresponse().read())
            return answer
        finally:
            connection.close()

    def asks(self, body: Any, uri: str = "/v1.41/services/create", **more: Any) -> dict[str, Any]:
        """The answer to a call."""
        return self.post("/AuthZPlugin.AuthZReq", asked(body, uri, **more))


def asked(body: Any, uri: str, method: str = "POST", kind: str = "application/json", **more: Any) -> dict[str, Any]:
    """What dockerd asks."""
    document = {"RequestMethod": method, "RequestUri": uri, "RequestHeaders": {"Content-Type": kind}, **more}
    if body is not None:
        document["RequestBody"] = base64.b64encode(json.dumps(body).encode()).decode()
    return document


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short name: that of a socket has 107 bytes at most."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def test_dockerd_is_answered_in_its_protocol(folder: Path) -> None:
    guard = Guard(folder, Managers())
    assert guard.post("/Plugin.Activate", {}) == {"Implements": ["authz"]}
    assert guard.asks(GOOD) == {"Allow": True}
    refused = guard.asks(BREAKS_PROXY, User="anna")
    assert refused["Allow"] is False
    assert refused["Msg"].startswith("lblint refuses this service: ")
    assert guard.asks(None, "/v1.41/containers/json", method="GET") == {"Allow": True}
    assert not guard.asks(None)["Allow"]
    assert not guard.asks(None, kind="text/plain")["Allow"]
    assert guard.changes == 0
    assert guard.post("/AuthZPlugin.AuthZRes", asked(GOOD, "/v1.41/services/web/update")) == {"Allow": True}
    assert guard.changes == 1
    first = guard.log[0]
    assert (first["decision"], first["user"], first["service"], first["rule"], first["value"]) == (
        "refused", "anna", "web", "invalid-host", "web example.org",
    )  # fmt: skip
    assert len(guard.log) == 3
    assert guard.authorizer.outcomes == {"allowed": 1, "refused": 3, "passed": 1}


def test_audit_says_and_lets_through(folder: Path) -> None:
    guard = Guard(folder, Managers(), audit=True)
    assert guard.asks(BREAKS_PROXY) == {"Allow": True}
    assert guard.log[0]["decision"] == "audited"


@pytest.mark.parametrize("document", [
    b"", b"[]", b"{}", b"{", b'{"RequestMethod": "POST"}', b'{"RequestMethod": 1, "RequestUri": "/services/create"}',
    b'{"RequestMethod": "POST", "RequestUri": "/services/create", "RequestBody": "*"}',
    b'{"RequestMethod": "POST", "RequestUri": "/services/create", "RequestHeaders": []}', b'{"a":' * 50_000,
])  # fmt: skip
def test_what_is_not_understood_is_refused(document: bytes, folder: Path) -> None:
    guard = Guard(folder, Managers())
    answer = guard.post("/AuthZPlugin.AuthZReq", None, document)
    assert answer["Allow"] is False
    assert "lblint" in answer["Msg"]


@given(st.binary(max_size=100))
def test_no_bytes_are_taken_for_a_call(body: bytes) -> None:
    with pytest.raises(ValueError, match="it "):
        read_call(body)


class Slow(Managers):
    """Managers that answer when they are let."""

    def __init__(self) -> None:
        super().__init__()
        self.go = threading.Event()

    def judge(self, wanted: Mapping[str, Any]) -> Sequence[Finding]:
        """The findings, late."""
        self.go.wait(20)
        return super().judge(wanted)


def test_a_slow_manager_holds_up_no_call_for_longer_than_the_limit(folder: Path) -> None:
    slow = Slow()
    guard = Guard(folder, slow, seconds=0.2)
    answers: list[dict[str, Any]] = []
    threads = [threading.Thread(target=lambda: answers.append(guard.asks(GOOD))) for _ in range(12)]
    begun = time.monotonic()
    for thread in threads:
        thread.start()
    assert guard.asks(None, "/v1.41/info", method="GET") == {"Allow": True}  # nested calls of the guard's own pass
    for thread in threads:
        thread.join()
    assert time.monotonic() - begun < 10
    slow.go.set()
    assert [answer["Allow"] for answer in answers] == [False] * 12
    assert all(" within 0.2 seconds" in answer["Msg"] or " within 2 seconds" in answer["Msg"] for answer in answers)
    assert {entry["decision"] for entry in guard.log} == {"failed"}


def test_a_full_queue_is_decided_on_at_once() -> None:
    slow = Slow()
    authorizer = Authorizer(slow, Policy(on_failure="allow"), 20)
    outcomes: list[Outcome] = []
    waiting = [threading.Thread(target=lambda: outcomes.append(authorizer.authorize(call(GOOD))), daemon=True)
               for _ in range(JUDGES + MOST_WAITING)]  # fmt: skip
    for thread in waiting:
        thread.start()
    end = time.monotonic() + 20
    while (outcome := authorizer.authorize(call(GOOD))).kind == "allowed" and time.monotonic() < end:
        time.sleep(0.01)
    assert outcome.kind == "unjudged"
    assert "other calls are being judged" in outcome.decision.failure
    slow.go.set()
    for thread in waiting:
        thread.join(20)
    assert {outcome.kind for outcome in outcomes} == {"allowed"}
    authorizer.stop()
    assert authorizer.authorize(call(GOOD)).decision.failure == "the guard is stopping"


@pytest.mark.parametrize(("uri", "allowed"), [
    ("/services/web/update", True), ("/services/web/update?rollback=previous", False),
    ("/services/web/update?rollback=none&rollback=previous", False),
])  # fmt: skip
def test_a_rollback_in_want_of_time_is_not_taken_for_its_body(uri: str, allowed: bool) -> None:
    """The body has no labels; what comes back may have some."""
    slow = Slow()
    slow.service = lambda name: slow.go.wait(20) and {}  # type: ignore[method-assign,assignment,return-value]
    authorizer = Authorizer(slow, Policy(), 0.2)
    outcome = authorizer.authorize(call(PLAIN, uri))
    slow.go.set()
    assert outcome.allowed is allowed


class Broken(Managers):
    """A mistake of lblint's own."""

    def judge(self, wanted: Mapping[str, Any]) -> Sequence[Finding]:
        """Fail."""
        raise ZeroDivisionError


@pytest.mark.parametrize(("body", "kind"), [(GOOD, "failed"), (PLAIN, "allowed")])
def test_a_mistake_of_lblint_is_a_failure_to_judge(body: Any, kind: str) -> None:
    assert Authorizer(Broken(), Policy(), 5).authorize(call(body)).kind == kind


def test_a_socket_that_was_left_is_replaced_and_one_that_is_served_is_not(folder: Path) -> None:
    first = listening_on(str(folder / "a" / "s"))
    with pytest.raises(FileExistsError):
        listening_on(str(folder / "a" / "s"))
    first.close()
    listening_on(str(folder / "a" / "s")).close()
    assert os.stat(folder / "a" / "s").st_mode & 0o777 == 0o600


def test_status_needs_a_guard(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["guard", "status", "--socket", str(folder / "none")]) == 2
    assert "no guard answers" in capsys.readouterr().err


@pytest.mark.parametrize("answer", [
    b'HTTP/1.1 404 Not Found\r\nContent-Length: 27\r\n\r\n{"message":"page not found"}',
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n{", b"what?", b"",
])  # fmt: skip
def test_what_is_no_guard_is_said(answer: bytes, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(folder / "s"))
        listening.listen()

        def serve() -> None:
            accepted, _ = listening.accept()
            with accepted:
                accepted.recv(65536)
                accepted.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        assert main(["guard", "status", "--socket", str(folder / "s")]) == 2
    assert "no guard answers at" in capsys.readouterr().err


def test_the_files_of_the_system_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["guard", "install"]) == 2
    assert (
        main(["guard", "install", "--print", "--", "--audit", "--log", "/var/log/lb lint.log", "--host", "$x%h"]) == 0
    )
    printed = capsys.readouterr().out
    assert f"ListenStream={SOCKET}\n" in printed
    assert "guard run --audit --log '/var/log/lb lint.log' --host '$$x%%h'\n" in printed
    assert json.loads(next(text for path, text in files("python", ()).items() if path.endswith("json")))


@pytest.mark.parametrize(("words", "why"), [
    (["--listen", "0.0.0.0:1"], "--listen needs --tls-cert"),
    (["--tls-cert", "x"], "need --listen"),
    (["--metrics", "nowhere"], "is no address"),
    (["--log", "/no/such/folder/log"], "cannot be written"),
    (["--socket", "/proc/none/s"], "cannot be served"),
    (["--listen", "127.0.0.1:0", "--tls-cert", "/no", "--tls-key", "/no", "--tls-ca", "/no"], "cannot be served"),
])  # fmt: skip
def test_what_cannot_be_served_is_said(words: list[str], why: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["guard", "run", *words]) == 2
    assert why in capsys.readouterr().err


def test_a_call_without_body_is_no_call_with_an_empty_one() -> None:
    assert read_call(json.dumps(asked(None, "/x")).encode()) == Call("POST", "/x", "application/json", None)


def test_systemd_hears_that_it_serves_and_no_more_when_it_hangs(folder: Path) -> None:
    stopped, alive = threading.Event(), [True, True, False]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(folder / "notify"))
        env = {"NOTIFY_SOCKET": str(folder / "notify"), "WATCHDOG_USEC": "30000"}

        def answers() -> bool:
            if len(alive) == 1:
                stopped.set()
            return alive.pop(0)

        report_alive(answers, stopped, env)
        assert [systemd.recv(100) for _ in range(3)] == [b"READY=1", b"WATCHDOG=1", b"WATCHDOG=1"]
        systemd.setblocking(False)
        with pytest.raises(BlockingIOError):
            systemd.recv(100)
    report_alive(answers, stopped, {})
    assert watchdog_seconds({"WATCHDOG_USEC": "x"}) == 0


def test_what_is_decided_is_counted_for_prometheus(folder: Path) -> None:
    metrics = pytest.importorskip("lblint.guard.metrics")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    count = metrics.serve_metrics("127.0.0.1", port, lambda: 1.5)
    authorizer = Authorizer(Managers(), Policy(), 5, count=count)
    for body in (GOOD, BREAKS_PROXY, BREAKS_PROXY):
        authorizer.authorize(call(body))
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/metrics")
    text = connection.getresponse().read().decode()
    connection.close()
    assert 'lblint_guard_decisions_total{decision="refused"} 2.0\n' in text
    assert 'lblint_guard_decisions_total{decision="audited"} 0.0\n' in text
    assert "lblint_guard_seconds_count 3.0\n" in text
    assert "lblint_guard_snapshot_age_seconds 1.5\n" in text


def test_tls_wants_the_certificate_of_dockerd(folder: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("no openssl to make certificates with")
    pem = str(certificate("guard"))
    listening, wrap = served_socket("", "127.0.0.1:0", pem, pem, pem)
    plugin = Plugin(listening, Authorizer(Managers(), Policy(), 5), lambda: None, dict, wrap)
    threading.Thread(target=plugin.serve_forever, daemon=True).start()
    answers = []
    for known in (True, False):
        context = ssl.create_default_context(cafile=pem)
        context.check_hostname = False
        if known:
            context.load_cert_chain(pem)
        connection = http.client.HTTPSConnection(*listening.getsockname(), timeout=10, context=context)
        try:
            connection.request("POST", "/Plugin.Activate", b"{}")
            answers.append(connection.getresponse().read())
        except OSError:
            answers.append(b"refused")
        finally:
            connection.close()
    assert answers == [b'{"Implements": ["authz"]}', b"refused"]
