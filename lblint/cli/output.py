"""What goes to the terminal: text that always can be written, and readers that go away early."""

from __future__ import annotations

import io
import os
import sys
from typing import TextIO


def tolerate(*streams: TextIO | None) -> None:
    """Let streams escape what their encoding lacks, so that a name in Kanji on a Latin terminal is no error."""
    for stream in streams:
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def write(text: str, stream: TextIO | None = None) -> None:
    """Write to stdout, or another stream. A reader that has gone away (`lblint check . | head`) is no error: the
    verdict stays."""
    stream = stream or sys.stdout
    if stream is None:  # closed by the caller
        return
    try:
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        _to_nowhere(stream)


def write_bytes(content: bytes) -> None:
    """Write lines of a user's file to stdout: as they are for a file or a pipe, without control characters for a
    terminal. A reader that has gone away is no error."""
    if sys.stdout is None or sys.stdout.isatty() or not hasattr(sys.stdout, "buffer"):
        write(shown(content.decode("utf-8", "replace")))
        return
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        _to_nowhere(sys.stdout)


def abandon() -> None:
    """Give stdout up: what is left in its buffer goes nowhere, or Python would complain of it when it ends."""
    if sys.stdout is not None:
        _to_nowhere(sys.stdout)


def _to_nowhere(stream: TextIO) -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def shown(text: str) -> str:
    """Text that holds the user's own: as it is for a file or a pipe, without control characters for a terminal."""
    if sys.stdout is None or not sys.stdout.isatty():
        return text
    from lblint.report.escape import printable

    return "".join(printable(line) + "\n" for line in text.splitlines())


def say(sentence: str) -> None:
    """A sentence on stderr, in lblint's own name; where stderr takes none (a full disk), the exit code says it."""
    from lblint.report.escape import printable

    if sys.stderr is not None:
        try:
            sys.stderr.write("".join(f"lblint: {printable(line)}\n" for line in sentence.splitlines()))
            sys.stderr.flush()
        except OSError:
            _to_nowhere(sys.stderr)


def colored(choice: str) -> bool:
    """Whether to use colour: `always`, `never`, or `auto`. Then the environment says it, in this order: NO_COLOR
    (no-color.org) forbids it; FORCE_COLOR (force-color.org; 0 and false forbid it, as in Node) and CLICOLOR_FORCE
    demand it; TERM=dumb and CLICOLOR=0 (bixense.com/clicolors) forbid it; and else it needs a terminal. A variable that
    is set but empty counts for nothing."""
    if choice != "auto":
        return choice == "always"
    env = os.environ.get
    if env("NO_COLOR"):
        return False
    forced = env("FORCE_COLOR")
    if forced:
        return forced not in ("0", "false")
    if env("CLICOLOR_FORCE", "0") not in ("", "0"):
        return True
    return env("TERM") != "dumb" and env("CLICOLOR") != "0" and sys.stdout is not None and sys.stdout.isatty()


def width() -> int:
    """The width of the terminal that stdout is, in columns; 0 where it is none."""
    if sys.stdout is None or not sys.stdout.isatty():
        return 0
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns
    except OSError:
        return 0
