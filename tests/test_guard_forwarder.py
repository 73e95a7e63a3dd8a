"""The socket of `lblint gate`: what the daemon gets, what the client gets back, and what never gets out."""

from __future__ import annotations

import contextlib
import json
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lblint.guard.api_call import Call
from lblint.guard.decision import LET_THROUGH, Decision

h11 = pytest.importorskip("h11")

from lblint.guard.forwarder import Forwarder  # noqa: E402

Script = Callable[[socket.socket], None]
OK = b"HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Length: 2\r\n\r\nOK"


class Daemon:
    """A stand-in: keeps what comes over each connection, and answers as its script says."""

    def __init__(self, folder: Path, script: Script) -> None:
        self.path, self.script = str(folder / "daemon"), script
        self.calls = 0
        self.listening = socket.socket(socket.AF_UNIX)
        self.listening.bind(self.path)
        self.listening.listen()
        threading.Thread(target=self.run, daemon=True).start()

    def run(self) -> None:
        """Serve until the test ends."""
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listening.accept()
                self.calls += 1
                threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection: socket.socket) -> None:
        """One connection."""
        with connection, contextlib.suppress(OSError):
            self.script(connection)

    def connect(self) -> socket.socket:
        """As the forwarder connects."""
        opened = socket.socket(socket.AF_UNIX)
        try:
            opened.connect(self.path)
        except OSError:
            opened.close()
            raise
        return opened


def until(connection: socket.socket, end: bytes) -> bytes:
    """What comes until, and with, some bytes; b"" ends it, too."""
    got = b""
    while not got.endswith(end) and (more := connection.recv(1 if len(end) < 5 else 65536)):
        got += more
    return got


def request(connection: socket.socket) -> tuple[bytes, bytes]:
    """The head and the body of one request, as its Content-Length or its chunks say."""
    head = until(connection, b"\r\n\r\n")
    fields = {line.partition(b":")[0].lower(): line.partition(b":")[2].strip() for line in head.split(b"\r\n")[1:]}
    if b"content-length" in fields:
        body = b""
        while len(body) < int(fields[b"content-length"]):
            body += connection.recv(65536)
        return head, body
    return head, until(connection, b"0\r\n\r\n") if b"transfer-encoding" in fields else b""


@contextlib.contextmanager
def forwarding(
    script: Script, decide: Callable[[Call], Decision] = lambda call: LET_THROUGH
) -> Iterator[tuple[Daemon, socket.socket]]:
    """A forwarder before a stand-in, and a client's connection to it."""
    with tempfile.TemporaryDirectory() as name:
        daemon = Daemon(Path(name), script)
        forwarder = Forwarder(f"{name}/gate", daemon.connect, decide)
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(20)
            client.connect(f"{name}/gate")
            try:
                yield daemon, client
            finally:
                forwarder.close()
                daemon.listening.close()


def read_answer(client: socket.socket) -> tuple[int, dict[str, str], bytes]:
    """One answer: its status, its fields and its body."""
    http = h11.Connection(h11.CLIENT)
    http.send(h11.Request(method="GET", target="/", headers=[("Host", "x")]))
    http.send(h11.EndOfMessage())
    status, fields, body = 0, {}, b""
    while True:
        event = http.next_event()
        if event is h11.NEED_DATA:
            http.receive_data(client.recv(1))
        elif isinstance(event, h11.Response):
            status = event.status_code
            fields = {name.decode(): value.decode() for name, value in event.headers}
        elif isinstance(event, h11.Data):
            body += event.data
        elif isinstance(event, h11.EndOfMessage | h11.ConnectionClosed):
            return status, fields, body


def test_a_call_reaches_the_daemon_as_it_was_and_the_answer_the_client() -> None:
    got: list[bytes] = []

    def script(connection: socket.socket) -> None:
        got.extend(request(connection))
        connection.sendall(OK)

    with forwarding(script) as (daemon, client):
        for _ in range(3):  # the client's own connection is kept
            client.sendall(b"GET /v1.41/info?a=%2f HTTP/1.1\r\nHost: docker\r\nX-Meta: a b\r\n\r\n")
            status, fields, body = read_answer(client)
            assert (status, fields["api-version"], body) == (200, "1.41", b"OK")
        assert daemon.calls == 3
    assert got[0].startswith(b"GET /v1.41/info?a=%2f HTTP/1.1\r\nHost: docker\r\nX-Meta: a b\r\n")
    assert b"connection: close" in got[0].lower()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=70_000), max_size=4), st.booleans(), st.booleans())
