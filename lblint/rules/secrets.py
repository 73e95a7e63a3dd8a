"""Rules on secrets and configs, which docker treats alike."""

from __future__ import annotations

import re
from collections.abc import Iterator
from os.path import basename

from lblint.finding import Breaks, Hit, Place, Severity, Stage
from lblint.rules import _fixes, rule
from lblint.rules._access import certainty, entries, setting
from lblint.rules._wording import size
from lblint.stack import FileObject, Service, Stack
from lblint.swarm.name_grammar import LONGEST_OBJECT_NAME, object_name_fault


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.CLIENT_MIDWAY)
def undeclared_secret(stack: Stack) -> Iterator[Hit]:
    """A service uses a secret or config that the stack does not declare.

    Docker looks it up after it has created the networks and all declared secrets and configs, and stops there. Declare
    it at the top level, with `file` or with `external: true`.
    """
    for service in stack.services:
        for section, declared in (("secrets", stack.secrets), ("configs", stack.configs)):
            for index, used in entries(service.config, section):
                source = used.get("source") or ""
                if source not in declared:
                    place = stack.place("services", service.key, section, index)
                    yield _undeclared(service, section, source, place)
        source = setting(service.config, "credential_spec", "config")
        if source and source not in stack.configs:
            place = stack.place("services", service.key, "credential_spec", "config")
            yield _undeclared(service, "configs", source, place)


def _undeclared(service: Service, section: str, source: str, place: Place) -> Hit:
    kind = section[:-1]
    return Hit(
        place,
        f'{kind} "{source}" is not declared',
        "declare it at the top level; if it does not exist in the Swarm yet, with file instead of external\n"
        f"{section}:\n  {source}: {{external: true}}",
        docker=f'service {service.key}: undefined {kind} "{source}"',
    )


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_OBJECT)
def secret_name_invalid(stack: Stack) -> Iterator[Hit]:
    """The name of a secret or config is one that managers refuse.

    A secret or config is named `<stack>_<key>`, or by its `name` if that is set. The name has at most 64 characters:
    letters, digits, `-`, `_` and `.`, with a letter or digit at both ends. If two have the same name, the second one
    would replace the content of the first. Managers refuse that unless the contents are the same.
    """
    for objects in (stack.secrets, stack.configs):
        first: dict[str, FileObject] = {}
        for item in objects.values():
            if item.external:
                continue
            own = str(item.config.get("name") or "")
            name = own or f"{stack.name or 's'}_{item.key}"
            place = stack.place(f"{item.kind}s", item.key, "name") if own else item.place.on_key()
            refusal = object_name_fault(name)
            if refusal:
                shown = name if stack.name or own else item.key
                help = _rename(item, own or item.key, name)
                yield Hit(place, f'"{shown}" is not a valid {item.kind} name', help, docker=refusal)
            other = first.setdefault(name.lower(), item)
            if other is not item and (other.file != item.file or item.file is None):
                sure = None if other.size != item.size else Severity.WARNING
                yield Hit(
                    place,
                    f'the {item.kind}s "{item.key}" and "{other.key}" have the same name, {name}',
                    f"give {item.key} or {other.key} another name",
                    severity=sure,
                    docker="only updates to Labels are allowed",
                )


def _rename(item: FileObject, key: str, full: str) -> str:
    """Say how to name a secret or config whose full name is refused; `key` is the part that the file decides."""
    too_many = len(full.encode("utf-8", "surrogatepass")) - LONGEST_OBJECT_NAME
    if too_many > 0:
        return f"shorten the name by at least {too_many} {'character' if too_many == 1 else 'characters'}"
    plain = re.sub(r"[^A-Za-z0-9_.-]+", "-", key).strip("-_.")
    if plain and plain != key:
        return f"rename the {item.kind} to {plain}"
    return f"rename the {item.kind}: use letters, digits, -, _ and ."


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.CLIENT_MIDWAY)
def external_name_impossible(stack: Stack) -> Iterator[Hit]:
    """The name of an external secret or config is one that no secret or config can have.

    A name has at most 64 characters: letters, digits, `-`, `_` and `.`, with a letter or digit at both ends. Docker
    looks an external secret or config up by its name after it has created the networks, and does not find it. It does
    not expand templates in the name.
    """
    certain = certainty(stack)
    for objects in (stack.secrets, stack.configs):
        for item in objects.values():
            name = str(item.config.get("name") or item.key)
            if item.external and object_name_fault(name):
                written = "name" in item.config and item.config["name"] != item.key
                place = stack.place(f"{item.kind}s", item.key, "name") if written else item.place.on_key()
                message = f'"{name}" is not a valid {item.kind} name, so no {item.kind} has it'
                help = f"write the name of a {item.kind} that exists in the Swarm"
                yield Hit(place, message, help, certain(place), docker=f"{item.kind} not found: {name}")


