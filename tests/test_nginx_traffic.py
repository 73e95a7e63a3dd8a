"""Real requests through a real nginx that runs the trial config, with small servers on loopback behind it."""

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
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

import pytest
from nginx import SETTINGS, Sandbox, certificate, kinds, sandbox
from routes import ingress, route

from lblint.interlock.routes import Route
from lblint.proxy import trial

pytestmark = pytest.mark.needs_nginx


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
    server = serve()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def tls_backend() -> Iterator[int]:
    server = serve(tls=True)
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
    """nginx with the trial config of these routes, its made-up targets (10.x.y.z) put on loopback (127.x.y.z)."""
    with free_ports(20) as base, sandbox() as box:
        settings = SETTINGS._replace(port=base, ssl_port=base + 1, first_loopback_port=base + 2)
        tried = trial(ingress(*routes), settings)
        assert kinds(tried.faults) == list(faults)
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


def test_hosts(backend: int) -> None:
    routes = route("web", hosts="www.example.org,example.org", port=backend), route("b", hosts="b.org", port=backend)
    with running(*routes) as proxy:
        assert proxy.get("www.example.org", "/x?y=1").said["path"] == "/x?y=1"
        answers = {host: proxy.get(host).backend for host in ("www.example.org", "example.org", "EXAMPLE.org", "b.org")}
        assert answers == {"www.example.org": 0, "example.org": 0, "EXAMPLE.org": 0, "b.org": 1}
        assert proxy.get("b.org").said["headers"]["host"] == "b.org"
        assert proxy.get("nobody.org").status == 503


def test_targets_take_turns(backend: int) -> None:
    with running(route(hosts="a.org", port=backend, targets=3)) as proxy:
        assert Counter(proxy.get("a.org").target for _ in range(30)) == {1: 10, 2: 10, 3: 10}


def test_canary_by_number_of_tasks(backend: int) -> None:
    blue, green = (route(name, hosts="a.org", port=backend, targets=n) for name, n in (("blue", 3), ("green", 1)))
    with running(blue, green) as proxy:
        assert Counter(proxy.get("a.org").backend for _ in range(40)) == {0: 30, 1: 10}


def test_options_come_from_the_first_service(backend: int) -> None:
    blue, green = route("b", hosts="a.org", port=backend), route("g", hosts="a.org", port=backend, context_root="/g")
    with running(blue, green) as proxy:
        assert {proxy.get("a.org", "/").backend for _ in range(4)} == {0, 1}
    with running(green, blue) as proxy:
        assert proxy.get("a.org", "/other").status == 404
        assert {proxy.get("a.org", "/g").backend for _ in range(4)} == {0, 1}


def test_context_root(backend: int) -> None:
    with running(route(hosts="a.org", port=backend, context_root="/app")) as proxy:
        assert proxy.get("a.org", "/app/x").said["path"] == "/app/x"
        assert proxy.get("a.org", "/application").said["path"] == "/application"
        assert proxy.get("a.org", "/other").status == 404


def test_context_root_with_rewrite(backend: int) -> None:
    with running(route(hosts="a.org", port=backend, context_root="/app", context_root_rewrite=True)) as proxy:
        assert proxy.get("a.org", "/app/api/").said["path"] == "/api/"
        assert proxy.get("a.org", "/app/style.css").said["path"] == "/style.css"
        moved = proxy.get("a.org", "/app/api?q=1")
        assert (moved.status, (moved.location or "").partition("a.org")[2].partition("/")[2]) == (301, "app/api/?q=1")


def test_websocket(backend: int) -> None:
    with running(route(hosts="a.org", port=backend, websocket_endpoints="/ws")) as proxy:
        assert proxy.upgrade("a.org", "/ws") == (101, "HELLO")
        assert proxy.upgrade("a.org", "/")[0] == 200
        assert "origin" not in proxy.get("a.org", "/ws", Origin="http://evil.org").said["headers"]
        assert proxy.get("a.org", "/", Origin="http://a.org").said["headers"]["origin"] == "http://a.org"


def test_websocket_at_the_root(backend: int) -> None:
    with running(route(hosts="a.org", port=backend, websocket_endpoints="/")) as proxy:
        assert proxy.upgrade("a.org", "/any") == (101, "HELLO")
        assert proxy.get("a.org").status == 200


def test_redirect(backend: int) -> None:
    redirects = [("http://old.org", "http://new.org")]
    with running(route(hosts="old.org,new.org", port=backend, redirects=redirects)) as proxy:
        moved = proxy.get("old.org", "/x?y=1")
        assert (moved.status, moved.location) == (302, "http://new.org/x?y=1")
        assert proxy.get("new.org").backend == 0


