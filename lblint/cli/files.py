"""Arguments -> sources: files, folders that are searched, and `-` for stdin."""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Iterator, Sequence

from lblint.source import MAX_BYTES, Source, read

STDIN = "-"
_NAMED_LIKE_A_STACK = re.compile(r"(?:.*[._-])?(?:docker-)?(?:stack|compose|swarm)(?:[._-].*)?", re.IGNORECASE)
_SERVICES = re.compile(rb"^(?:services|\"services\"|'services')[ \t]*:[ \t]*(?:#.*|\{.*|&.*)?\r?$", re.MULTILINE)
_SKIPPED = {"node_modules", "vendor", "venv", "__pycache__"}


class UnreadableError(Exception):
    """A file could not be read; the text says why."""


def load(name: str, dialect: str = "v3") -> Source:
    """The source of one argument. Raises `UnreadableError` with the operating system's words."""
    return read(content(name), name, dialect)


def content(name: str) -> bytes:
    """The bytes of a regular file (a pipe or device would block or never end), or of stdin for `-`."""
    try:
        if name == STDIN:
            return sys.stdin.buffer.read(MAX_BYTES + 1)
        with open(os.open(name, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)), "rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            if not stat.S_ISREG(mode) and not stat.S_ISFIFO(mode):
                raise UnreadableError(f"{name}: is not a regular file")
            os.set_blocking(file.fileno(), True)
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UnreadableError(f"{name}: {error.strerror or error}") from None
    except ValueError as error:  # a NUL in the name
        raise UnreadableError(f"{name!r}: {error}") from None


def expand(names: Sequence[str]) -> list[str]:
    """Arguments with folders replaced by the stack files below them, sorted; without repeats."""
    found: dict[str, None] = {}
    for name in names:
        if name != STDIN and os.path.isdir(name):
            found.update(dict.fromkeys(sorted(_search(name))))
        else:
            found[name] = None
    return list(found)


def _search(folder: str) -> Iterator[str]:
    """The stack files below a folder: YAML that is named like one, or that has services with an image."""
    for root, folders, files in os.walk(folder):
        folders[:] = sorted(f for f in folders if not f.startswith(".") and f not in _SKIPPED)
        for file in files:
            stem, extension = os.path.splitext(file)
            if extension.lower() not in (".yml", ".yaml") or file.startswith("."):
                continue
            path = os.path.join(root, file)
            if _NAMED_LIKE_A_STACK.fullmatch(stem) or _looks_like_a_stack(path):
                yield path


def _looks_like_a_stack(path: str) -> bool:
    try:
        text = content(path)
    except UnreadableError:
        return False
    return _SERVICES.search(text) is not None and (b"image:" in text or b"com.docker.lb." in text)
