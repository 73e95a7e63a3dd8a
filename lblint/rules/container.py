"""Rules on what a service's container is made from: image, environment, capabilities, directories."""

from __future__ import annotations

from collections.abc import Iterator
from os.path import basename

from lblint.finding import Breaks, Hit, Path, Place, Severity, Stage, of_kind
from lblint.lazy_re import pattern
from lblint.rules import _fixes, rule
from lblint.rules._access import certainty, entries, setting
from lblint.rules._compose import compose_keys
from lblint.rules._misplaced import labels_in_services
from lblint.rules._wording import shown
from lblint.source import Source
from lblint.stack import Service, Stack
from lblint.stack.deprecated_keys import sent
from lblint.stack.docker_versions import client
from lblint.stack.faults import (
    EnvFileFault,
    GrammarError,
    InvalidEnvFile,
    SpecialEnvFile,
    UnreadableEnvFile,
    UnsetVariable,
)
from lblint.stack.image_reference import Reference, parse_name, parse_reference
from lblint.stack.ports import is_ip


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.CLIENT_BEFORE)
def invalid_image(stack: Stack) -> Iterator[Hit]:
    """A service has no image, or an image reference that docker cannot parse.

    From client 28.2 on, `docker stack deploy` parses the image of every service before it does anything else. An image
    reference is `[registry/]name[:tag][@digest]`; the name must be in lower case. `build` does not replace `image`: a
    deploy builds nothing, so build and push the image first. A file in which no service has an image is probably meant
    to be merged with another one: check and deploy both with `-c`.

    Docker says `invalid reference format`.
    """
    certain = certainty(stack)
    if not client(stack.client).checks_image:
        return
    if _is_override(stack):
        yield _override_hit(stack, f"invalid image reference for service {stack.services[0].key}: no image specified")
        return
    of_compose = compose_keys(stack)
    lost = labels_in_services(stack)
    for service in stack.services:
        if service.place.child("build").on_key() in of_compose or (lost and service.key == "labels"):
            continue
        image = service.config.get("image") or ""
        reference = parse_reference(image) if image else GrammarError("no image specified")
        if isinstance(reference, GrammarError):
            place = _image_place(stack, service)
            refusal = f"invalid image reference for service {service.key}: {reference.told}"
            yield Hit(place, _image_message(service), _image_help(stack, service), certain(place), docker=refusal)


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE)
def image_refused_by_manager(stack: Stack) -> Iterator[Hit]:
    """A service has an image that the manager refuses.

    Clients before 28.2 do not check images. The manager does, when it creates the service; the networks and some of the
    services already exist then. Newer clients check images first, but accept an image ID of 64 hexadecimal digits. The
    manager refuses it, because every node must be able to pull the image by its name.
    """
    certain = certainty(stack)
    if _is_override(stack):
        if not client(stack.client).checks_image:
            yield _override_hit(stack, "image reference must be provided")
        return
    for service in stack.services:
        image = service.config.get("image") or ""
        reference = parse_name(image)
        if not isinstance(reference, GrammarError):
            continue
        if client(stack.client).checks_image and isinstance(parse_reference(image), GrammarError):
            continue
        place = _image_place(stack, service)
        if image:
            refusal = f'"{image}" is not a valid repository/tag: {reference.told}'
        else:
            refusal = "image reference must be provided"
        yield Hit(place, _image_message(service), _image_help(stack, service), certain(place), docker=refusal)


def _is_override(stack: Stack) -> bool:
    """Whether no service has an image: the file changes the services of another file, which is missing here."""
    configs = [service.config for service in stack.services]
    return bool(configs) and len(stack.files) == 1 and not any("image" in c or "build" in c for c in configs)


def _override_hit(stack: Stack, refusal: str) -> Hit:
    """One hit for all services of an override file."""
    first, *others = stack.services
    message = "no service has an image" if others else f'service "{first.key}" has no image'
    help = f"set image; if this is an override file, check it with its base: -c BASE.yml -c {stack.files[0]}"
    return Hit(first.place.on_key(), message, help, docker=refusal)


