"""Rules on what a service's container is made from: image, environment, capabilities, directories."""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Path, Place, Severity, Stage
from lblint.lazy_re import pattern
from lblint.rules import _fixes, rule
from lblint.rules._access import certainty, entries, setting
from lblint.rules._spelling import shown
from lblint.source import Source
from lblint.stack import Service, Stack
from lblint.stack.deprecated_keys import sent
from lblint.stack.docker_versions import client
from lblint.stack.faults import EnvFileFault, InvalidEnvFile, SpecialEnvFile, UnreadableEnvFile
from lblint.stack.gofmt import GrammarError
from lblint.stack.image_reference import parse_name, parse_reference
from lblint.stack.ports import is_ip


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.CLIENT_BEFORE)
def invalid_image(stack: Stack) -> Iterator[Hit]:
    """A service has no image that docker can parse.

    From client 28.2 on, `docker stack deploy` parses the image of every service before it does anything else. `build`
    does not help: it is ignored, a stack is made of images that exist.
    """
    certain = certainty(stack)
    if not client(stack.client).checks_image:
        return
    for service in stack.services:
        image = service.config.get("image") or ""
        place = stack.place("services", service.key, "image")
        if not image:
            built = " (`build` is ignored)" if service.config.get("build") else ""
            empty = "an empty image" if "image" in service.config else "no image"
            where = place if "image" in service.config else service.place.on_key()
            told = f'service "{service.key}" has {empty}{built}'
            yield Hit(where, told, "image: [registry/]name[:tag]", certain(where))
            continue
        read = parse_reference(image)
        if isinstance(read, GrammarError):
            told = f'docker refuses the image "{image}": {read.told}'
            yield Hit(place, told, "image: [registry/]name[:tag]", certain(place))


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE)
def image_refused_by_manager(stack: Stack) -> Iterator[Hit]:
    """A service has an image that managers refuse.

    Clients before 28.2 do not look at images: what they let pass, the manager refuses when networks and part of the
    services exist already. Newer clients check it first, but let a bare identifier of 64 hexadecimal digits pass, which
    no manager takes: it wants a name that every node can pull.
    """
    certain = certainty(stack)
    for service in stack.services:
        image = service.config.get("image") or ""
        read = parse_name(image)
        if not isinstance(read, GrammarError):
            continue
        if client(stack.client).checks_image and isinstance(parse_reference(image), GrammarError):
            continue
        place = stack.place("services", service.key, "image") if "image" in service.config else service.place.on_key()
        if not image:
            told = f'service "{service.key}" has no image: image reference must be provided'
            yield Hit(place, told, "image: [registry/]name[:tag]", certain(place))
        else:
            told = f'"{image}" is not a valid repository/tag: {read.told}'
            yield Hit(place, told, "image: [registry/]name[:tag]", certain(place))


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.CLIENT_BEFORE)
def env_file_unreadable(stack: Stack) -> Iterator[Hit]:
    """An env_file cannot be read.

    Its path is relative to the folder of the first stack file. Docker reads its lines as `NAME=value`, without quotes
    and without `export`, and refuses the whole stack where it cannot.
    """
    certain = certainty(stack)
    for fault in stack.faults:
        if isinstance(fault, UnreadableEnvFile):
            help = "a path that begins at the folder of the first stack file"
            yield Hit(fault.place, _told(fault), help, certain(fault.place))
        elif isinstance(fault, InvalidEnvFile):
            yield Hit(fault.place, _told(fault), "one NAME=value per line in that file, without `export`")
        elif isinstance(fault, SpecialEnvFile):
            yield Hit(fault.place, f"not read: {_told(fault)}", "the path of a plain file", Severity.WARNING)


def _told(fault: EnvFileFault) -> str:
    """Docker's words, with the path as it is written in the stack file."""
    return fault.reason.replace(fault.file, fault.written)


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE)
def template_cannot_expand(stack: Stack) -> Iterator[Hit]:
    """A Go template in the environment, hostname or mounts cannot expand.

    Managers expand `{{…}}` in environment values, the hostname, the source and target of mounts and the labels and
    options of volumes, with .Service.ID, .Service.Name, .Service.Labels, .Node.ID, .Node.Hostname, .Node.Platform,
    .Task.ID, .Task.Name and .Task.Slot. They try it when the service is created, without labels. Braces that are meant
    for another program are read as well.
    """
    for service in stack.services:
        for path, text in _texts(stack, service):
            if "{{" not in text:
                continue
            from lblint.stack.go_template import Verdict, judge

            template = judge(text)
            if template.verdict is Verdict.REFUSED:
                help = (
                    '{{index .Service.Labels "<name>"}}'
                    if "map has no entry" in template.told
                    else ('{{"{{"}} for braces that belong to the program')
                )
                yield Hit(stack.place(*path), f"a manager expands {{{{…}}}} here and fails: {template.told}", help)


def _texts(stack: Stack, service: Service) -> Iterator[tuple[Path, str]]:
    """All texts that managers expand (swarmkit template/expand.go), with their places."""
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
    """A capability does not exist.

    Managers accept any text in cap_add and cap_drop; with one that the nodes do not know no container can be created.
    """
    certain = certainty(stack)
    for service in stack.services:
        for key in ("cap_add", "cap_drop") if sent("cap_add", client(stack.client).release) else ():
            for index, name in entries(service.config, key):
                if str(name).strip().upper().removeprefix("CAP_") not in _KNOWN | {"RESET"}:
                    place = stack.place("services", service.key, key, index)
                    yield Hit(
                        place,
                        f'there is no capability "{name}"',
                        "a name of capabilities(7), such as NET_ADMIN",
                        certain(place),
                        fixes=_fixes.corrected(place, str(name).upper(), _KNOWN, safe=False),
                    )


