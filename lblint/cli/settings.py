"""`.lblint.yml` on the command line: trusted and read; imported only where there is one."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress

from lblint import UncheckedError, rules
from lblint.cli import files
from lblint.settings import Settings, SettingsError, read_settings


def load(path: str, starts: Sequence[str] = ()) -> Settings:
    """The settings in a file. Raises `UncheckedError` where they cannot be read, or are wrong.

    `starts` are the folders from which they were found; none where the user named them.
    """
    name = shown(path)
    if os.path.isdir(path):
        raise UncheckedError(f"{name}: is a folder, and no file of settings")
    try:
        for start in starts:
            _trust(path, name, start)
        if starts and not _inside(path, os.path.dirname(os.path.abspath(path))):
            raise UncheckedError(f"{name}: is a link that leads out of the repository, and is not read; give --config")
        content = files.content(path)
    except files.UnreadableError as error:
        raise UncheckedError(str(error).replace(path, name, 1)) from None
    except OSError as error:
        raise UncheckedError(f"{name}: {error.strerror or error}") from None
    try:
        settings = read_settings(content, name, os.path.dirname(os.path.abspath(path)), rules.load)
    except SettingsError as error:
        raise UncheckedError(str(error)) from None
    if starts:
        _confine(settings)
    return settings


def _confine(settings: Settings) -> None:
    """Raise `UncheckedError` for a file that is named and lies elsewhere: what is wrong in it would be printed, and so
    a change to a repository could show whatever the one who checks it can read."""
    for key, name in settings.named():
        if not _inside(os.path.join(settings.folder, name), settings.folder):
            said = f"{settings.file}: {key}: {name} lies outside of the repository"
            raise UncheckedError(f"{said}, and is not read; give --config {settings.file} to read it")


def _inside(path: str, folder: str) -> bool:
    """Whether a file, and not only its name, lies in the repository that a folder is in."""
    top = os.path.realpath(files.top_of(folder))
    return os.path.commonpath((top, os.path.realpath(path))) == top


def _trust(path: str, name: str, start: str) -> None:
    """Raise `UncheckedError` for settings of other users: anybody may lay some into /tmp, and they turn rules off.

    Trusted are the user who runs lblint, root, and the owner of the folder from which they were found.
    """
    others = [other for other in files.SETTINGS if os.path.lexists(os.path.join(os.path.dirname(path), other))]
    if len(others) > 1:
        raise UncheckedError(f"{name}: there is {others[1]} beside it: one of them must go")
    if not hasattr(os, "geteuid"):
        return
    trusted = {os.geteuid(), 0}
    with suppress(OSError):  # what is not there is told of when the stack is read
        trusted.add(os.stat(start).st_uid)
    if os.geteuid() == 0 and os.environ.get("SUDO_UID", "").isdecimal():
        trusted.add(int(os.environ["SUDO_UID"]))
    owner = next((uid for uid in (os.lstat(path).st_uid, os.stat(path).st_uid) if uid not in trusted), None)
    if owner is not None:
        raise UncheckedError(f"{name}: belongs to another user (uid {owner}), and is not obeyed: give --config {name}, "
                             "or --no-config")  # fmt: skip


def shown(path: str) -> str:
    """A path as a reader would name it: from the working folder, where it is not far from there."""
    try:
        relative = os.path.relpath(path)
    except OSError:  # the working folder is gone
        return path
    return path if os.path.isabs(path) and relative.startswith(os.path.join("..", "..", "..")) else relative