def test_sticky_cookie(backend: int) -> None:
    with running(route(hosts="a.org", port=backend, targets=4, sticky_session_cookie="sid")) as proxy:
        seen = {cookie: {proxy.get("a.org", Cookie=f"sid={cookie}").target for _ in range(5)} for cookie in range(20)}
        assert {len(targets) for targets in seen.values()} == {1}
        assert len(set.union(*seen.values())) > 1


def test_ip_hash(backend: int) -> None:
    with running(route(hosts="a.org", port=backend, targets=4, ip_hash=True)) as proxy:
        assert len({proxy.get("a.org").target for _ in range(12)}) == 1


def test_default_backend(backend: int) -> None:
    with running(route("d", default_backend=True, port=backend), route(hosts="a.org", port=backend)) as proxy:
        assert proxy.get("nobody.org").backend == 0
        assert proxy.get("a.org").backend == 1


def test_tls_by_sni(backend: int) -> None:
    tls = {"port": backend, "ssl_cert": "cert", "ssl_key": "key"}
    a, b = route("a", hosts="a.org", websocket_endpoints="/ws", **tls), route("b", hosts="b.org", **tls)
    with running(a, b) as proxy:
        assert proxy.get("a.org", tls=True).backend == 0
        assert proxy.get("b.org", tls=True).backend == 1
        assert proxy.get("b.org").backend == 1
        assert proxy.get("a.org", "/ws", tls=True, Origin="http://x").said["headers"]["origin"] == "a.org"
        assert proxy.get("a.org", tls=True).said["headers"]["x-forwarded-for"] == "127.0.0.1"
        with pytest.raises((ssl.SSLError, ConnectionError)):
            proxy.connect_tls("nobody.org")


def test_redirect_to_https(backend: int) -> None:
    redirects = [("http://a.org", "https://a.org")]
    with running(route(hosts="a.org", port=backend, ssl_cert="cert", ssl_key="key", redirects=redirects)) as proxy:
        moved = proxy.get("a.org", "/x")
        assert (moved.status, moved.location) == (302, "https://a.org/x")
        assert proxy.get("a.org", "/x", tls=True).backend == 0


def test_passthrough(backend: int, tls_backend: int) -> None:
    through = route("pt", hosts="pt.org", port=tls_backend, ssl_passthrough=True, targets=2)
    with running(through, route("b", hosts="b.org", port=backend, ssl_cert="cert", ssl_key="key")) as proxy:
        own = ssl.PEM_cert_to_DER_cert(certificate("backend").read_text().partition("-----BEGIN PRIVATE")[0])
        with proxy.connect_tls("pt.org") as client:
            assert client.getpeercert(binary_form=True) == own
        with proxy.connect_tls("b.org") as client:
            assert client.getpeercert(binary_form=True) != own
        answers = [proxy.get("pt.org", tls=True) for _ in range(4)]
        assert {answer.target for answer in answers} == {1, 2}
        assert "x-forwarded-for" not in answers[0].said["headers"]
        assert proxy.get("pt.org").status == 503


def test_passthrough_reaches_the_first_service_alone(tls_backend: int) -> None:
    tls = {"hosts": "a.org", "port": tls_backend, "ssl_passthrough": True}
    with running(route("a", **tls), route("b", **tls)) as proxy:
        assert {proxy.get("a.org", tls=True).backend for _ in range(4)} == {0}


def test_a_wildcard_takes_what_no_name_takes(backend: int) -> None:
    wild, exact = route("w", hosts="*.a.org", port=backend), route("e", hosts="x.a.org", port=backend)
    with running(wild, exact) as proxy:
        assert [proxy.get(host).backend for host in ("y.a.org", "x.a.org")] == [0, 1]
        assert proxy.get("a.org").status == 503


def test_a_cookie_name_cut_short_sends_everybody_to_one_task(backend: int) -> None:
    made = route(hosts="a.org", port=backend, targets=4, sticky_session_cookie="my-session")
    with running(made, faults=["CutCookie"]) as proxy:
        assert len({proxy.get("a.org", Cookie=f"my-session={value}").target for value in range(20)}) == 1


def test_a_path_without_slash_is_never_asked_for(backend: int) -> None:
    with running(route(hosts="a.org", port=backend, context_root="app"), faults=["UnmatchedLocation"]) as proxy:
        assert proxy.get("a.org", "/app").status == 404


def test_a_tls_wildcard_is_taken_literally(backend: int) -> None:
    made = route(hosts="*.a.org", port=backend, ssl_cert="cert", ssl_key="key")
    with running(made, faults=["TlsWildcard"]) as proxy:
        assert proxy.get("x.a.org").backend == 0
        with pytest.raises((ssl.SSLError, ConnectionError)):
            proxy.connect_tls("x.a.org")
