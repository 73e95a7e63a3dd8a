"""Which reports a check makes and where each goes: the options --format and --output, in the order of the words."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress

from lblint.cli.options import REPORT_FORMAT

Report = tuple[str, str]
"""A format, and the file that it goes to; "" is the terminal."""
TERMINAL = (("text", ""),)
"""What is made when nothing is asked for."""


def pair(words: Iterable[tuple[str, str]]) -> tuple[Report, ...]:
    """The reports that options ask for, given as (option, value) in their order.

    An --output belongs to the --format before it; to the first one after it where none is before, or to text. Where all
    reports have a file, text goes to the terminal, too. Raises `ValueError`, with a sentence for the user.
    """
    formats: list[str] = []
    outputs: dict[int, str] = {}
    for option, value in words:
        if option in REPORT_FORMAT.names:
            formats.append(value)
            continue
        if not value:
            raise ValueError("--output needs the name of a file")
        at = max(0, len(formats) - 1)
        if at in outputs:
            raise ValueError(f"--output {outputs[at]} and --output {value} belong to the same --format: repeat it, too")
        outputs[at] = value
    if outputs and not formats:
        formats.append("text")
    reports = [(name, "" if outputs.get(at, "-") == "-" else outputs[at]) for at, name in enumerate(formats)]
    shown = [name for name, file in reports if not file]
    if len(shown) > 1:
        raise ValueError(f"{' and '.join(shown)} cannot both go to the terminal: give --output FILE after a --format")
    paths = [os.path.realpath(file) for _, file in reports if file]
    if "\0" in "".join(paths) or len(set(paths)) < len(paths):
        raise ValueError("each --output needs a different file")
    return (*reports, *(() if shown else TERMINAL))


def overwritten(reports: Iterable[Report], read: Sequence[str]) -> set[str]:
    """The files of reports that are among the files that were read: a report never replaces those."""
    known = {os.path.realpath(name) for name in read}
    return {file for _, file in reports if file and os.path.realpath(file) in known}


def save(file: str, text: str) -> None:
    """Write a report in UTF-8: all of it, or the file stays as it was. Links stay, permissions too; what is no regular
    file (a pipe, /dev/stderr) or has several names (hard links) is written to as it is. A link of a repository that
    leads out of it is not followed: who proposes a change may have laid it there. Raises `OSError`."""
    if os.path.islink(file):
        from lblint.cli import files

        top = files.border(os.path.dirname(os.path.abspath(file)))
        if os.path.lexists(os.path.join(top, ".git")) and files.leads_out(file, top):
            raise OSError(errno.ELOOP, "is a link that leads out of the repository; name the file that it leads to")
    save_bytes(file, text.encode("utf-8", "backslashreplace"))


def save_bytes(file: str, content: bytes) -> None:
    """The same with bytes."""
    path = os.path.realpath(file)
    if os.path.exists(file) and not os.path.isfile(file):  # by its name: /dev/stdout may lead to a pipe, which has none
        with open(file, "wb") as stream:
            stream.write(content)
        return
    old = os.stat(path) if os.path.exists(path) else None
    if old is not None and old.st_nlink > 1:  # its other names would go on with what it was
        with open(path, "r+b") as stream:
            stream.write(content)
            stream.truncate()
        return
    draft = f"{path}.{os.getpid()}.tmp"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666 if old is None else 0o600)
    try:
        with open(descriptor, "wb") as stream:
            stream.write(content)
            if old is not None and sys.platform != "win32":  # not by its name, which may be another file's by now
                if hasattr(os, "fchown"):
                    with suppress(OSError):  # who is not root keeps what he makes
                        os.fchown(descriptor, old.st_uid, old.st_gid)
                if hasattr(os, "fchmod"):
                    os.fchmod(descriptor, old.st_mode & 0o777)
        os.replace(draft, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(draft)
        raise
