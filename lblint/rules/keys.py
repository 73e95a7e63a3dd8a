"""Rules on the keys of a stack file, and on its version, which decides what keys there are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from lblint.finding import Breaks, Edit, File, Fix, Hit, Path, Place, Severity, of_kind
from lblint.rules import _fixes, rule
from lblint.rules._access import setting
from lblint.rules._compose import compose_keys, instead, is_driver_option
from lblint.rules._misplaced import is_label
from lblint.rules._wording import near, shown
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
    """A key is not allowed at this place in a stack file.

    Docker refuses the whole file for one unknown key: a typo (`lables`), a key one level too high or too low, a label
    directly under `deploy:`, an option of a driver outside of `driver_opts`, or a key of docker-compose that stacks
    never had (`profiles`, `platform`). Keys of your own begin with `x-`: at the top from version 3.4, in a service,
    network, volume, secret or config from 3.7.
    """
    other = {fault.place for fault in of_kind(stack.faults, ForbiddenKey)} | compose_keys(stack).keys()
    options: dict[tuple[File, Path], list[UnknownKey]] = {}
    labels: dict[tuple[File, Path, str], list[UnknownKey]] = {}
    for fault in of_kind(stack.faults, UnknownKey):
        path = fault.place.path
        if fault.place in other:
            continue
        if is_driver_option(fault):
            options.setdefault((fault.place.file, path[:-1]), []).append(fault)
            continue
        if is_label(fault):
            of_service = path[2:3] == ("deploy",) or fault.key.startswith("com.docker.lb.")
            home = "deploy.labels" if of_service else "labels"
            labels.setdefault((fault.place.file, path[:-1], home), []).append(fault)
            continue
        message, help = _judge(fault, path)
        inside = path[0] == "services" and path[1:2] in _INSIDE
        if inside:
            yield Hit(Place(fault.place.file, path[:2], key=True), message, help)
            continue
        fixes = _unknown_key_fix(fault)
        if fixes and fixes[0].title.startswith("write "):
            help = fixes[0].title
        yield Hit(fault.place, message, help, fixes=fixes, docker=fault.docker)
    for first, *others in options.values():
        yield _driver_options(first, others)
    for (_, _, home), (first, *others) in labels.items():
        yield _labels(first, others, home)


def _labels(first: UnknownKey, others: Sequence[UnknownKey], home: str) -> Hit:
    """One hit for the labels that are directly in a service or in its `deploy`, and belong under `home`."""
    faults = (first, *others)
    names = [f"'{fault.key}'" for fault in faults]
    if len(names) > 4:
        names[3:] = [f"{len(names) - 3} more"]
    around = first.place.path[:-1]
    related = tuple(fault.place for fault in others)
    if around == ("services", "labels"):
        place = Place(first.place.file, around, key=True)
        message = "`labels:` is directly under `services:`, so docker takes it for a service"
        return Hit(place, message, "move it into a service, under `deploy:`", docker=first.docker)
    listed = f"the label {names[0]} is" if not others else f"the labels {', '.join(names[:-1])} and {names[-1]} are"
    title = f"move {'it' if not others else 'them'} under {home}"
    edits = tuple(
        Edit("move", fault.place._replace(key=False), key=fault.key, to=(*around[:2], "deploy", "labels"))
        for fault in faults
    )
    fixes = (Fix(title, edits),) if home == "deploy.labels" else ()
    message = f"{listed} directly {_where(around).replace('in', 'under', 1)}"
    return Hit(first.place, message, title, fixes=fixes, docker=first.docker, related=related)


def _driver_options(first: UnknownKey, others: Sequence[UnknownKey]) -> Hit:
    """One hit for the options of a driver that are written next to `driver`."""
    names = [fault.key for fault in (first, *others)]
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    around = first.place.path[:-1]
    target = ".".join(map(str, around)) + ".driver_opts"
    title = f"move {'it' if not others else 'them'} under {target}"
    edits = tuple(
        Edit("move", fault.place._replace(key=False), key=fault.key, to=(*around, "driver_opts"))
        for fault in (first, *others)
    )
    message = f"{listed} {'is an option' if not others else 'are options'} of the volume's driver"
    related = tuple(fault.place for fault in others)
    return Hit(first.place, message, title, fixes=(Fix(title, edits),), docker=first.docker, related=related)


_HOMES = {
    "cpus": ("limits", "cpus"), "mem_reservation": ("reservations", "memory"), "pids_limit": ("limits", "pids"),
}  # fmt: skip
"""Keys of docker-compose that are under `deploy.resources` in a stack."""


def _unknown_key_fix(fault: UnknownKey) -> tuple[Fix, ...]:
    """The key as it was surely meant, or in the one place where it is allowed."""
    key, place = fault.key, fault.place._replace(key=False)
    path = place.path
    in_service = path[0] == "services" and len(path) == 3
    if key.startswith("x-") or key == "<<":
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
    return (Fix(f"move it to {where}.{key}", (Edit("move", place, key=key, to=to),)),)


def _judge(fault: UnknownKey, path: Path) -> tuple[str, str]:
    """Return what is wrong with a key, and what to do about it."""
    key, allowed = fault.key, fault.allowed
    where = _where(path[:-1])
    message = f"'{key}' is not allowed {where}"
    if path[0] == "services" and path[1:2] in _INSIDE:
        section = path[1]
        message = f"`{section}:` is inside `services:`, so docker takes it for a service"
        return message, f"move `{section}:` out of `services:`, to the top level"
    if key == "<<":
        return f"'<<' is quoted {where}, so it is not a merge key", "remove the quotes"
    if key.startswith("x-"):
        return message, "move it to the top, or into a service, network, volume, secret or config (from version 3.7)"
    if _is_nested_service(fault, path):
        return (
            f"'{key}' is a service inside the service {path[1]}",
            f"move {key} one level up, under `services:`, next to {path[1]}",
        )
    if key == "external_name":
        return message, f"write external: true and name: {'...' if len(path) < 3 else path[1]}"
    meant = near(key, allowed, 1)
    if meant is not None:
        return message, f"write {meant}"
    other = instead(key, path)
    if other:
        return f"'{key}' is a key of docker-compose that stacks do not have", other
    home = _home(fault.elsewhere, path)
    if home is not None and home[1] > (1 if len(path) > 1 else 0):
        return message, f"move it {home[0]}"
    meant = near(key, allowed)
    if meant is not None:
        return message, f"write {meant}"
    if len(path) == 1:
        return message, "move it under `services:` if it is a service; a key of your own begins with x-"
    listed = ", ".join(allowed[:_MANY]) + (", …" if len(allowed) > _MANY else "")
    return message, f"remove it, or write one of {listed}" if listed else "remove it"


def _is_nested_service(fault: UnknownKey, path: Path) -> bool:
    """Whether an unknown key of a service holds what only a service has."""
    inner = set(fault.inner)
    return path[0] == "services" and len(path) == 3 and ("image" in inner or {"build", "deploy"} <= inner)


def _where(around: Path) -> str:
    if not around:
        return "at the top of a stack file"
    steps = [f"[{step}]" if isinstance(step, int) else step for step in around]
    return "in " + ".".join(steps).replace(".[", "[")


def _home(elsewhere: Sequence[str], path: Path) -> tuple[str, int] | None:
    """Where else the key is allowed, the nearest places in words; and how many steps those share with `path`."""
    ranked: list[tuple[int, int, str]] = []
    for place in elsewhere:
        steps = place.replace("[]", "").split(".") if place else []
        shared = 0
        for step, own in zip(steps, path[:-1], strict=False):
            if step not in ("*", own):
                break
            steps[shared] = str(own)
            shared += 1
        if "*" not in steps:
            ranked.append((shared, -len(steps), ".".join(steps)))
    if not ranked:
        return None
    best = max(ranked)[:2]
    names = [f"under {name}" if name else "to the top of the file" for *rank, name in ranked if tuple(rank) == best]
    return " or ".join(names[:3]), best[0]


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY)
def compose_file(stack: Stack) -> Iterator[Hit]:
    """The file is written for docker compose, not for a stack.

    Two or more of its keys are known to docker compose only: `build` without an image, `depends_on` with conditions,
    `develop`, `profiles`, `name` and the like. Docker refuses to deploy it. If it is for development only, exclude it
    from the check; if it is meant as a stack, remove these keys.
    """
    keys = compose_keys(stack)
    if keys:
        first, *others = keys
        listed = ", ".join(dict.fromkeys(_key_name(place) for place in keys))
        hints = "\n".join(dict.fromkeys(f"  {_key_name(place)}: {help}" for place, (help, _) in keys.items()))
        yield Hit(
            first,
            f"this is a file for docker compose, not for a stack: it has {listed}",
            f"add it to `exclude` in .lblint.yml if it is for development only; to deploy it as a stack:\n{hints}",
            fixes=tuple(fix for _, fixes in keys.values() for fix in fixes),
            related=tuple(others),
        )


def _key_name(place: Place) -> str:
    return str(place.path[-1])


_CLIENTS = {8: "19.03", 9: "20.10", 10: "23.0", 11: "24.0", 12: "25.0", 13: "27.0"}
"""The first release of the client that knows a version 3.N, where that is not in use everywhere."""


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY)
def key_too_new(stack: Stack) -> Iterator[Hit]:
    """A key belongs to a later version of the format than the file's.

    Docker checks a file against the version that it names, and refuses a key that is newer: `name` of a network, secret
    or config needs 3.5, `init` and `rollback_config` need 3.7, `max_replicas_per_node` needs 3.8. The client must know
    that version too.
    """
    for fault in of_kind(stack.faults, KeyTooNew):
        since = fault.since
        message = f"'{fault.key}' needs version {since} or newer, and this file has version {fault.version}"
        client = _CLIENTS.get(int(since.partition(".")[2] or 0))
        needs = f", which needs docker {client} or newer" if client else ""
        help = f'write version: "{since}"{needs}'
        yield Hit(fault.place, message, help, fixes=_raised(stack, since), docker=fault.docker)


def _raised(stack: Stack, since: str) -> tuple[Fix, ...]:
    """The version that has the key, in all files of the stack: they must have the same."""
    edits = tuple(Edit("write", Place(file, ("version",)), since) for file in stack.files)
    return (Fix(f'write version: "{since}"', edits),)


_INSTEAD = {
    "extends": "write out the service, or use an anchor and `<<`",
    "volume_driver": "write `driver` under the volume in the top-level `volumes`",
    "volumes_from": "define a volume in the top-level `volumes`, and mount it in both services",
    "cpu_quota": "use deploy.resources.limits.cpus",
    "cpu_shares": "use deploy.resources.reservations.cpus",
    "cpuset": "use deploy.resources.limits.cpus; a stack cannot choose processors",
    "mem_limit": "move it to deploy.resources.limits.memory",
    "memswap_limit": "use deploy.resources.limits.memory",
}


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY)
def forbidden_key(stack: Stack) -> Iterator[Hit]:
    """A service has a key that docker refuses to deploy with.

    These keys of docker-compose stop `docker stack deploy` before it looks at anything else. Limits of a service are
    under `deploy.resources`, volumes at the top of the file.
    """
    for fault in of_kind(stack.faults, ForbiddenKey):
        key = fault.key
        fixes = _forbidden_key_fix(key, fault.place)
        yield Hit(fault.place, f"{key} is not allowed in a stack", _INSTEAD.get(key, ""), fixes=fixes,
                  docker=f"{fault.docker}: {fault.reason}")  # fmt: skip


def _forbidden_key_fix(key: str, place: Place) -> tuple[Fix, ...]:
    """The limit of memory where a stack has it."""
    if key != "mem_limit" or len(place.path) != 3:
        return ()
    limits = (*place.path[:2], "deploy", "resources", "limits")
    edit = Edit("move", place._replace(key=False), key="memory", to=limits)
    return (Fix("move it to deploy.resources.limits.memory", (edit,)),)


_LOST = {
    "network_mode": ("the service joins the networks of the stack instead", "remove it"),
    "privileged": ("the containers run without these rights", "remove it, and list the rights in cap_add"),
    "devices": ("the containers get no devices", "remove it, and mount the device if that is enough"),
    "security_opt": ("the containers run without these options", "remove it, and set defaults in the nodes' daemons"),
    "pid": ("the containers have their own process namespace", "remove it"),
    "ipc": ("the containers have their own IPC namespace", "remove it"),
    "userns_mode": ("the daemon's mapping of users applies", "remove it"),
    "build": ("docker stack deploy builds nothing", "remove it, and build and push the image before the deploy"),
    "links": ("services on the same network reach each other by name", "remove it"),
    "external_links": ("services on the same network reach each other by name", "remove it"),
    "shm_size": ("/dev/shm has its default size",
                 "write volumes: [{type: tmpfs, target: /dev/shm, tmpfs: {size: 64000000}}]"),
    "container_name": ("tasks are named <stack>_<service>.<slot>.<id>", "remove it"),
    "expose": ("services on the same network reach all ports of each other", "remove it"),
}  # fmt: skip
_HARMFUL = ("network_mode", "privileged", "devices", "security_opt", "pid", "ipc", "userns_mode")
_HARMLESS = {"network_mode": ("bridge", "default"), "ipc": ("private", "shareable"), "pid": (), "userns_mode": ()}


@rule(on=Stack, severity=Severity.WARNING, consequence="docker deploys the service without it")
def ignored_key(stack: Stack) -> Iterator[Hit]:
    """Swarm ignores a key of a service.

    A stack file may have keys that only `docker run` and docker compose use. `docker stack deploy` prints
    `Ignoring unsupported options` or `Ignoring deprecated options` and ignores them. It is a warning where the service
    then runs with other rights or less isolation than written, or does not work at all.

    Older clients ignore more: before 20.10 `cap_add`, `cap_drop` and `ulimits`, before 19.03 `sysctls` too.
    `--client` says which client deploys.
    """
    of_compose = compose_keys(stack)
    for fault in of_kind(stack.faults, IgnoredKey):
        if fault.place in of_compose:
            continue
        key, service = fault.key, str(fault.place.path[1])
        value = setting(stack.config, "services", service, key)
        if key in _UNSENT and fault.since:
            yield Hit(fault.place, *_sent_later(key, fault.since, stack.client))
            continue
        if key == "restart":
            if setting(stack.config, "services", service, "deploy", "restart_policy") is None:
                continue
            lost, help = "deploy.restart_policy applies", "remove restart"
        else:
            lost, help = _LOST.get(key, ("Swarm has no such setting", "remove it"))
        if key == "network_mode" and value in ("host", "bridge"):
            help = f"use a network with `name: {value}` and `external: true`"
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
    """The docker client does not know the version of the file.

    A stack has version 3.0 to 3.13 of the format; each client knows them up to its own: 3.8 came with 19.03, 3.9 with
    20.10, 3.13 with 27.0. Clients before 23.0 also refuse a file without a version. Version 2 is for docker-compose.
    The version must be in quotes, and docker does not replace variables in it.
    """
    for fault in stack.faults:
        if isinstance(fault, MissingVersion):
            highest = fault.highest
            message = f"the file has no version, which docker {stack.client} needs"
            fixes = _fixes.version(fault.place, highest, False)
            help = f'write version: "{highest}" at the top of the file'
            yield Hit(fault.place, message, help, fixes=fixes, docker=fault.docker)
        elif isinstance(fault, UnsupportedVersion):
            written, highest = fault.version, fault.highest
            message = f"docker {stack.client} does not know version {shown(written)} (it knows 3.0 to {highest})"
            fixes = _version_fix(fault.place, str(written), highest)
            yield Hit(fault.place, message, _advice(str(written), highest), fixes=fixes, docker=fault.docker)


def _version_fix(place: Place, written: str, highest: str) -> tuple[Fix, ...]:
    """Two numbers of three; else the highest version, though the rest of the file may be for another program."""

    if re.fullmatch(r"3\.[0-9]\.[0-9]+", written):
        return _fixes.version(place, written.rpartition(".")[0], True)
    return _fixes.version(place, highest, True, safe=False) if "$" not in written else ()


def _advice(written: str, highest: str) -> str:
    if "$" in written:
        return f'write version: "{highest}"; docker does not replace variables in it'
    if re.fullmatch(r"3\.[0-9]+\.[0-9]+", written):
        return f'write version: "{written.rpartition(".")[0]}"'
    if written.startswith(("1", "2")):
        return f'write version: "{highest}"; versions 1 and 2 are for docker-compose'
    return f'write version: "{highest}"'


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY)
def version_mismatch(stack: Stack) -> Iterator[Hit]:
    """Files that are merged have different versions.

    With several `-c`, all files must have exactly the same version. A file without one has the newest version that the
    client knows.
    """
    for fault in of_kind(stack.faults, VersionMismatch):
        how = f"version {fault.version}" if fault.written else f"no version, so it is {fault.version},"
        message = f"this file has {how} and {stack.files[0]} has version {fault.first}"
        fixes = _fixes.version(fault.place, fault.first, fault.written)
        yield Hit(fault.place, message, f'write version: "{fault.first}"', fixes=fixes, docker=fault.docker)
