"""A real nginx that runs a trial config, with small servers on loopback behind it: what the traffic tests share."""

from __future__ import annotations

import fcntl
import http.client
import json
import os
import random
import socket
import ssl
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

import pytest
from nginx import SETTINGS, Sandbox, certificate, kinds, sandbox
from routes import ingress

from lblint.interlock.routes import Ingress, Route
from lblint.proxy import Settings, trial


class Backend(BaseHTTPRequestHandler):
    """Tells what it was asked, and at which of its addresses: 127.0.<number of the route>.<number of the target>."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.headers.get("Upgrade") == "websocket":
            self.send_response(101)
            self.send_header("Upgrade", "websocket")
            self.send_header("Connection", "Upgrade")
            self.end_headers()
            self.wfile.write(self.rfile.readline().upper())
            self.close_connection = True
            return
        said = {
            "address": self.connection.getsockname()[0],
            "path": self.path,
            "headers": {name.lower(): value for name, value in self.headers.items()},
        }
        body = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


class Answer(NamedTuple):
    """What a client saw. `backend` is the number of the route that answered, `target` that of its task."""

    status: int
    location: str | None
    said: dict[str, Any]

    @property
    def backend(self) -> int:
        return int(self.said["address"].split(".")[2])

    @property
    def target(self) -> int:
        return int(self.said["address"].split(".")[3])


class Proxy(NamedTuple):
    """A running nginx."""

    port: int
    ssl_port: int
    box: Sandbox

    def get(self, host: str, path: str = "/", tls: bool = False, **headers: str) -> Answer:
        connection: http.client.HTTPConnection
        if tls:
            raw = self.connect_tls(host)
            connection = http.client.HTTPConnection("127.0.0.1")
            connection.sock = raw
        else:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", path, headers={"Host": host, **headers})
        response = connection.getresponse()
        body = response.read()
        connection.close()
        said = json.loads(body) if body.startswith(b"{") else {}
        return Answer(response.status, response.getheader("Location"), said)

    def connect_tls(self, host: str) -> ssl.SSLSocket:
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context.wrap_socket(
            socket.create_connection(("127.0.0.1", self.ssl_port), timeout=30), server_hostname=host
        )

    def upgrade(self, host: str, path: str) -> tuple[int, str]:
        """The status of a websocket handshake, and the echo of a line sent after it."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as client:
            client.sendall(
                f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n".encode()
            )
            stream = client.makefile("rb")
            status = int(stream.readline().split()[1])
            if status != 101:
                return status, ""
            while stream.readline().strip():
                pass
            client.sendall(b"hello\n")
            return status, stream.readline().decode().strip()


def serve(tls: bool = False) -> ThreadingHTTPServer:
    """A backend on a free port of every loopback address."""
    server = ThreadingHTTPServer(("0.0.0.0", 0), Backend)
    server.daemon_threads = True
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate("backend"))
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


@pytest.fixture(scope="module")
def backend() -> Iterator[int]:
    """The port of a service that answers, and speaks websockets."""
    yield from _served(serve())


@pytest.fixture(scope="module")
def tls_backend() -> Iterator[int]:
    """The port of one that speaks TLS."""
    yield from _served(serve(tls=True))


def _served(server: ThreadingHTTPServer) -> Iterator[int]:
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


@contextmanager
def free_ports(count: int) -> Iterator[int]:
    """The first of so many free ports in a row, kept from other runs of these tests while they are used."""
    bases = list(range(21000, 32000, count))
    random.SystemRandom().shuffle(bases)
    for base in bases:
        with open(os.path.join(tempfile.gettempdir(), f"lblint-ports-{base}"), "w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                with ExitStack() as held:
                    for port in range(base, base + count):
                        held.enter_context(socket.socket()).bind(("0.0.0.0", port))
            except OSError:
                continue
            yield base
            os.unlink(lock.name)
            return
    raise AssertionError("no free ports")


@contextmanager
def running(*routes: Route, faults: Sequence[str] = ()) -> Iterator[Proxy]:
    """nginx with the trial config of these routes, which must have these faults."""
    made = ingress(*routes)
    assert kinds(trial(made, SETTINGS).faults) == list(faults)
    with serving(made) as proxy:
        yield proxy


@contextmanager
def serving(made: Ingress, settings: Settings = SETTINGS) -> Iterator[Proxy]:
    """nginx with the trial config of an ingress, its made-up targets (10.x.y.z) put on loopback (127.x.y.z)."""
    with free_ports(20) as base, sandbox() as box:
        settings = settings._replace(port=base, ssl_port=base + 1, first_loopback_port=base + 2)
        tried = trial(made, settings)
        box.write(tried.text.replace("server 10.", "server 127."))
        (box.folder / "html" / "503.html").write_text("nobody here")
        process = subprocess.Popen(
            box.command("-g", "daemon off;"), stderr=subprocess.PIPE, cwd=box.folder, env={}, **box.rights()
        )
        try:
            wait(process, base)
            yield Proxy(base, base + 1, box)
        finally:
            process.terminate()
            process.communicate(timeout=20)


def wait(process: subprocess.Popen[bytes], port: int) -> None:
    """Until nginx listens."""
    for _ in range(1000):
        assert process.poll() is None, process.communicate()[1].decode()
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise AssertionError("nginx does not listen")
