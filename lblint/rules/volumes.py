"""Rules on volumes and mounts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from lblint.finding import Breaks, Hit, Place, Severity, Stage, of_kind
from lblint.lazy_re import pattern
from lblint.rules import rule
from lblint.rules._access import certainty, entries, setting
from lblint.rules._wording import FEW, near
from lblint.source import Source
from lblint.stack import Stack
from lblint.stack.constraint import Constraint, parse_constraint
from lblint.stack.faults import DriveLetter, HomeUnset, IgnoredMountOptions, MissingSource
from lblint.stack.volumes import PROPAGATIONS


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.CLIENT_MIDWAY)
def undeclared_volume(stack: Stack) -> Iterator[Hit]:
    """A service mounts a volume that the stack does not declare.

    A source that does not begin with `.`, `/` or `~` is the name of a volume, even with a slash in it. It must be
    declared under the top-level `volumes`. Docker checks it after it has created the networks, secrets and configs.
    """
    for service in stack.services:
        for index, mount in entries(service.config, "volumes"):
            source = mount.get("source") or ""
            named = mount.get("type") or "volume"
            if not source or source in stack.volumes or named not in ("volume", "cluster"):
                continue
            if named == "cluster" and source.startswith("group:"):
                continue
            path = source.strip()
            path = path if path.startswith(("/", ".", "~")) else f"./{path}"
            meant = near(source, islice(stack.volumes, FEW))
            declaration = f"write {meant}" if meant else f"declare it at the top level\nvolumes:\n  {source}: {{}}"
            yield Hit(
                stack.place("services", service.key, "volumes", index),
                f'volume "{source}" is not declared',
                f"write {path} for a path on the node" if "/" in source or "\\" in source else declaration,
                docker=f'service {service.key}: undefined volume "{source}"',
            )


@rule(on=Stack, severity=Severity.INFO, consequence="a node without the volume creates an empty one")
def external_volume_unchecked(stack: Stack) -> Iterator[Hit]:
    """Docker does not check whether an external volume exists.

    Docker checks external networks, secrets and configs, but not volumes, because a volume belongs to a node. If it
    does not exist there, the node creates an empty volume of that name when the task starts, without a warning. So the
    service starts without its data if the name is misspelt or the task runs on another node.
    """
    for volume in stack.volumes.values():
        if volume.external:
            yield Hit(
                volume.place.on_key(),
                f'docker does not check whether the external volume "{volume.name or volume.key}" exists',
                "constrain the service to the nodes that have the volume, unless all nodes share it",
            )


@rule(on=Stack, severity=Severity.INFO, consequence="the mount is made without the option")
def volume_options_dropped(stack: Stack) -> Iterator[Hit]:
    """A mount in the short syntax has an option that docker ignores.

    In a stack, docker knows `ro`, `rw`, `nocopy` and the names of propagations. It ignores any other option, such as
    `z` for SELinux or `cached`, without a warning.
    """
    for fault in of_kind(stack.faults, IgnoredMountOptions):
        options = ", ".join(fault.options)
        relabel = set(options.lower().split(", ")) & {"z"}
        help = "remove it, and label the folder on the nodes (chcon, semanage)" if relabel else "remove it"
        yield Hit(fault.place, f'docker ignores the option "{options}" of this mount', help)


@rule(on=Stack, severity=Severity.WARNING, breaks=Breaks.DEPLOY, stage=Stage.TASKS)
def volume_single_letter(stack: Stack) -> Iterator[Hit]:
    """Docker takes a volume name of one letter for a Windows drive.

    Docker reads `v:/data` as the path `/data` on the drive `v:`, and mounts an anonymous volume there. The volume `v`
    is never used, and Linux nodes reject every task. Give the volume a longer name, or use the long syntax.
    """
    for fault in of_kind(stack.faults, DriveLetter):
        if fault.target[2:3] != "\\":
            letter, target = fault.letter, fault.target
            yield Hit(
                fault.place,
                f'docker takes "{letter}:" for a Windows drive and mounts an anonymous volume at {target}',
                "give the volume a longer name, or use the long syntax\n"
                f"- {{type: volume, source: {letter}, target: {target[2:]}}}",
            )


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.CLIENT_BEFORE)
def bind_without_source(stack: Stack) -> Iterator[Hit]:
    """A bind mount has no source.

    In the long syntax, a mount of the type bind needs a `source`, which is a path on the node. The client refuses the
    file without it.
    """
    for fault in of_kind(stack.faults, MissingSource):
        help = "add source: with a path on the node"
        yield Hit(fault.place, "the bind mount has no source", help, docker=fault.docker)


@rule(on=Source, severity=Severity.INFO, consequence="a node without it rejects the task")
def relative_bind_on_every_node(source: Source) -> Iterator[Hit]:
    """A service that may run on several nodes mounts a path that is relative to the stack file.

    Docker makes it an absolute path on the machine where `docker stack deploy` runs. Every node that a task may run on
    must have that path: Swarm neither copies nor creates it. A service with one replica, or with a constraint on the
    hostname or ID of a node, is not reported.

    On a node without the path the task is rejected: `invalid mount config for type "bind": bind source path does not
    exist: <path>`. Create the path on each node that may run the task, limit the service to nodes that have it, or use
    a volume, config or secret.
    """
    services = setting(source.data, "services") if isinstance(source.data, dict) else None
    for name, service in services.items() if isinstance(services, dict) else ():
        deploy = service.get("deploy") if isinstance(service, dict) else None
        if not isinstance(deploy, dict) or not _on_several_nodes(deploy):
            continue
        for index, mount in entries(service, "volumes"):
            written = _relative_source(mount)
            if written:
                yield Hit(
                    Place(source.name, ("services", name, "volumes", index)),
                    f'every node must have "{written}" at the same absolute path, because Swarm does not create it',
                    "copy it to every node, use a volume or a config, or constrain the service to one node",
                )


def _on_several_nodes(deploy: Mapping[str, Any]) -> bool:
    """Whether a service has several tasks, and no constraint on one node."""
    count = deploy.get("replicas")
    several = isinstance(count, int) and not isinstance(count, bool) and count > 1
    if deploy.get("mode") not in ("global", "global-job") and not several:
        return False
    return not any(_is_one_node(text) for _, text in entries(deploy, "placement", "constraints"))


def _relative_source(mount: object) -> str:
    """The source of a bind mount below the folder of the stack file, as written; "" for other mounts."""
    if isinstance(mount, dict):
        path = mount.get("source") if mount.get("type") == "bind" else None
        return path if isinstance(path, str) and not _ABSOLUTE.match(path) and path[:1] not in ("", "~", "$") else ""
    path = _SOURCE.match(mount) if isinstance(mount, str) and ":" in mount else None
    return path[0] if path is not None and path[0].startswith(".") else ""


_SOURCE = pattern(r"(?:\$\{[^}]*\}|[^:])*")
"""What comes before the first colon of a short entry, colons in variables left out."""


def _is_one_node(text: object) -> bool:
    """Whether a placement constraint names one node."""
    read = parse_constraint(str(text))
    return isinstance(read, Constraint) and read.key.lower() in ("node.hostname", "node.id") and read.operator == "=="


@rule(on=Stack, severity=Severity.WARNING, consequence="another folder than meant may be mounted")
def home_unknown(stack: Stack) -> Iterator[Hit]:
    """The source of a mount begins with `~`, and HOME is not set.

    Docker replaces `~` with the HOME of whoever deploys, not with a folder of the node. Without HOME it takes `~` for a
    folder next to the stack file.
    """
    for fault in of_kind(stack.faults, HomeUnset):
        yield Hit(
            fault.place,
            f'the ~ of "{fault.source}" cannot be expanded, because HOME is not set',
            "write an absolute path: ~ is a folder of whoever deploys, not of the node",
            docker="cannot expand '~', because the environment lacks HOME",
        )


_OPTIONS = {"tmpfs": "tmpfs", "bind": "bind", "volume": "volume", "cluster": "cluster", "image": "image"}
_ALLOWED = {
    "volume": ("volume",),
    "bind": ("bind",),
    "tmpfs": ("tmpfs",),
    "npipe": ("bind", "cluster"),
    "cluster": ("cluster", "image"),
    "image": ("image",),
}


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.CLIENT_MIDWAY)
def mount_options_conflict(stack: Stack) -> Iterator[Hit]:
    """A mount has an unknown type, or options that do not belong to its type.

    The types are volume, bind, tmpfs, npipe and cluster. A bind must not have volume options, a tmpfs must not have a
    source, and so on. Docker checks it after it has created the networks, secrets and configs.
    """
    for service in stack.services:
        for index, mount in entries(service.config, "volumes"):
            message, help, refusal = _fault(mount)
            if message:
                place = stack.place("services", service.key, "volumes", index)
                yield Hit(place, message, help, docker=f"service {service.key}: {refusal}")


def _fault(mount: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return message, help and the client's words on a mount; "" thrice where the client accepts it.

    Source: docker/cli cli/compose/convert/volume.go.
    """
    kind = mount.get("type") or "volume"
    if kind not in _ALLOWED:
        types = "volume, bind, tmpfs, npipe, or cluster"
        return f'mount type "{kind}" does not exist', f"write {types}", f"volume type must be {types}"
    source = mount.get("source") or ""
    if kind in ("npipe", "cluster", "image") and not source:
        return f"the {kind} mount has no source", "add source", f"invalid {kind} source, source cannot be empty"
    if kind == "tmpfs" and source:
        message = f'a tmpfs mount must not have a source, but this one has "{source}"'
        return message, "remove source, or write type: bind", "invalid tmpfs source, source must be empty"
    for option in _OPTIONS:
        if mount.get(option) is not None and option not in _ALLOWED[kind]:
            refusal = f"{option} options are incompatible with type {kind}"
            return f"a {kind} mount must not have {option} options", f"remove {option}, or change type", refusal
    return "", "", ""


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE)
def mount_setting_unknown(stack: Stack) -> Iterator[Hit]:
    """A mount has a propagation that does not exist, or a type that services cannot use.

    `bind.propagation` is rprivate, private, rshared, shared, rslave or slave. Clients from 28.0 on accept the type
    `image`, but managers refuse it in a service.
    """
    for service in stack.services:
        for index, mount in entries(service.config, "volumes"):
            path = ("services", service.key, "volumes", index)
            propagation = str(setting(mount, "bind", "propagation") or "")
            if propagation and propagation.lower() not in PROPAGATIONS:
                meant = near(propagation, PROPAGATIONS)
                yield Hit(
                    stack.place(*path, "bind", "propagation"),
                    f'bind propagation "{propagation}" does not exist',
                    f"write {meant}" if meant else f"write one of {', '.join(PROPAGATIONS)}",
                    docker=f'invalid MountPropagation: "{propagation}"',
                )
            if mount.get("type") == "image" and mount.get("source"):
                yield Hit(
                    stack.place(*path, "type"),
                    "services cannot use mounts of the type image",
                    "copy the files into a volume, and write type: volume",
                    docker='invalid MountType: "image"',
                )


