"""On a real Swarm whose daemon has an authorization plugin: who may not see a list is told which, and by whom."""

from __future__ import annotations

import http.server
import json
import os
import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest
from conftest import docker_client
from swarm import Swarm, manager

from lblint.cli import main

pytestmark = [pytest.mark.needs_swarm, pytest.mark.needs_docker28]

NAME = f"lblint{os.getpid()}"
STACK = "services:\n  web:\n    image: lbtest/busybox:1\n"


class Plugin(http.server.BaseHTTPRequestHandler):
    """Denies what stands in `denied`, as the words between the slashes of a path."""

    denied: ClassVar[set[str]] = set()

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])) or b"{}")
        words = asked.get("RequestUri", "").partition("?")[0].split("/")
        allow = not self.denied & set(words[2:3])
        answers = {"/Plugin.Activate": {"Implements": ["authz"]}, "/AuthZPlugin.AuthZRes": {"Allow": True}}
        self._say(answers.get(self.path, {"Allow": allow, "Msg": "" if allow else "you may not"}))

    def _say(self, answer: object) -> None:
        data = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def address_string(self) -> str:
        return "socket"

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def guarded() -> Iterator[Swarm]:
    """A manager whose daemon asks the plugin."""
    docker = docker_client("28")
    assert docker is not None
    folder = Path("/run/docker/plugins")
    folder.mkdir(parents=True, exist_ok=True)
    socket = folder / f"{NAME}.sock"
    with socketserver.ThreadingUnixStreamServer(str(socket), Plugin) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            with manager(docker, "--authorization-plugin", NAME) as swarm:
                yield swarm
                Plugin.denied.clear()
        finally:
            server.shutdown()
            thread.join()
            socket.unlink()


@pytest.mark.parametrize("kind", ["services", "networks", "secrets", "configs", "nodes"])
def test_the_list_and_the_plugin_are_named(
    guarded: Swarm, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Plugin, "denied", {kind})
    monkeypatch.setenv("PATH", str(Path(guarded.docker).parent), prepend=":")
    file = tmp_path / "stack.yml"
    file.write_text(STACK)
    for words in (["check", "--live", "-n", "shop", str(file)], ["deploy", "-c", str(file), "shop"]):
        assert main([words[0], "-H", guarded.host, *words[1:]]) == 2
        told = capsys.readouterr()
        assert f"refuses the list of {kind}" in told.out + told.err
        assert f"denied by plugin {NAME}: you may not" in told.out + told.err
    monkeypatch.setattr(Plugin, "denied", set())
    assert guarded.run("service", "ls", "-q").stdout == ""
    assert main(["check", "--live", "-H", guarded.host, "-n", "shop", str(file)]) == 0
