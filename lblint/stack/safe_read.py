"""The deployer's disk, read with care: regular files only, bounded, never waiting for a pipe or a device."""

from __future__ import annotations

import os
import stat

from lblint.records import NamedTuple

LARGEST_ENV_FILE = 4 * 1024 * 1024
"""Most bytes that are read of an env file."""


class Seen(NamedTuple):
    """What lies at a path: its size in bytes, or why it cannot be read, in the operating system's words.

    `special` is set for pipes, sockets and devices, at which docker would wait or read without end.
    """

    size: int | None
    error: str = ""
    special: bool = False


def look(path: str) -> Seen:
    """Look at a file without reading it. The words are those that Go prints, with its `open` or `read` before them."""
    try:
        status = os.stat(path)
    except (OSError, ValueError) as error:
        return Seen(None, f"open {path}: {_words(error)}")
    if stat.S_ISDIR(status.st_mode):
        return Seen(None, f"read {path}: is a directory")
    if not stat.S_ISREG(status.st_mode):
        return Seen(None, f"{path} is not a regular file", True)
    if not os.access(path, os.R_OK):
        return Seen(None, f"open {path}: permission denied")
    return Seen(status.st_size)


def read(path: str, limit: int) -> bytes | Seen:
    """The bytes of a regular file of at most `limit` bytes, or what is wrong with it."""
    seen = look(path)
    if seen.size is None:
        return seen
    if seen.size > limit:
        return Seen(seen.size, f"{path} has {seen.size} bytes; lblint reads up to {limit}", True)
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return Seen(None, f"{path} is not a regular file", True)
            return file.read(limit)
    except OSError as error:
        return Seen(None, f"open {path}: {_words(error)}")


def _words(error: OSError | ValueError) -> str:
    words = getattr(error, "strerror", None) or "invalid argument"
    return str(words)[:1].lower() + str(words)[1:]


def absolute(base: str, path: str) -> str:
    """A path as docker makes it absolute: joined to `base` and cleaned, unless it is absolute as it stands."""
    if os.sep != "/":  # Windows: the folder has a drive
        return os.path.normpath(os.path.join(base, path))
    if path.startswith("/"):
        return path
    return clean(f"{base}/{path}" if path else base)


def clean(path: str) -> str:
    """Go's filepath.Clean of an absolute path: no `.`, `..`, or double slashes."""
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            del parts[-1:]
        elif part not in ("", "."):
            parts.append(part)
    return "/" + "/".join(parts)
