"""A key of a service is ignored by Swarm.

A stack file may hold many keys that only containers know. `docker stack deploy` says `Ignoring unsupported options` or
`Ignoring deprecated options` and goes on without them. It is a warning where the service then runs with less isolation
or other rights than written, or does not work at all.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Hit, Severity
from lblint.rules import rule
from lblint.rules._setting import setting
from lblint.stack import Stack

_LOST = {
    "network_mode": ("the service joins the networks of the stack instead", "nothing in its place"),
    "privileged": ("the service runs without these rights", "cap_add with the rights that are needed"),
    "devices": ("the container gets none of them", "a mount of the device, where that is enough"),
    "security_opt": ("none of it is in force", "nothing; set the options as defaults of the nodes' daemons"),
    "pid": ("the container has its own processes", "nothing in its place"),
    "ipc": ("the container has its own IPC namespace", "nothing in its place"),
    "userns_mode": ("the daemon's own mapping of users is in force", "nothing in its place"),
    "build": ("a deploy builds nothing", "nothing; build and push the image before the deploy"),
    "links": ("services find each other by name on a common network", "nothing in its place"),
    "external_links": ("services find each other by name on a common network", "nothing in its place"),
    "shm_size": ("/dev/shm has its default size",
                 "volumes: [{type: tmpfs, target: /dev/shm, tmpfs: {size: 64000000}}]"),
    "container_name": ("a task is named <stack>_<service>.<slot>.<id>", "nothing in its place"),
    "expose": ("services on one network reach all ports of each other", "nothing in its place"),
}  # fmt: skip
_HARMFUL = ("network_mode", "privileged", "devices", "security_opt", "pid", "ipc", "userns_mode")
_HARMLESS = {"network_mode": ("bridge", "default"), "ipc": ("private", "shareable"), "pid": (), "userns_mode": ()}


@rule(
    on=Stack,
    severity=Severity.WARNING,
    consequence="docker goes on without it",
    needs=("unsupported.key", "deprecated.key"),
)
def check(stack: Stack) -> Iterator[Hit]:
    for fault in stack.faults:
        if fault.kind not in ("unsupported.key", "deprecated.key"):
            continue
        key, service = str(fault.facts["key"]), str(fault.place.path[1])
        value = setting(stack.config, "services", service, key)
        if key == "restart":
            if setting(stack.config, "services", service, "deploy", "restart_policy") is None:
                continue
            lost, help = "deploy.restart_policy is in force", "one of them"
        else:
            lost, help = _LOST.get(key, ("Swarm has no such setting", "nothing in its place"))
        if key == "network_mode" and value in ("host", "bridge"):
            help = f"for the nodes' own network one with `name: {value}` and `external: true`"
        harm = key in _HARMFUL and bool(value) and value not in _HARMLESS.get(key, ())
        yield Hit(fault.place, f"{key} is ignored: {lost}", help, severity=None if harm else Severity.INFO)
