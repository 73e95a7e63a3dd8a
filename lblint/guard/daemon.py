"""The way from here to a daemon as plain bytes, as the docker client itself goes it."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING

from lblint.deploy.client import Docker
from lblint.swarm.connection import LOCAL
from lblint.swarm.endpoint import Endpoint

if TYPE_CHECKING:
    import subprocess


def connecting(endpoint: Endpoint, docker: Docker) -> Callable[[], socket.socket]:
    """Return a function that opens a connection to the daemon; it raises `OSError` where there is none.

    A unix socket is connected to. All else (tcp, TLS, ssh) is left to `docker system dial-stdio`, which there is since
    18.09 and which ends one direction without the other, as no TLS of Python's does; what it has to say comes on
    stderr.
    """
    address = endpoint.host or ("" if endpoint.tls or os.name == "nt" else LOCAL)
    if address.startswith("unix://"):
        path = address.removeprefix("unix://")

        def local() -> socket.socket:
            opened = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                opened.connect(path)
            except OSError:
                opened.close()
                raise
            return opened

        return local
    started: list[subprocess.Popen[bytes]] = []

    def dialled() -> socket.socket:
        import subprocess

        started[:] = [process for process in started if process.poll() is None]
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                started.append(
                    subprocess.Popen(
                        docker.command("system", "dial-stdio"), stdin=theirs.fileno(), stdout=theirs.fileno()
                    )
                )
            except OSError:
                ours.close()
                raise
        return ours

    return dialled