def _image_place(stack: Stack, service: Service) -> Place:
    """The image of a service, or the service itself where it has none."""
    return stack.place("services", service.key, "image") if "image" in service.config else service.place.on_key()


def _image_message(service: Service) -> str:
    """What is wrong with an image that cannot be parsed."""
    image = service.config.get("image") or ""
    if image:
        kind = "an image ID, not an image name" if _IMAGE_ID.fullmatch(image) else "not a valid image reference"
        return f'"{image}" is {kind}'
    empty = "an empty image" if "image" in service.config else "no image"
    return f'service "{service.key}" has {empty}'


def _image_help(stack: Stack, service: Service) -> str:
    """What to write instead: the reference as it was probably meant, made from the user's own.

    "" where a variable is not set, as its value is what is missing.
    """
    place = _image_place(stack, service)
    if any(fault.place[:2] == place[:2] for fault in of_kind(stack.faults, UnsetVariable)):
        return ""
    image = service.config.get("image") or ""
    if not image:
        if service.config.get("build"):
            return "build and push the image before the deploy, and set image to its name"
        return "set image to the name of the image"
    if _IMAGE_ID.fullmatch(image):
        return "write a name that every node can pull, or name@sha256:digest"
    meant = image.strip().removeprefix("http://").removeprefix("https://").rstrip(":/@")
    registry, slash, rest = meant.partition("/")
    name, colon, tag = rest.partition(":")
    for candidate in (meant, f"{registry}{slash}{name.lower()}{colon}{tag}", meant.lower()):
        if isinstance(parse_name(candidate), Reference):
            return f"write {candidate}"
    if "@" in image:
        return "write the whole digest behind the @: sha256: and 64 hexadecimal digits"
    return "write [registry/]name[:tag], the name in lower case"


_IMAGE_ID = pattern(r"[a-f0-9]{64}")


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.CLIENT_BEFORE)
def env_file_unreadable(stack: Stack) -> Iterator[Hit]:
    """A file of env_file cannot be read or parsed.

    Docker refuses the whole stack then. A relative path begins at the folder of the first stack file. Each line is
    `NAME=value`, a comment that begins with `#`, or a name alone. Quotes become part of the value, and docker refuses
    `export`.
    """
    certain = certainty(stack)
    for fault in stack.faults:
        if not isinstance(fault, EnvFileFault):
            continue
        written = fault.written
        refusal = fault.reason.replace(fault.file, written)
        if isinstance(fault, UnreadableEnvFile):
            missing = refusal.endswith("no such file or directory")
            message = f"env_file {written} {'does not exist' if missing else 'cannot be read'}"
            create = "create the file, or correct" if missing else "correct"
            help = f"{create} the path, which is relative to the folder of {basename(stack.files[0])}"
            yield Hit(fault.place, message, help, certain(fault.place), docker=refusal)
        elif isinstance(fault, InvalidEnvFile):
            message, help = next(
                (words_and_help for words, words_and_help in _ENV_FILE.items() if words in refusal), _ENV_FILE[""]
            )
            yield Hit(fault.place, message.format(written), help.format(written), docker=refusal)
        elif isinstance(fault, SpecialEnvFile):
            why = "is not a regular file" if "regular" in refusal else "is too large"
            help = "name a regular file of NAME=value lines"
            yield Hit(fault.place, f"env_file {written} {why}, so lblint did not read it", help, Severity.WARNING)


