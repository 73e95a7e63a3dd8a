"""Rules on volumes and mounts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lblint.finding import Breaks, Hit, Place, Severity, Stage, of_kind
from lblint.lazy_re import pattern
from lblint.rules import rule
from lblint.rules._access import certainty, entries, setting
from lblint.source import Source
from lblint.stack import Stack
from lblint.stack.constraint import Constraint, parse_constraint
from lblint.stack.faults import DriveLetter, HomeUnset, IgnoredMountOptions, MissingSource
from lblint.stack.volumes import PROPAGATIONS


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.CLIENT_MIDWAY)
def undeclared_volume(stack: Stack) -> Iterator[Hit]:
    """A service mounts a volume that the stack does not declare.

    A source that does not begin with `.`, `/` or `~` is the name of a volume, even with a slash in it, and must be
    declared under the top-level `volumes`. Docker finds it out when networks, secrets and configs are made.
    """
    for service in stack.services:
        for index, mount in entries(service.config, "volumes"):
            source = mount.get("source") or ""
            named = mount.get("type") or "volume"
            if not source or source in stack.volumes or named not in ("volume", "cluster"):
                continue
            if named == "cluster" and source.startswith("group:"):
                continue
            path = "/" in source or "\\" in source
            help = f"./{source} for a path of the node" if path else f"volumes: {{{source}: {{}}}} on the top level"
            yield Hit(stack.place("services", service.key, "volumes", index), f'undefined volume "{source}"', help)


@rule(on=Stack, severity=Severity.INFO, consequence="a node that lacks the volume creates an empty one")
def external_volume_unchecked(stack: Stack) -> Iterator[Hit]:
    """An external volume is not looked for by anybody.

    Docker checks external networks, secrets and configs. A volume belongs to a node: where an external one is missing,
    the node creates an empty one of that name when the task starts, without a word. A misspelt name means empty data.
    """
    for volume in stack.volumes.values():
        if volume.external:
            yield Hit(
                volume.place.on_key(),
                f'external volume "{volume.name or volume.key}" is not looked for: a node makes an empty one',
                "a placement constraint for the node that has it, unless all nodes share it",
            )


@rule(on=Stack, severity=Severity.INFO, consequence="the mount is made without the option")
def volume_options_dropped(stack: Stack) -> Iterator[Hit]:
    """A short volume entry has an option that docker drops.

    A stack knows ro, rw, nocopy and the propagation names. Anything else, such as `z` for SELinux or `cached`, is
    dropped without a word.
    """
    for fault in of_kind(stack.faults, IgnoredMountOptions):
        options = ", ".join(fault.options)
        relabel = set(options.lower().split(", ")) & {"z"}
        help = "label the folder on the nodes (chcon, semanage)" if relabel else "nothing in its place"
        yield Hit(fault.place, f'docker drops "{options}" of this mount without a word', help)


@rule(on=Stack, severity=Severity.WARNING, breaks=Breaks.DEPLOY, stage=Stage.TASKS)
def volume_single_letter(stack: Stack) -> Iterator[Hit]:
    """A volume with a name of one letter is taken for a Windows drive.

    Docker reads `v:/data` as the path `/data` of the drive `v:`, and mounts an anonymous volume there. On Linux every
    task is rejected; the volume `v` is never used.
    """
    for fault in of_kind(stack.faults, DriveLetter):
        if fault.target[2:3] != "\\":
            letter, target = fault.letter, fault.target
            yield Hit(
                fault.place,
                f'docker takes "{letter}:" for a Windows drive: an anonymous volume is mounted at {target}',
                f"a longer name, or the long syntax with `source: {letter}`",
            )


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.CLIENT_BEFORE)
def bind_without_source(stack: Stack) -> Iterator[Hit]:
    """A bind mount has no source.

    The client refuses the file. In the long syntax a bind needs a `source`, a path of the node.
    """
    for fault in of_kind(stack.faults, MissingSource):
        yield Hit(fault.place, fault.docker, "the path of the node as `source`")


@rule(on=Source, severity=Severity.INFO, consequence="a node that lacks it rejects the task")
def relative_bind_on_every_node(source: Source) -> Iterator[Hit]:
    """A service that may run on several nodes mounts a path that is relative to the stack file.

    Docker makes it an absolute path of the machine where `docker stack deploy` runs. Each node that a task may run on
    must have it at that path: Swarm neither copies nor creates it. Nothing is said of a service with one replica, or
    with a constraint on the node's hostname or ID.
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
                    f'every node must have "{written}" at the same absolute path: Swarm does not create it',
                    "put it on every node, use a volume or a config, or constrain the service to one node",
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
    path = mount.partition(":")[0] if isinstance(mount, str) and ":" in mount else ""
    return path if path.startswith(".") else ""