_ABSOLUTE = pattern(r"/|[A-Za-z]:[\\/]|\\\\")


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.TASKS)
def working_dir_relative(stack: Stack) -> Iterator[Hit]:
    """The working directory of a service is no absolute path.

    Managers accept it; no container can be created then: `the working directory is invalid, it needs to be an absolute
    path`.
    """
    certain = certainty(stack)
    for service in stack.services:
        folder = str(service.config.get("working_dir") or "")
        if folder and _ABSOLUTE.match(folder) is None:
            place = stack.place("services", service.key, "working_dir")
            yield Hit(
                place,
                f'working_dir "{folder}" is no absolute path: every task is rejected',
                f"/{folder}",
                certain(place),
                fixes=_fixes.write(place, f"/{folder.removeprefix('./')}", safe=False),
            )


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.TASKS)
def extra_host_without_address(stack: Stack) -> Iterator[Hit]:
    """An entry of extra_hosts has no IP address.

    It is `host:address` or `host=address`. Managers accept anything; with a bad address every task is rejected by its
    node: `invalid IP address in add-host`. Without any address the entry has no effect: a warning.
    """
    certain = certainty(stack)
    for service in stack.services:
        for index, line in entries(service.config, "extra_hosts"):
            host, _, address = str(line).partition(":")
            plain = address[1:-1] if address[:1] == "[" and address[-1:] == "]" else address
            if not is_ip(plain) and address != "host-gateway" and "{{" not in address:
                place = stack.place("services", service.key, "extra_hosts", index)
                yield Hit(
                    place,
                    f'"{address}" of host "{host}" is no IP address',
                    "host:address",
                    certain(place) if address else Severity.WARNING,
                )


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.CLIENT_MIDWAY)
def credential_spec_conflict(stack: Stack) -> Iterator[Hit]:
    """A credential_spec names two sources.

    A credential spec comes from a config, a file or the registry, one of them. Docker stops when networks, secrets and
    configs are made.
    """
    for service in stack.services:
        given = [
            f'"{key.capitalize()}"'
            for key in ("config", "file", "registry")
            if setting(service.config, "credential_spec", key)
        ]
        if len(given) > 1:
            both = ", ".join(given[:-1]) + (", and " if len(given) > 2 else " and ") + given[-1]
            yield Hit(
                stack.place("services", service.key, "credential_spec"),
                f"invalid credential spec: cannot specify both {both}",
                "one of them",
            )


@rule(on=Stack, severity=Severity.WARNING, consequence="the containers do not use this name server")
def dns_not_an_address(stack: Stack) -> Iterator[Hit]:
    """An entry of `dns` is not an IP address, and docker clients from 29.0 on drop it.

    They do so without a word; older ones send it as it is. Without `--client`, this is an info.
    """
    if stack.client_given and client(stack.client).release < (29, 0):
        return
    for service in stack.services:
        given = service.config.get("dns")
        for index, entry in enumerate(given if isinstance(given, list | tuple) else ()):
            if entry and not is_ip(str(entry)):
                place = stack.place("services", service.key, "dns", index)
                severity = None if stack.client_given else Severity.INFO
                said = f'dns "{entry}" is not an IP address: docker clients from 29.0 on drop it'
                yield Hit(place, said, "write the IP address of the name server", severity)


_LONGEST_HOSTNAME = 64
"""Bytes that Linux takes for the name of a host (HOST_NAME_MAX; sethostname(2) fails with EINVAL for more)."""


@rule(on=Stack, severity=Severity.WARNING, breaks=Breaks.DEPLOY, stage=Stage.TASKS)
def hostname_too_long(stack: Stack) -> Iterator[Hit]:
    """A service has a hostname that is longer than Linux takes.

    Linux takes 64 bytes. The manager accepts more, and then no container of the service starts: `sethostname: invalid
    argument`. A Go template counts with the shortest text that it may expand to: 25 bytes for an ID, 1 for
    `.Task.Slot`, and for `.Service.Name` that of the stack and the service; all else counts as nothing.
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
                said = f"this hostname has {many} bytes; Linux takes {_LONGEST_HOSTNAME}, so no container starts"
                yield Hit(place, said, f"at most {_LONGEST_HOSTNAME} characters", certain(place))


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
    """An item of environment has a colon where an equals sign belongs.

    In a list, `NAME:value` and `"NAME: value"` are the name of a variable, colon included, without a value. Write
    `NAME=value`, or all of them as a mapping, without the dashes.
    """
    services = setting(source.data, "services") if isinstance(source.data, dict) else None
    for name, service in services.items() if isinstance(services, dict) else ():
        for index, item in entries(service, "environment") if isinstance(service, dict) else ():
            found = _WITH_COLON.fullmatch(item) if isinstance(item, str) else None
            if found is not None:
                place = Place(source.name, ("services", name, "environment", index))
                meant = f"{found[1]}={found[2]}"
                said = f"{shown(item)} is the name of a variable without a value; in a list it is NAME=value"
                yield Hit(place, said, meant, fixes=_fixes.write(place, meant))


_WITH_COLON = pattern(r"([A-Za-z_][A-Za-z0-9_]*): *([^=\s][^=]*)")