_ENV_FILE = {
    "'export ": ("a line of {} begins with export", "remove export from {}: docker reads NAME=value lines"),
    "contains whitespaces": (
        "a variable name in {} contains a space",
        "write NAME=value without spaces before the equals sign",
    ),
    "no variable name": ("a line of {} has no name before the equals sign", "write NAME=value, or remove the line"),
    "utf8": ("{} is not encoded in UTF-8", "save {} in UTF-8"),
    "too long": ("a line of {} is longer than 65535 bytes", "shorten the line; use a config or secret for long values"),
    "": ("{} has a line that docker cannot read", "write one NAME=value per line in {}"),
}
"""Message and help by a part of docker's words (lblint.stack.environment); the braces stand for the file."""


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE)
def template_cannot_expand(stack: Stack) -> Iterator[Hit]:
    """A `{{…}}` in the environment, hostname or mounts is a Go template that the manager cannot expand.

    Managers expand `{{…}}` in environment values, the hostname, the source and target of mounts, and the labels and
    options of volumes. They try it when the service is created, without any labels. The fields are .Service.ID,
    .Service.Name, .Service.Labels, .Node.ID, .Node.Hostname, .Node.Platform, .Task.ID, .Task.Name and .Task.Slot.
    Braces that another program should read must be escaped as `{{"{{"}}`.

    The manager says `expanding env failed: expanding env "<variable>"`, and what Go says of the template.
    """
    for service in stack.services:
        for path, text in _texts(stack, service):
            if "{{" not in text:
                continue
            from lblint.stack.go_template import Verdict, judge

            template = judge(text)
            if template.verdict is Verdict.REFUSED:
                message = f"the manager cannot expand the template {shown(text)}"
                yield Hit(stack.place(*path), message, _template_help(template.told), docker=template.told)


def _template_help(refusal: str) -> str:
    """What to write instead of a template that is refused, by the words of Go's text/template."""
    label = _NO_ENTRY.fullmatch(refusal)
    if label is not None:
        return f'write {{{{index .Service.Labels "{label[1]}"}}}}'
    struct = refusal.partition(" struct { ")[2]
    if struct:
        *fields, last = [field.split()[0] for field in struct.split("; ")]
        return f"use one of the fields {', '.join(fields)} and {last}"
    literal = 'write {{"{{"}} for braces that the manager must not expand'
    unclosed = refusal.startswith(("unclosed action", "bad character U+007D"))
    return f"close the template with }}}}, or {literal}" if unclosed else literal


_NO_ENTRY = pattern(r'map has no entry for key "(.*)"')


def _texts(stack: Stack, service: Service) -> Iterator[tuple[Path, str]]:
    """Yield all values that managers expand (swarmkit template/expand.go), with their paths."""
    config, top = service.config, ("services", service.key)
    for name, value in (setting(config, "environment") or {}).items():
        if value:
            yield (*top, "environment", name), value
    if config.get("hostname"):
        yield (*top, "hostname"), config["hostname"]
    for index, mount in entries(config, "volumes"):
        place = (*top, "volumes", index)
        yield (*place, "target"), mount.get("target") or ""
        source = mount.get("source") or ""
        volume = stack.volumes.get(source) if (mount.get("type") or "volume") == "volume" else None
        if volume is None:
            yield (*place, "source"), source
            continue
        if volume.config.get("name"):
            yield ("volumes", source, "name"), volume.config["name"]
        else:
            yield place, source
        for key in () if volume.external else ("labels", "driver_opts"):
            for name, value in (volume.config.get(key) or {}).items():
                yield ("volumes", source, key, name), value or ""


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


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.TASKS)
def capability_unknown(stack: Stack) -> Iterator[Hit]:
    """A name in cap_add or cap_drop is not a Linux capability.

    Managers accept any string. The node cannot create a container with an unknown capability, so every task fails. The
    names are those of capabilities(7), with or without `CAP_`, in any case; ALL is allowed.
    """
    certain = certainty(stack)
    for service in stack.services:
        for key in ("cap_add", "cap_drop") if sent("cap_add", client(stack.client).release) else ():
            for index, name in entries(service.config, key):
                if str(name).strip().upper().removeprefix("CAP_") not in _KNOWN | {"RESET"}:
                    place = stack.place("services", service.key, key, index)
                    fixes = _fixes.corrected(place, str(name).upper(), _KNOWN, safe=False)
                    help = fixes[0].title if fixes else "write a capability of capabilities(7), or remove it"
                    yield Hit(place, f'"{name}" is not a Linux capability', help, certain(place), fixes=fixes)


