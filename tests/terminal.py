"""A terminal to run lblint on: a pty of a width, and what an emulator shows of what came out of it."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from collections.abc import Callable

import pyte

LBLINT = (sys.executable, "-m", "lblint")


def on_a_terminal(
    *words: str,
    columns: int = 100,
    stdout: int | None = None,
    stderr: int | None = None,
    command: tuple[str, ...] = LBLINT,
    told: Callable[[subprocess.Popen[bytes], bytes], None] | None = None,
    **env: str,
) -> bytes:
    """What lblint prints on a terminal; `stdout` and `stderr` are elsewhere where given. `told` sees each piece."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    process = subprocess.Popen(
        [*command, *words],
        env={**os.environ, "TERM": "xterm", **env},
        stdin=slave,
        stdout=slave if stdout is None else stdout,
        stderr=slave if stderr is None else stderr,
    )
    os.close(slave)
    out = b""
    try:
        while piece := os.read(master, 65536):
            out += piece
            if told is not None:
                told(process, piece)
    except OSError:  # the end, on Linux
        pass
    process.wait(timeout=60)
    os.close(master)
    return out


def shown(out: bytes, columns: int = 100, rows: int = 400) -> list[list[str]]:
    """The rows of the screen, each as its cells; the second cell of a wide character is empty."""
    screen = pyte.Screen(columns, rows)
    pyte.ByteStream(screen).feed(out)
    found = [[screen.buffer[row][column].data for column in range(columns)] for row in range(rows)]
    while found and not "".join(found[-1]).strip():
        found.pop()
    return found
