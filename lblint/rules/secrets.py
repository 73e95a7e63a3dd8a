"""Rules on secrets and configs, which docker treats alike."""

from __future__ import annotations

from collections.abc import Iterator
from os.path import basename

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import _fixes, rule
from lblint.rules._access import certainty, entries, setting
from lblint.stack import FileObject, Stack
from lblint.swarm.validators import object_name_fault


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.CLIENT_MIDWAY)
def undeclared_secret(stack: Stack) -> Iterator[Hit]:
    """A service uses a secret or config that the stack does not declare.

    Docker looks it up when it has created the networks and all declared secrets and configs, and stops there.
    """
    for service in stack.services:
        for section, declared in (("secrets", stack.secrets), ("configs", stack.configs)):
            for index, used in entries(service.config, section):
                source = used.get("source") or ""
                help = f"{section}: {{{source}: {{file: ./{source}}}}} on the top level, or {{external: true}} in it"
                if source not in declared:
                    yield Hit(
                        stack.place("services", service.key, section, index),
                        f'undefined {section[:-1]} "{source}"',
                        help,
                    )
        named = setting(service.config, "credential_spec", "config")
        if named and named not in stack.configs:
            place = stack.place("services", service.key, "credential_spec", "config")
            help = f"configs: {{{named}: {{file: ./{named}}}}} on the top level"
            yield Hit(place, f'undefined config "{named}"', help)


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_OBJECT)
def secret_name_invalid(stack: Stack) -> Iterator[Hit]:
    """A secret or config would have a name that managers refuse.

    It is called `<stack>_<key>`, or what its `name` says: at most 64 characters, letters, digits, `-`, `_` and `.`, a
    letter or digit at both ends. Two of them with one name overwrite each other: managers refuse it unless the contents
    are the same.
    """
    for objects in (stack.secrets, stack.configs):
        first: dict[str, FileObject] = {}
        for item in objects.values():
            if item.external:
                continue
            own = str(item.config.get("name") or "")
            name = own or f"{stack.name or 's'}_{item.key}"
            place = stack.place(f"{item.kind}s", item.key, "name") if own else item.place.on_key()
            told = object_name_fault(name)
            if told:
                yield Hit(place, f'{item.kind} "{name if stack.name or own else item.key}": {told}', "another name")
            other = first.setdefault(name.lower(), item)
            if other is not item and (other.file != item.file or item.file is None):
                sure = None if other.size != item.size else Severity.WARNING
                yield Hit(
                    place,
                    f'{item.kind} "{name}" has the name of {item.kind} "{other.key}": only updates to Labels are '
                    "allowed",
                    "a name of its own for each",
                    severity=sure,
                )


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.CLIENT_MIDWAY)
def external_name_impossible(stack: Stack) -> Iterator[Hit]:
    """A service uses an external secret or config whose name none can have.

    Managers take at most 64 letters, digits, `-`, `_` and `.`, with a letter or digit at both ends. Docker looks an
    external one up by its name when it has created the networks, expands no template in it, and does not find it.
    """
    certain = certainty(stack)
    for objects in (stack.secrets, stack.configs):
        for item in objects.values():
            name = str(item.config.get("name") or item.key)
            told = object_name_fault(name) if item.external else ""
            if told:
                written = "name" in item.config and item.config["name"] != item.key
                place = stack.place(f"{item.kind}s", item.key, "name") if written else item.place.on_key()
                said = f'no {item.kind} can be called "{name}": {told}'
                yield Hit(place, said, f"the name of a {item.kind} that exists in the Swarm", certain(place))


@rule(
    on=Stack,
    severity=Severity.ERROR,
    breaks=Breaks.DEPLOY,
    stage=Stage.CLIENT_MIDWAY,
    consequence="docker stops midway: the networks of the stack are left behind, without its services",
)
def secret_file_unreadable(stack: Stack) -> Iterator[Hit]:
    """The file of a secret or config cannot be read.

    Docker reads the files of all declared secrets and configs, also of those that no service uses, when it has created
    the networks. Relative paths begin at the folder of the first stack file. Without a `file` it tries to read that
    folder itself.
    """
    certain = certainty(stack)
    for objects in (stack.secrets, stack.configs):
        for item in objects.values():
            if item.external or item.config.get("driver"):
                continue
            place = stack.place(f"{item.kind}s", item.key, "file")
            written = place.path[-1:] == ("file",)
            told = item.error.replace(item.file or "\0", basename(item.file or ""))
            if item.error and written:
                help = "a path that begins at the folder of the stack file"
                yield Hit(place, f'{item.kind} "{item.key}": {told}', help, certain(place))
            elif item.error:
                yield Hit(
                    item.place.on_key(),
                    f'{item.kind} "{item.key}" has neither a file nor `external: true`: docker reads the folder',
                    "`file: ./<path>`, or `external: true` if it exists in the Swarm",
                )


_LIMITS = {"secret": 500 * 1024, "config": 1000 * 1024}


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_OBJECT)
def secret_file_size(stack: Stack) -> Iterator[Hit]:
    """The file of a secret or config is empty or too large.

    Managers take secrets from 1 to 511999 bytes and configs from 1 to 1023999 bytes (swarmkit MaxSecretSize,
    MaxConfigSize).
    """
    for objects in (stack.secrets, stack.configs):
        for item in objects.values():
            limit = _LIMITS[item.kind]
            if item.external or item.config.get("driver") or item.size is None or 0 < item.size < limit:
                continue
            size = "is empty" if not item.size else f"has {item.size} bytes"
            yield Hit(
                stack.place(f"{item.kind}s", item.key, "file"),
                f'the file of {item.kind} "{item.key}" {size}: {item.kind} data must be larger than 0 and less than '
                f"{limit} bytes",
                "a file with something in it" if not item.size else "a volume for large files",
            )


_LOOK_OCTAL = frozenset(
    [
        400, 404, 440, 444, 500, 540, 544, 550, 554, 555, 600, 604, 640, 644, 660, 664, 666,
        700, 704, 740, 744, 750, 754, 755, 770, 774, 775, 777,
    ]
)  # fmt: skip


@rule(on=Stack, severity=Severity.WARNING, consequence="the file has other rights in the container than written")
def file_mode_decimal(stack: Stack) -> Iterator[Hit]:
    """The mode of a secret or config is a decimal number that looks octal.

    YAML takes 0440 for octal and 440 for decimal: `mode: 440` is 0670 in octal, readable and writable by the group.
    """
    for service in stack.services:
        for section in ("secrets", "configs"):
            for index, used in entries(service.config, section):
                mode = used.get("mode")
                if mode in _LOOK_OCTAL:
                    place = stack.place("services", service.key, section, index, "mode")
                    yield Hit(
                        place,
                        f"mode {mode} is a decimal number, in octal {mode & 0o7777:04o}",
                        f"0{mode}",
                        fixes=_fixes.write(place, f"0{mode}", bare=True),
                    )


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.CLIENT_MIDWAY)
def duplicate_file_target(stack: Stack) -> Iterator[Hit]:
    """Two secrets or two configs of a service have one target.

    The target is the file in the container; without one it is the source's name. Docker stops when networks, secrets
    and configs are made.
    """
    for service in stack.services:
        for section in ("secrets", "configs"):
            first: dict[str, str] = {}
            for index, used in entries(service.config, section):
                source = used.get("source") or ""
                target = used.get("target") or source
                if target in first:
                    yield Hit(
                        stack.place("services", service.key, section, index),
                        f'duplicate {section[:-1]} target "{target}", which "{first[target]}" has already',
                        "a target of its own for each",
                    )
                first.setdefault(target, source)