_ABSOLUTE = pattern(r"/|[A-Za-z]:[\\/]|\\\\")


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.TASKS)
def working_dir_relative(stack: Stack) -> Iterator[Hit]:
    """The working directory of a service is not an absolute path.

    Managers accept it. The node then cannot create the container: `the working directory is invalid, it needs to be an
    absolute path`. Write the whole path inside the container.
    """
    certain = certainty(stack)
    for service in stack.services:
        folder = str(service.config.get("working_dir") or "")
        if folder and _ABSOLUTE.match(folder) is None:
            place = stack.place("services", service.key, "working_dir")
            fixes = _fixes.write(place, f"/{folder.removeprefix('./')}", safe=False)
            message = f'working_dir "{folder}" is not an absolute path'
            yield Hit(place, message, fixes[0].title, certain(place), fixes=fixes)


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.TASKS)
def extra_host_without_address(stack: Stack) -> Iterator[Hit]:
    """An entry of extra_hosts has no valid IP address.

    An entry is `host:address` or `host=address`. Managers accept any string. With an invalid address the node rejects
    every task: `invalid IP address in add-host`. An entry without any address has no effect (a warning).
    """
    certain = certainty(stack)
    for service in stack.services:
        for index, line in entries(service.config, "extra_hosts"):
            host, _, address = str(line).partition(":")
            plain = address[1:-1] if address[:1] == "[" and address[-1:] == "]" else address
            if not is_ip(plain) and address != "host-gateway" and "{{" not in address:
                place = stack.place("services", service.key, "extra_hosts", index)
                if address:
                    message = f'"{address}" is not a valid IP address for the host "{host}"'
                    yield Hit(place, message, f"replace {address} with the IP address of {host}", certain(place))
                else:
                    message = f'extra_hosts entry "{host}" has no IP address, so it has no effect'
                    help = f"write {host}: and its IP address, or remove the entry"
                    yield Hit(place, message, help, Severity.WARNING, Breaks.NOTHING)


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.CLIENT_MIDWAY)
def credential_spec_conflict(stack: Stack) -> Iterator[Hit]:
    """A credential_spec has more than one source.

    A credential spec comes from `config`, `file` or `registry`, and only one of them may be set. Docker checks it after
    it has created the networks, secrets and configs.
    """
    for service in stack.services:
        sources = [key for key in ("config", "file", "registry") if setting(service.config, "credential_spec", key)]
        if len(sources) > 1:
            both = _listed([f'"{key.capitalize()}"' for key in sources])
            yield Hit(
                stack.place("services", service.key, "credential_spec"),
                f"credential_spec has {'both ' if len(sources) == 2 else ''}{_listed(sources)}",
                f"keep one of {_listed(sources)}",
                docker=f"service {service.key}: invalid credential spec: cannot specify both {both}",
            )


def _listed(names: list[str]) -> str:
    """Two or more names as a list in a sentence."""
    return ", ".join(names[:-1]) + (", and " if len(names) > 2 else " and ") + names[-1]


@rule(on=Stack, severity=Severity.WARNING, consequence="the containers may not use this name server")
def dns_not_an_address(stack: Stack) -> Iterator[Hit]:
    """An entry of `dns` is not an IP address.

    Docker clients from 29.0 on drop such an entry without a warning. Older clients send it as it is. Without
    `--client`, the finding is an info.
    """
    if stack.client_given and client(stack.client).release < (29, 0):
        return
    for service in stack.services:
        for index, entry in entries(service.config, "dns"):
            if entry and not is_ip(str(entry)):
                place = stack.place("services", service.key, "dns", index)
                severity = None if stack.client_given else Severity.INFO
                message = f'"{entry}" in dns is not an IP address; docker clients from 29.0 on drop it'
                yield Hit(place, message, f"replace {entry} with the IP address of the name server", severity)


