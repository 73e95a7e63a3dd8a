"""Debian's chromium, without a window: what becomes of a page in it, and whether the page asks for anything."""

from __future__ import annotations

import os
import re
import shutil
import socketserver
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import NamedTuple

from pictures import Page

QUIET = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--enable-logging=stderr", "--virtual-time-budget=5000")  # fmt: skip
DARK = "--blink-settings=preferredColorScheme=0"


@cache
def chromium() -> str | None:
    """The path of the browser."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


class Seen(NamedTuple):
    """A page after its script has run, and what the browser's console says of it."""

    dom: Page
    text: str
    console: list[str]

    def told(self, name: str) -> str:
        """What a probe has written into `data-<name>` of the body."""
        return self.dom.named("body")[0][f"data-{name}"] or ""


def see(file: Path, *options: str, width: int = 1280, fragment: str = "") -> Seen:
    """Open a file in a window of a width, wait until its script has run, and take what is there."""
    home = file.parent / f"home-{file.stem}"
    home.mkdir(exist_ok=True)
    window = (f"--user-data-dir={home}", f"--window-size={width},900", "--dump-dom")
    env = {"PATH": os.environ["PATH"], "HOME": str(home)}
    command = [chromium() or "", *QUIET, *options, *window, file.as_uri() + fragment]
    done = subprocess.run(command, env=env, capture_output=True, timeout=60, check=True)
    console = re.findall(r"CONSOLE.*?\] (.*)", done.stderr.decode("utf-8", "replace"))
    text = done.stdout.decode()
    return Seen(Page(text), text, console)


class _Answer(socketserver.StreamRequestHandler):
    timeout = 5
    server: _Listener

    def handle(self) -> None:
        self.server.lines += 1
        with suppress(OSError):  # a browser may open a line and say nothing
            self.server.asked.append(self.rfile.readline().decode("latin-1").strip())
            self.wfile.write(b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n")


class _Listener(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.asked: list[str] = []
        self.lines = 0

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    @property
    def requests(self) -> set[str]:
        """What was asked for: the paths of requests."""
        return {line.split(" ")[1] for line in self.asked if line}


@contextmanager
def listener() -> Iterator[_Listener]:
    """A port of this machine that hears who calls: a page that loads anything from it is found out."""
    with _Listener() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()
