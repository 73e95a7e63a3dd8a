"""The text of nginx.conf read back with crossplane: what the proxy would see, instead of what was meant."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from lblint.finding import Place
from lblint.proxy.directive import Line
from lblint.records import NamedTuple


class Error(NamedTuple):
    """What crossplane says against a line of the text (1-based), and the label of that line."""

    message: str
    line: int
    origin: Place | None


class Parsed(NamedTuple):
    """crossplane's tree (its own dicts: directive, line, args, block) and its complaints."""

    tree: list[Mapping[str, Any]]
    errors: tuple[Error, ...]


@contextmanager
def _readable(text: bytes) -> Iterator[str]:
    """A file name that crossplane can open: it reads files only. In memory where the system has that."""
    if hasattr(os, "memfd_create") and os.path.isdir("/proc/self/fd"):
        with os.fdopen(os.memfd_create("nginx.conf"), "wb") as memory:
            memory.write(text)
            memory.flush()
            yield f"/proc/self/fd/{memory.fileno()}"
    else:
        import tempfile

        with tempfile.TemporaryDirectory(prefix="lblint-") as folder:
            name = os.path.join(folder, "nginx.conf")
            with open(name, "xb") as file:
                file.write(text)
            yield name


def _payload(text: bytes) -> Mapping[str, Any]:
    """What crossplane makes of the text. It is imported here: it takes longer than a small stack file's check."""
    import crossplane

    def words(error: Exception) -> str:
        return getattr(error, "strerror", None) or str(error)

    with _readable(text) as name:
        payload: Mapping[str, Any] = crossplane.parse(name, single=True, onerror=words)
    return payload


def parse(lines: Sequence[Line]) -> Parsed:
    """Read the lines with crossplane: no `include` is opened (`single`), unknown directives pass (it knows no `map`
    entries, so `strict` would refuse every trial)."""
    # without the indentation, as crossplane reads character by character; the lines keep their numbers
    text = "\n".join([line.text.lstrip(" ") for line in lines]) + "\n"
    payload = _payload(text.encode(errors="replace"))
    errors = []
    for error in payload["errors"]:
        number = error["line"] or 0
        errors.append(Error(str(error["callback"]), number, origin(lines, number)))
    return Parsed(payload["config"][0]["parsed"], tuple(errors))


def parse_text(text: bytes) -> tuple[Sequence[Mapping[str, Any]], list[str]]:
    """The tree of a config that somebody else wrote, no `include` opened, and what crossplane says against it, with
    lines. Raises `RecursionError` where blocks are nested too deep."""
    payload = _payload(text)
    errors = [f"{error['callback']} (line {error['line'] or 0})" for error in payload["errors"]]
    return payload["config"][0]["parsed"], errors


def origin(lines: Sequence[Line], number: int) -> Place | None:
    """The label that the line of this number came from; values with line breaks make several lines of one."""
    for line in lines:
        number -= 1 + line.text.count("\n")
        if number <= 0:
            return line.origin
    return None
