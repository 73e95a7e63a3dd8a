"""The docker client: which one, its version, and how it is run so that signals and the terminal reach it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

from lblint.lazy_re import pattern
from lblint.records import NamedTuple

if TYPE_CHECKING:
    from subprocess import Popen

_VERSION = pattern(r"Docker version ([0-9][0-9A-Za-z.+~-]{0,60})")
_ORIGINAL = "DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND"
NOT_STARTED = 127
SILENCE = 60.0
"""Seconds that one docker command without a terminal may take."""
LATER = 3.0
"""Seconds in which docker ends by a Ctrl-C of its own."""


class ClientError(Exception):
    """There is no docker client that could be used; the text says why."""


class Docker(NamedTuple):
    """A docker client: its path, its version ("" where it does not say), and the words that choose the daemon."""

    path: str
    version: str
    daemon: tuple[str, ...] = ()

    def command(self, *words: str) -> list[str]:
        """The whole command line."""
        return [self.path, *self.daemon, *words]


def daemon(host: str | None, context: str | None) -> tuple[str, ...]:
    """The options before `stack` that choose the daemon."""
    return (*(("--host", host) if host else ()), *(("--context", context) if context else ()))


def find(host: str | None = None, context: str | None = None) -> Docker:
    """The client that called us as its plugin, or else the first on PATH. Raises `ClientError` where there is none.

    `docker --version` asks no daemon (docker/cli cmd/docker/docker.go).
    """
    import shutil
    import subprocess

    path = os.environ.get(_ORIGINAL) or shutil.which("docker")
    if not path:
        raise ClientError("no docker client on PATH; the deploy needs one")
    try:
        done = subprocess.run([path, "--version"], capture_output=True, text=True, check=False, timeout=60,
                              errors="replace", stdin=subprocess.DEVNULL)  # fmt: skip
    except (OSError, subprocess.SubprocessError) as error:
        raise ClientError(f"{path} cannot be run: {error}") from None
    match = _VERSION.match(done.stdout)
    return Docker(path, match[1] if match else "", daemon(host, context))


def run(command: Sequence[str], descriptors: Sequence[int] = (), env: Mapping[str, str] | None = None) -> int:
    """Run docker in our place, on our terminal and in our process group; its exit code (128 + n after signal n).

    It inherits the open files `descriptors`. While it runs, SIGINT, SIGTERM and SIGHUP end it and not us: they are
    handed on. The Ctrl-C of a terminal reaches it anyway, and is handed on only if docker is still there some seconds
    later: who sends a SIGINT to us alone cannot be told from a terminal. Raises `ClientError`.
    """
    import subprocess

    with _forwarding() as (child, early):
        if early:
            return 128 + early[0]
        try:
            process = subprocess.Popen(list(command), pass_fds=tuple(descriptors), env=env)
        except OSError as error:
            raise ClientError(f"{command[0]} cannot be run: {error.strerror or error}") from None
        child.append(process)
        for number in early:  # it came while docker was started
            process.send_signal(number)
        code = process.wait()
    return code if code >= 0 else 128 - code


def call(docker: Docker, *words: str, stdin: bytes = b"") -> str:
    """Run docker without a terminal, with these bytes on its stdin; "" or what it says against it."""
    import subprocess

    try:
        done = subprocess.run(docker.command(*words), capture_output=True, check=False, input=stdin, timeout=SILENCE)
    except subprocess.TimeoutExpired:
        return f"docker {words[0]} {words[1]} has not ended in {SILENCE:g} seconds"
    except OSError as error:
        return f"docker cannot be run: {error.strerror or error}"
    said = done.stderr.decode("utf-8", "replace").strip()
    return (said or f"exit code {done.returncode}") if done.returncode else ""


@contextmanager
def _forwarding() -> Iterator[tuple[list[Popen[bytes]], list[int]]]:
    """Hand signals on to the process in the first list; those that come before it is there stand in the second."""
    import signal

    child: list[Popen[bytes]] = []
    early: list[int] = []

    def hand_on(number: int, _: FrameType | None) -> None:
        if not child:
            early.append(number)
        elif number == signal.SIGINT and not hasattr(os, "tcgetpgrp"):
            pass  # Windows gives Ctrl-C to every process of the console, docker among them
        elif number == signal.SIGINT and _from_terminal():
            _later(child[0], number)
        else:
            child[0].send_signal(number)

    wanted = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {number: signal.getsignal(number) for number in wanted}
    kept = {number for number, handler in before.items() if handler is not signal.SIG_IGN}
    for number in kept:
        signal.signal(number, hand_on)
    try:
        yield child, early
    finally:
        for number in kept:
            signal.signal(number, before[number])


def _later(process: Popen[bytes], number: int) -> None:
    """Send a signal to a process that has not ended in `LATER` seconds."""
    import threading

    timer = threading.Timer(LATER, process.send_signal, (number,))
    timer.daemon = True
    timer.start()


def _from_terminal() -> bool:
    """Whether a SIGINT came by Ctrl-C: we are then in the terminal's foreground, as is docker."""
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)
