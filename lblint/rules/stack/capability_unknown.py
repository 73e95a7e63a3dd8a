"""A capability does not exist.

Managers accept any text in cap_add and cap_drop; with one that the nodes do not know no container can be created.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.rules._setting import entries
from lblint.stack import Stack

_KNOWN = frozenset(
    [
        "ALL", "AUDIT_CONTROL", "AUDIT_READ", "AUDIT_WRITE", "BLOCK_SUSPEND", "BPF", "CHECKPOINT_RESTORE", "CHOWN",
        "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "IPC_LOCK", "IPC_OWNER", "KILL", "LEASE",
        "LINUX_IMMUTABLE", "MAC_ADMIN", "MAC_OVERRIDE", "MKNOD", "NET_ADMIN", "NET_BIND_SERVICE", "NET_BROADCAST",
        "NET_RAW", "PERFMON", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYSLOG", "SYS_ADMIN", "SYS_BOOT",
        "SYS_CHROOT", "SYS_MODULE", "SYS_NICE", "SYS_PACCT", "SYS_PTRACE", "SYS_RAWIO", "SYS_RESOURCE", "SYS_TIME",
        "SYS_TTY_CONFIG", "WAKE_ALARM",
    ]
)  # fmt: skip


@rule(on=Stack, severity=Severity.WARNING, breaks=Breaks.DEPLOY, stage=Stage.TASKS, needs=("cap_add", "cap_drop"))
def check(stack: Stack) -> Iterator[Hit]:
    for service in stack.services:
        for key in ("cap_add", "cap_drop"):
            for index, name in entries(service.config, key):
                if str(name).strip().upper().removeprefix("CAP_") not in _KNOWN | {"RESET"}:
                    from lblint.rules._mend import corrected

                    place = stack.place("services", service.key, key, index)
                    yield Hit(
                        place,
                        f'there is no capability "{name}"',
                        "a name of capabilities(7), such as NET_ADMIN",
                        fixes=corrected(place, str(name).upper(), _KNOWN, safe=False),
                    )