@rule(
    on=Stack,
    severity=Severity.ERROR,
    breaks=Breaks.DEPLOY,
    stage=Stage.CLIENT_MIDWAY,
    consequence="docker stops midway: the stack's networks are created, its services are not",
)
def secret_file_unreadable(stack: Stack) -> Iterator[Hit]:
    """The file of a secret or config cannot be read.

    Docker reads the files of all declared secrets and configs after it has created the networks, even if no service
    uses them. A relative path begins at the folder of the first stack file. Without `file` and without `external: true`
    docker tries to read that folder itself.
    """
    certain = certainty(stack)
    for objects in (stack.secrets, stack.configs):
        for item in objects.values():
            if item.external or item.config.get("driver"):
                continue
            place = stack.place(f"{item.kind}s", item.key, "file")
            written = place.path[-1:] == ("file",)
            refusal = item.error.replace(item.file or "\0", basename(item.file or ""))
            if item.error and written:
                special = refusal.endswith("is not a regular file")  # docker may read it, lblint does not try
                fault = _UNREADABLE.get(refusal.rpartition(": ")[2], "cannot be read")
                fault = "is not a regular file" if special else fault
                message = f'the file of {item.kind} "{item.key}" {fault}'
                create = "create the file, or correct" if fault == "does not exist" else "correct"
                help = f"{create} the path, which is relative to the folder of {basename(stack.files[0])}"
                yield Hit(place, message, help, certain(place), docker="" if special else refusal)
            elif item.error:
                yield Hit(
                    item.place.on_key(),
                    f'{item.kind} "{item.key}" has neither file nor external: true',
                    f"add file: with the path of its content, or external: true if the {item.kind} already exists",
                )


_UNREADABLE = {
    "no such file or directory": "does not exist",
    "is a directory": "is a folder",
}
"""What is wrong with a file, by the system's message."""
_LIMITS = {"secret": 500 * 1024, "config": 1000 * 1024}


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_OBJECT)
def secret_file_size(stack: Stack) -> Iterator[Hit]:
    """The file of a secret or config is empty or too large.

    Managers accept secrets from 1 to 511999 bytes and configs from 1 to 1023999 bytes (swarmkit MaxSecretSize,
    MaxConfigSize). Put larger files into a volume or into the image.
    """
    for objects in (stack.secrets, stack.configs):
        for item in objects.values():
            limit = _LIMITS[item.kind]
            if item.external or item.config.get("driver") or item.size is None or 0 < item.size < limit:
                continue
            fault = f"has {size(item.size)}, and the limit is {size(limit)}" if item.size else "is empty"
            large = f"put the file into a volume or into the image, or remove {item.kind} {item.key}"
            yield Hit(
                stack.place(f"{item.kind}s", item.key, "file"),
                f'the file of {item.kind} "{item.key}" {fault}',
                large if item.size else f"write the content of {item.kind} {item.key} into the file",
                docker=f"{item.kind} data must be larger than 0 and less than {limit} bytes",
            )


_LOOK_OCTAL = frozenset(
    [
        400, 404, 440, 444, 500, 540, 544, 550, 554, 555, 600, 604, 640, 644, 660, 664, 666,
        700, 704, 740, 744, 750, 754, 755, 770, 774, 775, 777,
    ]
)  # fmt: skip


@rule(on=Stack, severity=Severity.WARNING, consequence="the file has other permissions in the container than written")
def file_mode_decimal(stack: Stack) -> Iterator[Hit]:
    """The mode of a secret or config is a decimal number that was probably meant as octal.

    YAML reads 0440 as octal and 440 as decimal. `mode: 440` is 0670 in octal, so the group may read and write the file.
    """
    for service in stack.services:
        for section in ("secrets", "configs"):
            for index, used in entries(service.config, section):
                mode = used.get("mode")
                if mode in _LOOK_OCTAL:
                    place = stack.place("services", service.key, section, index, "mode")
                    fixes = _fixes.write(place, f"0{mode}", bare=True)
                    message = f"mode {mode} is a decimal number, which is {mode & 0o7777:04o} in octal"
                    yield Hit(place, message, fixes[0].title, fixes=fixes)


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.CLIENT_MIDWAY)
def duplicate_file_target(stack: Stack) -> Iterator[Hit]:
    """Two secrets or two configs of a service have the same target.

    The target is the name of the file in the container, by default the name of the source. Docker checks it after it
    has created the networks, secrets and configs.
    """
    for service in stack.services:
        for section, declared in (("secrets", stack.secrets), ("configs", stack.configs)):
            first: dict[str, str] = {}
            for index, used in entries(service.config, section):
                source = used.get("source") or ""
                target = used.get("target") or source
                if target in first:
                    kind, other = section[:-1], first[target]
                    name = (declared[source].name if source in declared else None) or source
                    both = f'the {section} "{other}" and "{source}" have the same target, {target}'
                    twice = f'{kind} "{source}" has the target {target} twice'
                    yield Hit(
                        stack.place("services", service.key, section, index),
                        twice if other == source else both,
                        "remove this entry" if other == source else f"give {source} another target",
                        docker=f"service {service.key}: duplicate {kind} target for {name} not allowed",
                    )
                first.setdefault(target, source)
