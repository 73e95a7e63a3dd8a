"""A program that is not trusted to end, to be quiet, or to have any rights."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from lblint.records import NamedTuple

SECONDS = 20
"""How long it may take."""
LONGEST = 1 << 18
"""Bytes of what it says that are kept; one that says more is stopped."""


class Ended(NamedTuple):
    """How it ended: the exit code (negative: the signal), what it said on stderr, and else why nothing is known."""

    code: int
    said: str
    reason: str = ""


def run(command: Sequence[str], folder: str, seconds: float = SECONDS) -> Ended:
    """Run a command in a folder, with an empty environment and nothing open; as root, with nobody's rights.

    Never raises: a program that cannot be started, does not end or says too much is a reason.
    """
    import subprocess

    if not hasattr(os, "killpg"):
        return Ended(0, "", "is not run on Windows: check there without --nginx")
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd=folder,
            env={},
            start_new_session=True,
            umask=0o077,
            **unprivileged(),
        )
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        return Ended(0, "", f"cannot be run: {getattr(error, 'strerror', None) or error}")
    try:
        return _watched(process, seconds)
    finally:
        _end(process)


def unprivileged() -> Mapping[str, Any]:
    """For subprocess: nobody's rights, if this is root and there is a nobody."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return {}
    user = nobody()
    return {"user": user[0], "group": user[1], "extra_groups": []} if user else {}


def nobody() -> tuple[int, int] | None:
    """The ids of the user without rights and of its group, if the system has one."""
    try:
        import pwd

        entry = pwd.getpwnam("nobody")
    except (ImportError, KeyError):
        return None
    return entry.pw_uid, entry.pw_gid


def _watched(process: Any, seconds: float) -> Ended:
    """Its words until it ends. What it leaves running with the same stderr is not waited for."""
    import select
    import time

    until = time.monotonic() + seconds
    output = b""
    descriptor = process.stderr.fileno()
    os.set_blocking(descriptor, False)
    while True:
        ended = process.poll() is not None
        ready, _, _ = select.select([descriptor], [], [], 0 if ended else 0.05)
        piece = os.read(descriptor, 1 << 16) if ready else None
        output += piece or b""
        if len(output) > LONGEST:
            return Ended(0, "", "says more than a check of a config can have to say")
        if ended and not piece:
            return Ended(process.returncode, output.decode(errors="replace"))
        if time.monotonic() > until:
            return Ended(0, "", f"did not end within {seconds:g} seconds")
        if piece == b"":  # it closed stderr and goes on
            time.sleep(0.01)


def _end(process: Any) -> None:
    """The process and all that it started, gone."""
    import contextlib
    import signal

    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.stderr.close()
    process.wait()
