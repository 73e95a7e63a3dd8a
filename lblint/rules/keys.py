"""Rules on the keys of a stack file, and on its version, which decides what keys there are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lblint.finding import Breaks, Edit, Fix, Hit, Path, Place, Severity, of_kind
from lblint.rules import _fixes, rule
from lblint.rules._access import setting
from lblint.rules._compose import instead
from lblint.rules._spelling import near, shown
from lblint.stack import Stack
from lblint.stack.faults import (
    ForbiddenKey,
    IgnoredKey,
    KeyTooNew,
    MissingVersion,
    UnknownKey,
    UnsupportedVersion,
    VersionMismatch,
)

_INSIDE = (("networks",), ("volumes",), ("secrets",), ("configs",))
_MANY = 14
"""Keys that are listed at most."""


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY)
def unknown_key(stack: Stack) -> Iterator[Hit]:
    """A key that the format of a stack does not have at this place.

    Docker refuses the whole file for one unknown key: a slip (`lables`), a key one level too high or too low, a label
    that stands straight under `deploy:`, or a key of docker-compose that stacks never had (`profiles`, `platform`).
    Keys of one's own begin with `x-`: at the top from version 3.4, in a service, network, volume, secret or config from
    3.7.
    """
    forbidden = {fault.place for fault in of_kind(stack.faults, ForbiddenKey)}
    for fault in of_kind(stack.faults, UnknownKey):
        if fault.place not in forbidden:
            said, advice = _judge(fault, fault.place.path)
            inside = fault.place.path[0] == "services" and fault.place.path[1:2] in _INSIDE
            place = Place(fault.place.file, fault.place.path[:2], key=True) if inside else fault.place
            fixes = () if inside else _unknown_key_fix(fault)
            yield Hit(place, said if inside else f"{said}; docker: {fault.docker}", advice, fixes=fixes)


_HOMES = {
    "cpus": ("limits", "cpus"), "mem_reservation": ("reservations", "memory"), "pids_limit": ("limits", "pids"),
}  # fmt: skip
"""Keys of docker-compose that stand below `deploy.resources` here."""


def _unknown_key_fix(fault: UnknownKey) -> tuple[Fix, ...]:
    """The key as it was surely meant, or in the one place where it may stand."""
    key, place = fault.key, fault.place._replace(key=False)
    path = place.path
    in_service = path[0] == "services" and len(path) == 3
    if "." in key and path[0] == "services" and (path[2:3] == ("deploy",) or key.startswith("com.docker.lb.")):
        return _moved(place, (*path[:2], "deploy", "labels"), key)
    if key.startswith("x-"):
        return ()
    meant = _fixes.sole(key, fault.allowed)
    if meant:
        return _fixes.rename(fault.place, meant)
    if in_service and key in _HOMES:
        section, name = _HOMES[key]
        return _moved(place, (*path[:2], "deploy", "resources", section), name)
    if in_service and key == "scale":
        return _moved(place, (*path[:2], "deploy"), "replicas")
    homes = [home.split(".") for home in fault.elsewhere if home and "[]" not in home]
    near = [home for home in homes if in_service and home[:2] == ["services", "*"] and len(home) > 2]
    if len(near) == 1 and len(homes) == 1 and not instead(key, path):
        return _moved(place, (*path[:2], *near[0][2:]), key)
    return ()


def _moved(place: Place, to: Path, key: str) -> tuple[Fix, ...]:
    where = ".".join(map(str, to[2:]))
    return (Fix(f"move it to {where}: {key}", (Edit("move", place, key=key, to=to),)),)


def _judge(fault: UnknownKey, path: Path) -> tuple[str, str]:
    key, allowed = fault.key, fault.allowed
    where = _where(path[:-1])
    said = f"'{key}' is no key {where}"
    if path[0] == "services" and path[1:2] in _INSIDE:
        said = f"`{path[1]}:` stands inside `services:`, so docker takes it for a service and refuses its keys"
        return said, f"`{path[1]}:` further left, at the level of `services:`"
    if "." in key and path[:1] == ("services",) and (path[2:3] == ("deploy",) or len(path) == 3):
        level = "deploy.labels" if path[2:3] == ("deploy",) or key.startswith("com.docker.lb.") else "labels"
        return f"the label '{key}' stands straight {where.replace('of', 'below', 1)}", f"it below `{level}:`"
    if key.startswith("x-"):
        return said, "it at the top, or in a service, network, volume, secret or config (from 3.7)"
    if _is_nested_service(fault, path):
        return (
            f"'{key}' is a service inside the service {path[1]}",
            f"move {key} one level up, under `services:`, beside {path[1]}",
        )
    meant = near(key, allowed, 1)
    if meant is not None:
        return said, meant
    other = instead(key, path)
    if other:
        return f"'{key}' is a key of docker-compose that stacks do not have", other
    home = _home(fault.elsewhere, path)
    if home is not None and home[1] > (1 if len(path) > 1 else 0):
        return said, f"it {home[0]}"
    meant = near(key, allowed)
    if meant is not None:
        return said, meant
    if home is not None:
        return said, f"it {home[0]}"
    if len(path) == 1:
        return said, "services below `services:`; a key of your own begins with x-"
    listed = ", ".join(allowed[:_MANY]) + (", …" if len(allowed) > _MANY else "")
    return said, f"one of {listed}" if listed else ""


def _is_nested_service(fault: UnknownKey, path: Path) -> bool:
    """Whether an unknown key of a service holds what only a service has."""
    inner = set(fault.inner)
    return path[0] == "services" and len(path) == 3 and ("image" in inner or {"build", "deploy"} <= inner)


def _where(around: Path) -> str:
    if not around:
        return "at the top of a stack file"
    steps = [f"[{step}]" if isinstance(step, int) else step for step in around]
    return "of " + ".".join(steps).replace(".[", "[")


def _home(elsewhere: Sequence[str], path: Path) -> tuple[str, int] | None:
    """Where else the key may stand, the nearest places in words; and how many steps those share with `path`."""
    ranked: list[tuple[int, int, str]] = []
    for place in elsewhere:
        steps = place.replace("[]", "").split(".") if place else []
        shared = 0
        for step, own in zip(steps, path[:-1], strict=False):
            if step not in ("*", own):
                break
            steps[shared] = str(own)
            shared += 1
        ranked.append((shared, -len(steps), ".".join(steps).replace("*", "<name>")))
    if not ranked:
        return None
    best = max(ranked)[:2]
    names = [f"below `{name}:`" if name else "at the top of the file" for *rank, name in ranked if tuple(rank) == best]
    return " or ".join(names[:3]), best[0]


_CLIENTS = {8: "19.03", 9: "20.10", 10: "23.0", 11: "24.0", 12: "25.0", 13: "27.0"}
"""The first release of the client that knows a version 3.N, where that is not in use everywhere."""


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY)
def key_too_new(stack: Stack) -> Iterator[Hit]:
    """A key that came with a later version of the format than the file's.

    Docker checks a file against the keys of the version that it names and refuses it for one that is newer: `name` of a
    network, secret or config from 3.5, `init` and `rollback_config` from 3.7, `max_replicas_per_node` from 3.8. The
    client has to know that version too.
    """
    for fault in of_kind(stack.faults, KeyTooNew):
        since = fault.since
        said = f"'{fault.key}' came with version {since}, and this file is {fault.version}; docker: {fault.docker}"
        client = _CLIENTS.get(int(since.partition(".")[2] or 0))
        needs = f" (docker client {client} or newer)" if client else ""
        yield Hit(fault.place, said, f'version: "{since}" or newer{needs}', fixes=_raised(stack, since))


def _raised(stack: Stack, since: str) -> tuple[Fix, ...]:
    """The version that has the key, in all files of the stack: they must have the same."""
    edits = tuple(Edit("write", Place(file, ("version",)), since) for file in stack.files)
    return (Fix(f'write version: "{since}"', edits),)


_INSTEAD = {
    "extends": "the service in full, or an anchor and `<<`",
    "volume_driver": "`driver` of a volume under the top-level `volumes`",
    "volumes_from": "a volume under the top-level `volumes`, mounted in both services",
    "cpu_quota": "deploy.resources.limits.cpus",
    "cpu_shares": "deploy.resources.reservations.cpus",
    "cpuset": "deploy.resources.limits.cpus; a stack cannot choose processors",
    "mem_limit": "deploy.resources.limits.memory",
    "memswap_limit": "deploy.resources.limits.memory",
}


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY)
def forbidden_key(stack: Stack) -> Iterator[Hit]:
    """A service has a key that docker refuses to deploy with.

    These keys of docker-compose stop `docker stack deploy` before it looks at anything else; limits of a service stand
    below `deploy.resources`, volumes at the top of the file.
    """
    for fault in of_kind(stack.faults, ForbiddenKey):
        key = fault.key
        message = f"{key} is forbidden in a stack; docker: {fault.reason.rstrip('.')}"
        yield Hit(fault.place, message, _INSTEAD.get(key, ""), fixes=_forbidden_key_fix(key, fault.place))


def _forbidden_key_fix(key: str, place: Place) -> tuple[Fix, ...]:
    """A limit of memory where stacks have it."""
    if key != "mem_limit" or len(place.path) != 3:
        return ()
    limits = (*place.path[:2], "deploy", "resources", "limits")
    edit = Edit("move", place._replace(key=False), key="memory", to=limits)
    return (Fix("move it to deploy.resources.limits.memory", (edit,)),)


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


@rule(on=Stack, severity=Severity.WARNING, consequence="docker goes on without it")
def ignored_key(stack: Stack) -> Iterator[Hit]:
    """A key of a service is ignored by Swarm.

    A stack file may hold many keys that only containers know. `docker stack deploy` says `Ignoring unsupported options`
    or `Ignoring deprecated options` and goes on without them. It is a warning where the service then runs with less
    isolation or other rights than written, or does not work at all.

    Older clients ignore more: before 20.10 `cap_add`, `cap_drop` and `ulimits`, before 19.03 `sysctls` too.
    `--client` says which client deploys.
    """
    for fault in of_kind(stack.faults, IgnoredKey):
        key, service = fault.key, str(fault.place.path[1])
        value = setting(stack.config, "services", service, key)
        if key in _UNSENT and fault.since:
            yield Hit(fault.place, *_sent_later(key, fault.since, stack.client))
            continue
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


_UNSENT = {
    "cap_add": "containers do not get these capabilities",
    "cap_drop": "containers keep these capabilities",
    "ulimits": "containers have the limits of the nodes' daemons",
    "sysctls": "containers have the nodes' kernel parameters",
}


def _sent_later(key: str, since: str, client: str) -> tuple[str, str]:
    """The message and the advice for a key that this client does not send."""
    return f"docker {client} ignores {key}: {_UNSENT[key]}", f"deploy with docker {since} or later"


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY)
def version_unsupported(stack: Stack) -> Iterator[Hit]:
    """The file's version is none that this docker client reads.

    A stack is written for version 3.0 to 3.13 of the format, and every client knows them up to its own: 3.8 came with
    19.03, 3.9 with 20.10, 3.13 with 27.0. Before 23.0 a file without a version was refused as well. Version 2 is for
    docker-compose. The version is text, so it stands in quotes, and a variable in it is not replaced.
    """
    for fault in stack.faults:
        if isinstance(fault, MissingVersion):
            highest = fault.highest
            said = f"no version: docker {stack.client} takes that for 1.0; docker: {fault.docker}"
            fixes = _fixes.version(fault.place, highest, False)
            yield Hit(fault.place, said, f'at the top of the file, `version: "{highest}"`', fixes=fixes)
        elif isinstance(fault, UnsupportedVersion):
            written, highest = fault.version, fault.highest
            said = f"version {shown(written)} is none that docker {stack.client} reads"
            message = f"{said} (3.0 to {highest}); docker: {fault.docker}"
            fixes = _version_fix(fault.place, str(written), highest)
            yield Hit(fault.place, message, _advice(str(written), highest), fixes=fixes)


def _version_fix(place: Place, written: str, highest: str) -> tuple[Fix, ...]:
    """Two numbers of three; else the highest version, though the rest of the file may be for another program."""

    if re.fullmatch(r"3\.[0-9]\.[0-9]+", written):
        return _fixes.version(place, written.rpartition(".")[0], True)
    return _fixes.version(place, highest, True, safe=False) if "$" not in written else ()


def _advice(written: str, highest: str) -> str:
    if "$" in written:
        return f'the version itself, a variable is not replaced here: "{highest}"'
    if re.fullmatch(r"3\.[0-9]+\.[0-9]+", written):
        return f'two numbers: "{written.rpartition(".")[0]}"'
    if written.startswith(("1", "2")):
        return f'version: "{highest}"; versions 1 and 2 are for docker-compose'
    return f'version: "{highest}"'


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY)
def version_mismatch(stack: Stack) -> Iterator[Hit]:
    """Files that are merged have different versions.

    With several `-c` every file must have the same version, to the letter. A file without one counts as the newest that
    the client knows.
    """
    for fault in of_kind(stack.faults, VersionMismatch):
        how = f"version {fault.version}" if fault.written else f"no version, which means {fault.version}"
        said = f"{how}, but {stack.files[0]} has {fault.first}; docker: {fault.docker}"
        fixes = _fixes.version(fault.place, fault.first, fault.written)
        yield Hit(fault.place, said, f'version: "{fault.first}" here too', fixes=fixes)
