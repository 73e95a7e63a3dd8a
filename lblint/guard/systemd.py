"""systemd and a guard: the files with which it is run, so that dockerd finds its socket before it starts and loses no
call, and the messages by which systemd knows that it serves and does not hang.

Sources: systemd.socket(5), systemd.service(5), sd_notify(3), sd_watchdog_enabled(3).
"""

from __future__ import annotations

import os
import shlex
import socket
import threading
from collections.abc import Callable, Mapping, Sequence

SOCKET = "/run/docker/plugins/lblint.sock"
"""Where dockerd looks for a plugin that is called lblint (moby pkg/plugins/discovery.go)."""

SOCKET_UNIT = """\
[Unit]
Description=Socket of the lblint guard, which dockerd asks about each call
Before=docker.service

[Socket]
ListenStream={socket}
SocketMode=0600
Backlog=128

[Install]
WantedBy=sockets.target
RequiredBy=docker.service
"""

SERVICE_UNIT = """\
[Unit]
Description=lblint guard: refuses services that break the ingress
Requires=lblint-guard.socket
After=lblint-guard.socket

[Service]
Type=notify
ExecStart={command}
WatchdogSec=10
Restart=always
RestartSec=1
MemoryMax=1G
TasksMax=512
NoNewPrivileges=yes
ProtectSystem=full
ProtectHome=read-only
PrivateTmp=yes
"""


def files(python: str, options: Sequence[str]) -> dict[str, str]:
    """Return the text of each file by its path. `python` runs lblint; `options` are those of `lblint guard run`."""
    command = shlex.join([python, "-P", "-m", "lblint", "guard", "run", *options]).replace("%", "%%").replace("$", "$$")
    return {
        "/etc/systemd/system/lblint-guard.socket": SOCKET_UNIT.format(socket=SOCKET),
        "/etc/systemd/system/lblint-guard.service": SERVICE_UNIT.format(command=command),
        "/etc/docker/daemon.json": '{"authorization-plugins": ["lblint"]}\n',
    }


def notify(message: str, env: Mapping[str, str]) -> None:
    """Send a message to systemd, if it has said where to. Raises `OSError` where it does not take it."""
    address = env.get("NOTIFY_SOCKET", "")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sending:
        sending.connect("\0" + address[1:] if address.startswith("@") else address)
        sending.send(message.encode())


def watchdog_seconds(env: Mapping[str, str]) -> float:
    """Return the time after which systemd restarts a service that has sent nothing; 0 where it does not."""
    text = env.get("WATCHDOG_USEC", "")
    return int(text) / 1e6 if text.isascii() and text.isdecimal() else 0.0


def report_alive(alive: Callable[[], bool], stopped: threading.Event, env: Mapping[str, str] = os.environ) -> None:
    """Tell systemd that the guard serves, and then, until it is `stopped`, each third of the watchdog's time that it
    does still, as long as `alive` finds that."""
    seconds = watchdog_seconds(env)
    try:
        notify("READY=1", env)
        while seconds and not stopped.wait(seconds / 3):
            if alive():
                notify("WATCHDOG=1", env)
    except OSError:
        pass  # systemd is gone, or does not run it