_LONGEST_HOSTNAME = 64
"""Bytes that Linux allows for the name of a host (HOST_NAME_MAX; sethostname(2) fails with EINVAL for more)."""


@rule(on=Stack, severity=Severity.WARNING, breaks=Breaks.DEPLOY, stage=Stage.TASKS)
def hostname_too_long(stack: Stack) -> Iterator[Hit]:
    """The hostname of a service is longer than Linux allows.

    Linux allows 64 bytes. The manager accepts longer hostnames, but then no container of the service starts:
    `sethostname: invalid argument`. A Go template counts as the shortest string that it may expand to: 25 bytes for an
    ID, 1 for `.Task.Slot`, and the name of stack and service for `.Service.Name`. Other templates count as empty.
    """
    certain = certainty(stack)
    for service in stack.services:
        hostname = service.config.get("hostname")
        if isinstance(hostname, str):
            length = len(_TEMPLATE.sub("", hostname).encode("utf-8", "surrogatepass"))
            length += sum(_expanded(template, service) for template in _TEMPLATE.findall(hostname))
            if length > _LONGEST_HOSTNAME:
                place = stack.place("services", service.key, "hostname")
                many = f"at least {length}" if _TEMPLATE.search(hostname) else f"{length}"
                message = f"the hostname has {many} bytes, and Linux allows {_LONGEST_HOSTNAME}"
                yield Hit(place, message, f"shorten it to {_LONGEST_HOSTNAME} bytes or fewer", certain(place))


_TEMPLATE = pattern(r"\{\{([^{}]*)\}\}")
_ID = 25
"""The length of an ID of Swarm (swarmkit identity/randomid.go)."""
_SHORTEST = {"Service.ID": _ID, "Node.ID": _ID, "Task.ID": _ID, "Node.Hostname": 1, "Task.Slot": 1}


def _expanded(template: str, service: Service) -> int:
    """How many bytes a template of a hostname expands to at least (swarmkit template/context.go); 0 if unknown."""
    field = template.strip(" ").removeprefix(".")
    name = len(str(service.name).encode("utf-8", "surrogatepass")) if service.name else len(service.key) + 2
    # A task of a replicated service has the name SERVICE.SLOT.ID, one of a global service SERVICE.NODE.ID.
    return {**_SHORTEST, "Service.Name": name, "Task.Name": name + len(".1.") + _ID}.get(field, 0)


@rule(on=Source, severity=Severity.WARNING, consequence="the variable that was meant is not set")
def environment_without_equals(source: Source) -> Iterator[Hit]:
    """An item of the environment list has a colon instead of an equals sign.

    In a list, docker takes all of `NAME:value` or `"NAME: value"` for the name of a variable without a value. Write
    `NAME=value`, or make the whole list a mapping: remove the dashes and the quotes.
    """
    services = setting(source.data, "services") if isinstance(source.data, dict) else None
    for name, service in services.items() if isinstance(services, dict) else ():
        for index, item in entries(service, "environment") if isinstance(service, dict) else ():
            match = _WITH_COLON.fullmatch(item) if isinstance(item, str) else None
            if match is not None:
                place = Place(source.name, ("services", name, "environment", index))
                fixes = _fixes.write(place, f"{match[1]}={match[2]}")
                message = f"{shown(item)} is a variable name without a value, as it has no equals sign"
                yield Hit(place, message, fixes[0].title, fixes=fixes)


_WITH_COLON = pattern(r"([A-Za-z_][A-Za-z0-9_]*): *([^=\s][^=]*)")