def test_bodies_pass_both_ways(pieces: list[bytes], chunked_up: bool, chunked_down: bool) -> None:
    whole = b"".join(pieces)

    def chunks() -> bytes:
        return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"

    def script(connection: socket.socket) -> None:
        http = h11.Connection(h11.SERVER)
        body = b""
        while not isinstance(event := http.next_event(), h11.EndOfMessage):
            if event is h11.NEED_DATA:
                http.receive_data(connection.recv(65536))
            elif isinstance(event, h11.Data):
                body += event.data
        framing = b"Transfer-Encoding: chunked" if chunked_down else b"Content-Length: %d" % len(body)
        connection.sendall(b"HTTP/1.1 200 OK\r\n" + framing + b"\r\n\r\n" + (chunks() if chunked_down else body))

    with forwarding(script) as (_, client):
        framing = b"Transfer-Encoding: chunked" if chunked_up else b"Content-Length: %d" % len(whole)
        head = b"POST /v1.41/images/load HTTP/1.1\r\nHost: x\r\n" + framing + b"\r\n\r\n"
        sending = threading.Thread(target=client.sendall, args=(head + (chunks() if chunked_up else whole),))
        sending.start()
        assert read_answer(client)[::2] == (200, whole)
        sending.join()


def test_an_answer_comes_while_the_body_is_still_sent_and_piece_by_piece() -> None:
    def script(connection: socket.socket) -> None:
        until(connection, b"\r\n\r\n")
        assert until(connection, b"first\r\n")
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n")
        assert until(connection, b"0\r\n\r\n")
        connection.sendall(b"3\r\ntwo\r\n0\r\n\r\n")

    with forwarding(script) as (_, client):
        client.sendall(b"POST /build HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n")
        assert until(client, b"one\r\n").endswith(b"one\r\n")  # before the body has ended
        client.sendall(b"0\r\n\r\n")
        assert until(client, b"0\r\n\r\n").endswith(b"two\r\n0\r\n\r\n")


