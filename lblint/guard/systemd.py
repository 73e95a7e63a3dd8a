"""The files with which systemd runs a guard, so that dockerd finds its socket before it starts and loses no call."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

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
ExecStart={command}
Restart=always
RestartSec=1
MemoryMax=1G
TasksMax=512
NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=read-only
PrivateTmp=yes
"""


def files(python: str, options: Sequence[str]) -> dict[str, str]:
    """Return the text of each file by its path. `python` runs lblint; `options` are those of `lblint guard run`."""
    command = shlex.join([python, "-P", "-m", "lblint", "guard", "run", *options]).replace("%", "%%")
    return {
        "/etc/systemd/system/lblint-guard.socket": SOCKET_UNIT.format(socket=SOCKET),
        "/etc/systemd/system/lblint-guard.service": SERVICE_UNIT.format(command=command),
        "/etc/docker/daemon.json": '{"authorization-plugins": ["lblint"]}\n',
    }