def _is_one_node(text: object) -> bool:
    """Whether a placement constraint names one node."""
    read = parse_constraint(str(text))
    return isinstance(read, Constraint) and read.key.lower() in ("node.hostname", "node.id") and read.operator == "=="


@rule(on=Stack, severity=Severity.WARNING, consequence="another folder of the node is mounted than meant")
def home_unknown(stack: Stack) -> Iterator[Hit]:
    """A mount begins with `~`, and the deployer has no HOME.

    Docker puts the HOME of who deploys in its place. Without one the mount stays as it is written, below the folder of
    the stack file.
    """
    for fault in of_kind(stack.faults, HomeUnset):
        told = f"\"{fault.source}\": cannot expand '~', because the environment lacks HOME"
        yield Hit(fault.place, told, "an absolute path: ~ is that of the deployer, not of the node")


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
    """A mount has a type that docker does not know, or options that do not go with its type.

    Docker checks mounts when networks, secrets and configs are made: a bind takes no volume options, a tmpfs no source,
    and so on. A type is one of volume, bind, tmpfs, npipe and cluster.
    """
    for service in stack.services:
        for index, mount in entries(service.config, "volumes"):
            told = _fault(mount)
            if told:
                place = stack.place("services", service.key, "volumes", index)
                yield Hit(place, told, "what belongs to the type alone")


def _fault(mount: Mapping[str, Any]) -> str:
    """What the client says against a mount (docker/cli cli/compose/convert/volume.go)."""
    kind = mount.get("type") or "volume"
    if kind not in _ALLOWED:
        return f'type "{kind}": volume type must be volume, bind, tmpfs, npipe, or cluster'
    source = mount.get("source") or ""
    if kind in ("npipe", "cluster", "image") and not source:
        return f"invalid {kind} source, source cannot be empty"
    if kind == "tmpfs" and source:
        return f'source "{source}": invalid tmpfs source, source must be empty'
    for option in _OPTIONS:
        if mount.get(option) is not None and option not in _ALLOWED[kind]:
            return f"{option} options are incompatible with type {kind}"
    return ""


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE)
def mount_setting_unknown(stack: Stack) -> Iterator[Hit]:
    """A mount has a propagation or type that managers do not know.

    `bind.propagation` is rprivate, private, rshared, shared, rslave or slave. The type `image` is known to clients from
    28.0 on, but no manager takes it for a service.
    """
    for service in stack.services:
        for index, mount in entries(service.config, "volumes"):
            path = ("services", service.key, "volumes", index)
            propagation = str(setting(mount, "bind", "propagation") or "")
            if propagation and propagation.lower() not in PROPAGATIONS:
                yield Hit(
                    stack.place(*path, "bind", "propagation"),
                    f'the manager says: invalid MountPropagation: "{propagation}"',
                    f"one of {', '.join(PROPAGATIONS)}",
                )
            if mount.get("type") == "image" and mount.get("source"):
                yield Hit(
                    stack.place(*path, "type"),
                    'the manager says: invalid MountType: "image"',
                    "a volume, with the files copied into it",
                )


_ABSOLUTE = pattern(r"/|\{\{|[A-Za-z]:[\\/].|\\\\")


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.TASKS)
def mount_target_relative(stack: Stack) -> Iterator[Hit]:
    """A mount has a target that is no absolute path.

    Managers accept it, and every task is rejected: `invalid mount target, must be an absolute path`.
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
                    f'the mount target "{target}" is no absolute path: every task is rejected',
                    f"/{target.removeprefix('./')}" if target else "a `target` that begins with /",
                    certain(place),
                )


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE)
def mount_target_twice(stack: Stack) -> Iterator[Hit]:
    """Two mounts of a service have one target.

    Managers compare the targets as texts, and refuse a service that has one twice; anonymous volumes count, too.
    """
    for service in stack.services:
        targets: set[str] = set()
        for index, mount in entries(service.config, "volumes"):
            target = str(mount.get("target") or "")
            if target in targets:
                place = stack.place("services", service.key, "volumes", index)
                yield Hit(place, f"duplicate mount point: {target}", "a target of its own for each mount")
            targets.add(target)