def test_what_follows_a_101_is_handed_through_both_ways_with_half_closes() -> None:
    def script(connection: socket.socket) -> None:
        head, body = request(connection)
        assert b"Upgrade: tcp" in head
        assert body == b'{"Tty":true}'
        connection.sendall(b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nhello ")
        echoed = b""
        while data := connection.recv(65536):
            echoed += data
        connection.sendall(echoed)

    with forwarding(script) as (_, client):
        client.sendall(b"POST /v1.41/exec/1/start HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n"
                       b'Content-Type: application/json\r\nContent-Length: 12\r\n\r\n{"Tty":true}')  # fmt: skip
        assert until(client, b"hello ").endswith(b"hello ")
        sent = bytes(range(256)) * 2000
        client.sendall(sent)
        client.shutdown(socket.SHUT_WR)
        back = b""
        while data := client.recv(65536):
            back += data
        assert back == sent


def test_a_client_that_leaves_a_stream_ends_it_for_the_daemon() -> None:
    ended = threading.Event()

    def script(connection: socket.socket) -> None:
        request(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nlog\r\n")
        if not connection.recv(1):
            ended.set()

    with forwarding(script) as (_, client):
        client.sendall(b"GET /services/web/logs?follow=1 HTTP/1.1\r\nHost: x\r\n\r\n")
        until(client, b"log\r\n")
        client.close()
        assert ended.wait(20)


CREATE = b"POST /v1.41/services/create HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


def refuses(call: Call) -> Decision:
    """Refuse all that is asked about."""
    return Decision(False, f"no: {(call.body or b'').decode()}")


@pytest.mark.parametrize(
    "framing", [b"Content-Length: 2\r\n\r\n{}", b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"]
)
def test_a_refused_call_does_not_reach_the_daemon_and_the_next_one_does(framing: bytes) -> None:
    def script(connection: socket.socket) -> None:
        request(connection)
        connection.sendall(OK)

    with forwarding(script, refuses) as (daemon, client):
        client.sendall(CREATE + framing)
        status, _, body = read_answer(client)
        assert (status, json.loads(body)) == (403, {"message": "no: {}"})
        assert daemon.calls == 0
        client.sendall(b"GET /_ping HTTP/1.1\r\nHost: x\r\n\r\n")
        assert read_answer(client)[0] == 200


def test_an_allowed_body_arrives_whole_with_its_length() -> None:
    got: list[tuple[bytes, bytes]] = []

    def script(connection: socket.socket) -> None:
        got.append(request(connection))
        connection.sendall(OK)

    with forwarding(script) as (_, client):
        client.sendall(CREATE + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n")
        assert read_answer(client)[0] == 200
    ((head, body),) = got
    assert body == b"{}"
    assert head.lower().count(b"content-length: 2") == 1
    assert b"transfer-encoding" not in head.lower()


HIDDEN = CREATE + b"Content-Length: 2\r\n\r\n{}"


@pytest.mark.parametrize("hiding", [
    # a second call in the body of a first, for a reader that takes the other of two lengths
    b"GET /info HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: %d\r\n\r\n%b",
    b"POST /info HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n%b",
    b"POST /info HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n%b",
    b"POST /info HTTP/1.1\r\nHost: x\r\nContent-Length: 0, %d\r\n\r\n%b",
    b"POST /info HTTP/1.1\r\nHost: x\r\nContent-Length : %d\r\n\r\n%b",
    b"POST /info HTTP/1.1\r\nHost: x\r\nX: a\r\n Content-Length: %d\r\n\r\n%b",
    b"POST /info HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0;%d\r\n\r\n%b",
    # one that asks to leave HTTP, and of which the daemon does not know
    b"GET /info HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nX: %d\r\n\r\n%b",
    b"GET /info HTTP/1.0\r\nConnection: keep-alive\r\nX: %d\r\n\r\n%b",
])  # fmt: skip
def test_no_second_call_hides_behind_a_first(hiding: bytes) -> None:
    got: list[bytes] = []
    ended = threading.Event()

    def script(connection: socket.socket) -> None:
        head, _ = request(connection)
        got.append(head.split(b"\r\n")[0])
        connection.sendall(OK)
        while data := connection.recv(65536):
            got.append(data)

    with forwarding(script, refuses) as (daemon, client):
        client.sendall(hiding % (len(HIDDEN), HIDDEN))
        client.shutdown(socket.SHUT_WR)
        with contextlib.suppress(OSError):
            while client.recv(65536):
                pass
        ended.wait(0.05)
        assert daemon.calls <= 1
    assert not any(b"services/create" in part for part in got)


@given(st.binary(max_size=300))
@settings(max_examples=60, deadline=None)
def test_no_bytes_stop_it(junk: bytes) -> None:
    def script(connection: socket.socket) -> None:
        request(connection)
        connection.sendall(OK)

    with forwarding(script) as (daemon, client):
        client.sendall(junk)
        client.shutdown(socket.SHUT_WR)
        with contextlib.suppress(OSError):
            while client.recv(65536):
                pass
        with socket.socket(socket.AF_UNIX) as other:
            other.settimeout(20)
            other.connect(daemon.path.replace("daemon", "gate"))
            other.sendall(b"GET /_ping HTTP/1.1\r\nHost: x\r\n\r\n")
            assert read_answer(other)[0] == 200


@pytest.mark.parametrize(("answer", "status"), [
    (b"", 502), (b"nonsense\r\n\r\n", 502), (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", 502),
])  # fmt: skip
def test_a_daemon_that_answers_nothing_sensible_is_named(answer: bytes, status: int) -> None:
    def script(connection: socket.socket) -> None:
        request(connection)
        connection.sendall(answer)

    with forwarding(script) as (_, client):
        client.sendall(b"GET /info HTTP/1.1\r\nHost: x\r\n\r\n")
        got, _, body = read_answer(client)
        assert got == status
        assert "lblint" in json.loads(body)["message"]


def test_a_daemon_that_is_gone_is_named() -> None:
    with forwarding(lambda connection: None) as (daemon, client):
        daemon.path += "-gone"
        client.sendall(b"GET /info HTTP/1.1\r\nHost: x\r\n\r\n")
        status, _, body = read_answer(client)
        assert (status, json.loads(body)["message"]) == (
            502, "lblint does not reach the daemon: No such file or directory",
        )  # fmt: skip
