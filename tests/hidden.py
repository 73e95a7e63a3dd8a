"""Run lblint without something that other machines lack: a package, or names of modules of the standard library.

    python tests/hidden.py MODULE,MODULE:NAME,... ARGUMENT...

A module that is named cannot be imported; a NAME is deleted from its module before lblint is imported. `win32` and
`darwin` stand for all that those systems lack, and for their name in `sys.platform`.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType

NO_LINUX = ("os:memfd_create", "os:sched_getaffinity", "os:O_TMPFILE", "os:pidfd_open", "os:sendfile")
LACKING = {
    "darwin": NO_LINUX,
    "win32": (
        *NO_LINUX,
        *(f"os:{name}" for name in (
            "O_NONBLOCK", "O_CLOEXEC", "O_NOCTTY", "O_NOFOLLOW", "O_DIRECTORY", "chown", "fchown", "lchown", "fchmod",
            "fork", "forkpty", "getegid", "geteuid", "getgid", "getpgid", "getpgrp", "getuid", "killpg", "mkfifo",
            "mknod", "openpty", "set_blocking", "get_blocking", "setsid", "setuid", "setgid", "tcgetpgrp", "tcsetpgrp",
            "uname", "wait", "waitid", "statvfs", "sysconf", "ttyname", "nice", "getgroups", "chroot",
            "register_at_fork",
        )),
        *(f"signal:{name}" for name in (
            "SIGALRM", "SIGCHLD", "SIGCONT", "SIGHUP", "SIGKILL", "SIGPIPE", "SIGQUIT", "SIGSTOP", "SIGTSTP", "SIGUSR1",
            "SIGUSR2", "SIGWINCH", "SIG_BLOCK", "SIG_SETMASK", "SIG_UNBLOCK", "alarm", "pause", "pthread_sigmask",
            "pthread_kill", "setitimer", "getitimer", "sigwait", "sigpending", "siginterrupt", "ITIMER_REAL",
        )),
        "socket:AF_UNIX", "fcntl", "termios", "pwd", "grp", "resource", "tty", "pty", "syslog",
    ),
}  # fmt: skip
"""What CPython does not have on other systems: its documentation, the words "Availability"."""
EARLIER = (
    "subprocess", "tempfile", "multiprocessing.connection", "multiprocessing.context", "asyncio", "ssl", "shutil",
    "zipfile", "http.client", "concurrent.futures", "ctypes.util", "uuid", "platform", "click", "docker", "crossplane",
    "jsonschema", "ruamel.yaml",
)  # fmt: skip
"""Parts of the standard library and packages that choose by `sys.platform` when they are imported, or then have
modules of Windows."""


class Hider:
    """A finder before all others that says of some modules that they are not installed."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = names

    def find_spec(self, name: str, path: object = None, target: ModuleType | None = None) -> ModuleSpec | None:
        if any(name == hidden or name.startswith(hidden + ".") for hidden in self.names):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return None


def hide(what: Sequence[str]) -> None:
    """Hide modules, delete names from modules, and pretend another system."""
    system = next((item for item in what if item in LACKING), None)
    if system is not None:
        # What subprocess and shutil look for as they are imported: how to wait for a process, and to remove a folder.
        if hasattr(os, "pidfd_open"):
            del os.pidfd_open
        if system == "win32":
            os.supports_dir_fd.clear()
        for name in EARLIER:
            importlib.import_module(name)
        sys.platform = system
        what = [*what, *LACKING[system]]
        what.remove(system)
        for name in [item for item in what if item in sys.modules]:
            del sys.modules[name]
    sys.meta_path.insert(0, Hider([name for name in what if ":" not in name]))
    for module, _, name in (item.partition(":") for item in what if ":" in item):
        loaded = importlib.import_module(module)
        if hasattr(loaded, name):
            delattr(loaded, name)


if __name__ == "__main__":
    hide([item for item in sys.argv[1].split(",") if item])
    from lblint.cli import main

    sys.exit(main(sys.argv[2:]))