_ABSOLUTE = pattern(r"/|\{\{|[A-Za-z]:[\\/].|\\\\")


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.TASKS)
def mount_target_relative(stack: Stack) -> Iterator[Hit]:
    """The target of a mount is not an absolute path.

    Managers accept it, and then the nodes reject every task: `invalid mount target, must be an absolute path`. The
    target is a path inside the container.
    """
    certain = certainty(stack)
    letters = {fault.place for fault in of_kind(stack.faults, DriveLetter)}
    for service in stack.services:
        for index, mount in entries(service.config, "volumes"):
            target = str(mount.get("target") or "")
            place = stack.place("services", service.key, "volumes", index)
            if _ABSOLUTE.match(target) is None and place not in letters:
                yield Hit(
                    place,
                    f'the mount target "{target}" is not an absolute path' if target else "the mount has no target",
                    f"write /{target.removeprefix('./')}" if target else "add target: with a path in the container",
                    certain(place),
                )


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE)
def mount_target_twice(stack: Stack) -> Iterator[Hit]:
    """Two mounts of a service have the same target.

    Managers refuse a service with two mounts at the same target. Anonymous volumes count as well. Change the target of
    one mount, or remove it.
    """
    for service in stack.services:
        targets: set[str] = set()
        for index, mount in entries(service.config, "volumes"):
            target = str(mount.get("target") or "")
            if target in targets:
                place = stack.place("services", service.key, "volumes", index)
                yield Hit(
                    place,
                    f'another mount already has the target "{target}"',
                    "change the target of this mount, or remove it",
                    docker=f"duplicate mount point: {target}",
                )
            targets.add(target)
