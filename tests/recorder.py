"""A stand-in for a manager that takes all that `docker stack deploy` sends, and keeps the services' specs."""

from __future__ import annotations

import contextlib
import http.server
import json
import os
import shutil
import socketserver
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

_LISTS = {"services", "networks", "secrets", "configs"}


class Handler(http.server.BaseHTTPRequestHandler):
    """Lists are empty but for what was made; every name is found once it was asked for."""

    protocol_version = "HTTP/1.1"
    server: Server

    def address_string(self) -> str:
        """There is none on a unix socket."""
        return "test"

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""

    def do_HEAD(self) -> None:
        """Say which API is spoken."""
        self._say(200, b"")

    def do_GET(self) -> None:
        """Answer as a manager that has all external objects by the names that are asked for."""
        path = self.path.partition("?")[0].split("/")
        parts = path[2:] if path[1].startswith("v1.") else path[1:]
        if parts == ["_ping"]:
            self._say(200, b"OK")
        elif parts == ["version"]:
            self._say(200, {"ApiVersion": "1.41", "Version": "20.10.24", "MinAPIVersion": "1.12"})
        elif parts == ["info"]:
            self._say(200, {"Swarm": {"ControlAvailable": True, "LocalNodeState": "active"}})
        elif parts[0] == "networks" and len(parts) > 1:
            self._say(200, {"Id": "id-" + parts[1], "Name": parts[1], "Scope": "swarm", "Driver": "overlay"})
        elif parts[0] in ("secrets", "configs") and "filters=" in self.path:
            self._say(200, self._asked_for())
        else:
            self._say(200, [])

    def do_POST(self) -> None:
        """Keep the spec of a service, and take all else."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if "/services/create" in self.path:
            self.server.specs.append(json.loads(body))
        self._say(201, {"ID": f"made{len(self.server.specs)}", "Id": "made", "Warnings": None})

    def _asked_for(self) -> list[dict[str, Any]]:
        from urllib.parse import parse_qs, urlsplit

        filters = json.loads(parse_qs(urlsplit(self.path).query)["filters"][0])
        names = filters.get("name", {})
        return [{"ID": "id-" + name, "Spec": {"Name": name}} for name in names]

    def _say(self, status: int, body: Any) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Api-Version", "1.41")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """The socket and the specs that came."""

    daemon_threads = True

    def __init__(self, path: str) -> None:
        super().__init__(path, Handler)
        self.specs: list[dict[str, Any]] = []


@contextlib.contextmanager
def recorder() -> Iterator[Server]:
    """A manager that records; its address is `unix://` and `server.server_address`."""
    folder = tempfile.mkdtemp(prefix="lblint-recorder-")
    server = Server(os.path.join(folder, "api.sock"))
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        shutil.rmtree(folder)


def specs(docker: str, files: Sequence[Path], name: str, env: dict[str, str]) -> list[dict[str, Any]] | None:
    """What a client sends of the services of a stack; None where it refuses the files."""
    words = [word for file in files for word in ("-c", str(file))]
    with recorder() as server:
        environment = {"PATH": os.environ["PATH"], "HOME": tempfile.gettempdir(), **env,
                       "DOCKER_HOST": f"unix://{server.server_address!s}"}  # fmt: skip
        command = [docker, "stack", "deploy", *words, "--resolve-image", "never", name]
        done = subprocess.run(command, env=environment, capture_output=True, timeout=60)
        return server.specs if done.returncode == 0 else None
