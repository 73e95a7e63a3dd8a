"""A stand-in for a daemon: the Engine API on a unix socket, as far as a snapshot asks it, and with its faults."""

from __future__ import annotations

import base64
import contextlib
import http.server
import json
import shutil
import socket
import socketserver
import ssl
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from lblint.swarm.model import STACK_LABEL

Answer = bytes | Callable[["Handler"], None]


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers GET by the path without its version."""

    protocol_version = "HTTP/1.1"
    server: Server | TlsServer

    def address_string(self) -> str:
        """There is none on a unix socket."""
        return "test"

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""

    def do_GET(self) -> None:
        """Say what was given for the path, or 404."""
        parts = self.path.partition("?")[0].split("/")
        path = "/" + "/".join(parts[2:] if parts[1].startswith("v1.") else parts[1:])
        self.server.asked.append(path)
        answer = self.server.answers.get(path)
        if answer is None:
            self.say(404, {"message": f"{path} not found"})
        elif callable(answer):
            answer(self)
        else:
            self.say(200, answer)

    def say(self, status: int, body: Any) -> None:
        """Send a body: bytes as they are, all else as JSON."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """The socket, what is answered, and the paths that were asked for."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, path: str, answers: dict[str, Answer]) -> None:
        super().__init__(path, Handler)
        self.answers = answers
        self.asked: list[str] = []

    def handle_error(self, request: Any, client_address: Any) -> None:
        """The other side has gone away, as some tests want it."""


@contextlib.contextmanager
def managers(answers: dict[str, Answer]) -> Iterator[tuple[str, Server]]:
    """A daemon with these answers: its address, and itself."""
    folder = Path(tempfile.mkdtemp(prefix="lblint-api-"))
    server = Server(str(folder / "api.sock"), answers)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"unix://{folder}/api.sock", server
    finally:
        server.shutdown()
        server.server_close()
        shutil.rmtree(folder, ignore_errors=True)


class TlsServer(socketserver.ThreadingMixIn, socketserver.TCPServer):
    """The same by TCP and TLS, on loopback."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, answers: dict[str, Answer], pem: Path) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers = answers
        self.asked: list[str] = []
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(pem)

    def get_request(self) -> tuple[socket.socket, Any]:
        """A connection, in TLS."""
        plain, address = super().get_request()
        return self.tls.wrap_socket(plain, server_side=True), address

    def handle_error(self, request: Any, client_address: Any) -> None:
        """The other side does not trust the certificate."""


@contextlib.contextmanager
def managers_by_tls(answers: dict[str, Answer], pem: Path) -> Iterator[str]:
    """A daemon with these answers, behind TLS with this certificate and key: its address."""
    server = TlsServer(answers, pem)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"tcp://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def encoded(document: Any) -> bytes:
    """A document as the daemon sends it."""
    return json.dumps(document).encode()


def fails(status: int, message: str) -> Callable[[Handler], None]:
    """An answer that is an error of the daemon's."""
    return lambda handler: handler.say(status, {"message": message})


def dies(handler: Handler) -> None:
    """The daemon dies in the middle of its answer."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    handler.wfile.write(b"[{")
    handler.close_connection = True


def hangs(handler: Handler) -> None:
    """The daemon says nothing."""
    time.sleep(5)
    handler.close_connection = True


def drips(handler: Handler) -> None:
    """The daemon sends a byte now and then, so that no call is ever silent for long."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    for _ in range(100):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.05)
    handler.close_connection = True


def healthy(
    services: Any = (), networks: Any = (), configs: Any = (), secrets: Any = (), nodes: Any = (), api: str = "1.41"
) -> dict[str, Answer]:
    """The answers of a manager that has these objects, in the API's own form."""
    return {
        "/version": encoded({"ApiVersion": api, "Version": "20.10.24"}),
        "/info": encoded({"Swarm": {"ControlAvailable": True, "LocalNodeState": "active"}}),
        "/services": encoded(list(services)),
        "/networks": encoded(list(networks)),
        "/configs": encoded(list(configs)),
        "/secrets": encoded(list(secrets)),
        "/nodes": encoded(list(nodes)),
        "/tasks": encoded([]),
    }


def service(name: str, stack: str = "", networks: list[str] | None = None, **more: Any) -> dict[str, Any]:
    """A service in the API's form; `more` are labels, with `_` for the dot."""
    labels = {STACK_LABEL: stack} if stack else {}
    labels.update({"com.docker.lb." + key: value for key, value in more.items()})
    return {
        "ID": "id-" + name,
        "Version": {"Index": 7},
        "Spec": {
            "Name": name,
            "Labels": labels,
            "TaskTemplate": {
                "ContainerSpec": {"Image": "example/web:1@sha256:00"},
                "Networks": [{"Target": network, "Aliases": [name]} for network in networks or []],
            },
            "Mode": {"Replicated": {"Replicas": 2}},
            "EndpointSpec": {"Mode": "vip"},
        },
        "ServiceStatus": {"RunningTasks": 2, "DesiredTasks": 2, "CompletedTasks": 0},
    }


def network(name: str, stack: str = "") -> dict[str, Any]:
    """A network in the API's form."""
    return {
        "Id": "id-" + name, "Name": name, "Scope": "swarm", "Driver": "overlay", "Ingress": False,
        "Labels": {STACK_LABEL: stack} if stack else None, "Options": None,
        "IPAM": {"Driver": "default", "Options": None, "Config": [{"Subnet": "10.0.1.0/24"}]},
    }  # fmt: skip


def config(name: str, data: bytes, stack: str = "") -> dict[str, Any]:
    """A config in the API's form."""
    spec = {"Name": name, "Labels": {STACK_LABEL: stack} if stack else {}, "Data": base64.b64encode(data).decode()}
    return {"ID": "id-" + name, "Spec": spec}


def crowd(services: int, networks: int) -> dict[str, Answer]:
    """A manager with so many services, each with a route and a config, and so many networks."""
    return healthy(
        [
            service(f"s{i // 10}_web{i}", f"s{i // 10}", [f"id-net{i % networks}"],
                    hosts=f"app{i}.example.org", port="8080", network=f"net{i % networks}")
            for i in range(services)
        ],
        [network(f"net{i}") for i in range(networks)],
        [config(f"conf{i}", b"x" * 1000, f"s{i // 10}") for i in range(services)],
        nodes=[{"ID": "n1", "Spec": {"Role": "manager", "Availability": "active"}, "Status": {"State": "ready"},
                "Description": {"Hostname": "n1"}}],
    )  # fmt: skip
