"""A daemon behind `ssh://`: each connection to it is an ssh that runs `docker system dial-stdio` over there.

Source: docker/cli cli/connhelper/connhelper.go and ssh/ssh.go. The docker SDK does the same, but logs in for every
call, leaves the programs behind, forgets its time limits, and needs paramiko, which it then does not use. So it is
given a unix socket of ours; what is accepted there becomes the stdin and stdout of the user's own ssh, and all of them
share one login.
"""

from __future__ import annotations

import contextlib
import os
import shlex
from typing import IO, TYPE_CHECKING

from lblint.lazy_re import pattern
from lblint.records import NamedTuple
from lblint.swarm.errors import SwarmError

if TYPE_CHECKING:
    import socket
    import subprocess

CONNECT = 15
"""Seconds that ssh may take to connect."""
_USER = pattern(r"[A-Za-z0-9_][A-Za-z0-9_.@\\+-]{0,100}")
_HOST = pattern(r"[A-Za-z0-9_:][A-Za-z0-9_.:%-]{0,253}")


class Way(NamedTuple):
    """How ssh gets to a host, and the command that is the daemon's connection over there."""

    options: tuple[str, ...]
    host: str
    there: str

    def login(self, control: str) -> list[str]:
        """The ssh that logs in, for the others to share by the socket `control`. It has a connection to the daemon as
        well, which ends with its stdin: so nothing is left should we be killed."""
        return self._ssh("-M", "-S", control)

    def connection(self, control: str) -> list[str]:
        """One connection to the daemon."""
        return self._ssh("-o", "ControlMaster=no", "-S", control)

    def _ssh(self, *words: str) -> list[str]:
        return ["ssh", "-o", f"ConnectTimeout={CONNECT}", "-T", *words, *self.options, "--", self.host, self.there]


def way(url: str) -> Way:
    """The way to an address like `ssh://user@host:22/run/docker.sock`. Raises `SwarmError` for what is none."""
    from urllib.parse import unquote, urlsplit

    odd = f"{url} is no address by ssh: write it as ssh://user@host:port"
    if not url.isprintable():  # urlsplit would drop line ends without a word
        raise SwarmError(odd)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise SwarmError(odd) from None
    user, _, place = parts.netloc.rpartition("@")
    host = place[1:].partition("]")[0] if place.startswith("[") else place.partition(":")[0]
    if parts.password is not None:
        raise SwarmError("an address by ssh holds no password: use a key")
    if parts.query or parts.fragment or not _HOST.fullmatch(host) or (user and not _USER.fullmatch(unquote(user))):
        raise SwarmError(odd)
    chosen = [*(["-l", unquote(user)] if user else []), *(["-p", str(port)] if port is not None else [])]
    socket_there = ["--host", f"unix://{unquote(parts.path)}"] if parts.path not in ("", "/") else []
    return Way(tuple(chosen), host, shlex.join(["docker", *socket_there, "system", "dial-stdio"]))


class Started(NamedTuple):
    """An ssh, and what it writes to stderr."""

    process: subprocess.Popen[bytes]
    errors: IO[bytes]

    def end(self) -> None:
        """End it, if it has not ended."""
        if self.process.stdin:
            self.process.stdin.close()
        self.process.terminate()
        self.process.wait()
        self.errors.close()


class Tunnel:
    """A unix socket that leads to the daemon of an address, until it is closed."""

    def __init__(self, url: str) -> None:
        """Raises `SwarmError` where there is no such way, and `OSError` where no socket can be made."""
        import shutil
        import socket
        import tempfile
        import threading

        self.way = way(url)
        if shutil.which("ssh") is None or not hasattr(socket, "AF_UNIX"):
            raise SwarmError(f"{url} is reached by ssh, and there is no ssh client on PATH: install one")
        self.folder = tempfile.mkdtemp(prefix="lblint-")
        self.control = os.path.join(self.folder, "c")
        self.started: list[Started] = []
        self.login: Started | None = None
        self.listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self.listening.bind(os.path.join(self.folder, "s"))
            self.listening.listen()
        except OSError:
            self.close()
            raise
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def address(self) -> str:
        """The socket, as the address of a daemon."""
        return f"unix://{self.folder}/s"

    def _serve(self) -> None:
        """Start an ssh for each connection; the system carries its bytes."""
        with contextlib.suppress(OSError):  # closed
            while True:
                connection, _ = self.listening.accept()
                with connection:
                    if self._logged_in():
                        for ended in [tunnel for tunnel in self.started if tunnel.process.poll() is not None]:
                            self.started.remove(ended)
                            ended.end()
                        self.started.append(self._start(self.way.connection(self.control), connection))

    def _logged_in(self) -> bool:
        """Log in, if that is not done or has ended; whether it went well."""
        import time

        if self.login is None or self.login.process.poll() is not None:
            self.login = self._start(self.way.login(self.control))
            self.started.append(self.login)
        while self.login.process.poll() is None:
            if os.path.exists(self.control):
                return True
            time.sleep(0.01)
        return False

    def _start(self, command: list[str], connection: socket.socket | None = None) -> Started:
        import subprocess
        import tempfile

        errors = tempfile.TemporaryFile()  # noqa: SIM115
        ends = (connection.fileno(),) * 2 if connection else (subprocess.PIPE, subprocess.DEVNULL)
        return Started(subprocess.Popen(command, stdin=ends[0], stdout=ends[1], stderr=errors), errors)

    def said(self) -> str:
        """Why the last ssh has ended, in its own words, which it gets a second for; "" while it runs."""
        import subprocess

        if not self.started:
            return ""
        process, errors = self.started[-1]
        try:
            if not process.wait(1):
                return ""
        except subprocess.TimeoutExpired:
            return ""
        errors.seek(0)
        lines = errors.read(10_000).decode("utf-8", "replace").splitlines()
        return next((line.strip() for line in reversed(lines) if line.strip()), f"ssh ended with {process.returncode}")

    def close(self) -> None:
        """End all of it."""
        import shutil
        import socket

        with contextlib.suppress(OSError):
            self.listening.shutdown(socket.SHUT_RDWR)
        self.listening.close()
        for tunnel in self.started:
            tunnel.end()
        self.started.clear()
        shutil.rmtree(self.folder, ignore_errors=True)
