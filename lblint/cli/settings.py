"""`.lblint.yml` on the command line: trusted and read; imported only where there is one."""

from __future__ import annotations

import os
from collections.abc import Iterable

from lblint import UncheckedError, rules
from lblint.cli import files
from lblint.settings import Settings, SettingsError, read_settings


def load(path: str, starts: Iterable[str] = ()) -> Settings:
    """The settings in a file. Raises `UncheckedError` where they cannot be read, or are wrong.

    `starts` are the folders from which they were found; none where the user named them.
    """
    name = shown(path)
    try:
        for start in starts:
            _trust(path, name, start)
        content = files.content(path)
    except files.UnreadableError as error:
        raise UncheckedError(str(error).replace(path, name, 1)) from None
    except OSError as error:
        raise UncheckedError(f"{name}: {error.strerror or error}") from None
    try:
        return read_settings(content, name, os.path.dirname(os.path.abspath(path)), rules.ids)
    except SettingsError as error:
        raise UncheckedError(str(error)) from None


def _trust(path: str, name: str, start: str) -> None:
    """Raise `UncheckedError` for settings of other users: anybody may lay some into /tmp, and they turn rules off.

    Trusted are the user who runs lblint, root, and the owner of the folder from which they were found.
    """
    others = [other for other in files.SETTINGS if os.path.lexists(os.path.join(os.path.dirname(path), other))]
    if len(others) > 1:
        raise UncheckedError(f"{name}: there is {others[1]} beside it: one of them must go")
    if not hasattr(os, "geteuid"):
        return
    trusted = {os.geteuid(), 0, os.stat(start).st_uid}
    if os.geteuid() == 0 and os.environ.get("SUDO_UID", "").isdecimal():
        trusted.add(int(os.environ["SUDO_UID"]))
    owner = next((uid for uid in (os.lstat(path).st_uid, os.stat(path).st_uid) if uid not in trusted), None)
    if owner is not None:
        raise UncheckedError(f"{name}: belongs to another user (uid {owner}), and is not obeyed: give --config {name}, "
                             "or --no-config")  # fmt: skip


def shown(path: str) -> str:
    """A path as a reader would name it: from the working folder, where it is not far from there."""
    relative = os.path.relpath(path)
    return path if os.path.isabs(path) and relative.startswith(os.path.join("..", "..", "..")) else relative
