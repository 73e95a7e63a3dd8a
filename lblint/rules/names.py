"""Rules on the names of stacks, services and other objects, and on definitions that nobody uses."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from itertools import islice

from lblint.finding import Breaks, Edit, Fix, Hit, Place, Severity, Stage, of_kind
from lblint.interlock import Ingress
from lblint.rules import _fixes, rule
from lblint.rules._access import entries, setting
from lblint.rules._labels import labels
from lblint.rules._misplaced import lost_sections
from lblint.rules._tls import Secrets
from lblint.rules._wording import FEW, near, shown
from lblint.stack import FileObject, Label, Service, Stack
from lblint.stack.faults import (
    DriverAndFile,
    ExternalConflict,
    InvalidName,
    NestedExternalName,
    TwoExternalNames,
)
from lblint.swarm.name_grammar import is_stack_name, name_fault, networks_bear_name


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_NETWORK)
def stack_name_invalid(stack: Stack) -> Iterator[Hit]:
    """The name of the stack gives names that managers refuse.

    The client accepts nearly any name. All objects are named `<stack>_<key>`. Networks are created first; their names
    have at most 63 characters: letters, digits, `-` and `_`, with a letter or digit at both ends.
    """
    if stack.name is None or is_stack_name(stack.name) or not networks_bear_name(stack):
        return
    from lblint.rules._wording import plain_name

    plain = plain_name(stack.name)
    advice = f"such as {plain}" if is_stack_name(plain) else "a short one of letters, digits and inner dashes"
    yield Hit(
        stack.place("services").on_key(),
        f'"{stack.name}" is not a valid stack name',
        f"deploy the stack under another name, {advice}",
    )


@rule(on=Stack, severity=Severity.INFO, breaks=Breaks.NOTHING)
def stack_name_inferred(stack: Stack) -> Iterator[Hit]:
    """The name of the stack was not given, and lblint took it from a label.

    Swarm names a network `<stack>_<key>`, and the labels hold that full name. So a label is right for only one name of
    the stack. Deployed under another name, the label names a network that does not exist, and the service gets no
    traffic. Give the name with `--stack-name`, or permanently with `stack-names` in `.lblint.yml` (`lblint init` writes
    it). Then lblint checks the label instead of trusting it.
    """
    label = stack.inferred_from
    if label is not None:
        yield Hit(
            label.place,
            f'{label.key} "{label.value}" is right only if the stack is deployed as "{stack.name}"',
            f"check with --stack-name {stack.name}, or set stack-names in .lblint.yml",
        )


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE)
def service_name_invalid(stack: Stack) -> Iterator[Hit]:
    """The name of a service is one that managers refuse.

    A service is named `<stack>_<key>`. The name has at most 63 characters: letters, digits, `-` and `_`, with a letter
    or digit at both ends. The client does not check this: it accepts dots, and `-` or `_` at the end.
    """
    if stack.name is not None and not is_stack_name(stack.name) and networks_bear_name(stack):
        return
    for service in stack.services:
        name = f"{stack.name or 's'}_{service.key}"
        refusal = name_fault(name)
        if refusal:
            from lblint.rules._wording import name_words

            message, help = name_words("service", service.key, name if stack.name else "", refusal)
            yield Hit(service.place.on_key(), message, help, docker=refusal)


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE)
def service_name_collision(stack: Stack) -> Iterator[Hit]:
    """The names of two services differ only in case.

    Managers compare names without regard to case. Docker creates the services in random order, and the manager refuses
    the second one.
    """
    first: dict[str, str] = {}
    for service in stack.services:
        other = first.setdefault(service.key.lower(), service.key)
        if other != service.key:
            yield Hit(
                service.place.on_key(),
                f'the service names "{service.key}" and "{other}" differ only in case',
                f"rename {service.key} or {other}",
                docker="name conflicts with an existing object",
            )


@rule(on=Ingress, severity=Severity.WARNING, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE, others=True)
def service_of_other_stack(ingress: Ingress) -> Iterator[Hit]:
    """Services of two stacks have the same name in the Swarm.

    A service is named `<stack>_<key>`, and both parts may have underscores. So the service `b_c` of a stack `a` has the
    same name as the service `c` of a stack `a_b`. The manager refuses the one that is created second.
    """
    named: dict[str, tuple[Stack, Service]] = {}
    for stack in ingress.stacks:
        for service in stack.services:
            if service.name is None:
                continue
            other_stack, other = named.setdefault(service.name.lower(), (stack, service))
            if other_stack.name != stack.name:
                yield Hit(
                    service.place.on_key(),
                    f'service "{service.key}" and service "{other.key}" of stack "{other_stack.name}" '
                    f"({other.place.file}) have the same name, {service.name}",
                    f"rename {service.key}, or deploy {stack.name} or {other_stack.name} under another name",
                )


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY)
def name_not_allowed(stack: Stack) -> Iterator[Hit]:
    """The name of a service, volume, secret or config has characters that docker does not allow.

    A name consists of letters, digits, `.`, `_` and `-`, and is not empty. Docker refuses the file otherwise.
    """
    for fault in of_kind(stack.faults, InvalidName):
        key = fault.key
        path = fault.place.path
        kind = next((word for section, word in _KINDS.items() if section in path[-2:-1]), "name")
        plain = re.sub(r"[^a-zA-Z0-9._-]+", "-", key).strip("-")
        advice = f"rename it to {plain}" if plain and plain != key else "rename it: use letters, digits, ., _ and -"
        if not key:
            advice = "write the name before the colon, or remove the entry"
        message = f"{shown(key)} is not a valid {kind}" if key else f"a {kind} is empty"
        yield Hit(fault.place, message, advice, docker=fault.docker)


_KINDS = {
    "services": "service name",
    "volumes": "volume name",
    "secrets": "secret name",
    "configs": "config name",
    "networks": "network name",
    "labels": "label name",
    "environment": "variable name",
}
"""What the keys of a mapping are called, by the key of the mapping."""


@rule(on=Stack, severity=Severity.INFO, consequence="docker prints a warning and uses the name")
def external_name_deprecated(stack: Stack) -> Iterator[Hit]:
    """The name of an external object is written as `external.name`, which is deprecated.

    From schema 3.5 on (volumes: 3.4), `name` is a key next to `external: true`. Docker prints a warning and still
    uses the name.
    """
    for fault in of_kind(stack.faults, NestedExternalName):
        kind, help = fault.kind, f"write external: true and name: {fault.name}"
        yield Hit(
            fault.place,
            f'external.name of {kind} "{fault.key}" is deprecated',
            help,
            fixes=_fix(fault.place, help),
            docker=f"{kind} {fault.key}: {kind}.external.name is deprecated in favor of {kind}.name",
        )


def _fix(place: Place, title: str) -> tuple[Fix, ...]:
    """The name one level up."""
    external = Place(place.file, place.path[:-1])
    if place.path[-2:] != ("external", "name"):
        return ()
    around = external.path[:-1]
    return (Fix(title, (Edit("raise", place, True, to=around),)),)


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.CLIENT_BEFORE)
def external_conflict(stack: Stack) -> Iterator[Hit]:
    """An external object has settings that only an object of the stack may have.

    An external volume must not have `driver`, `driver_opts` or `labels`. `external.name` and `name` must not both be
    set. A secret or config has a `driver` or a `file`, not both. The client refuses the file.
    """
    for fault in of_kind(stack.faults, ExternalConflict):
        section, name, *_, key = fault.place.path
        label = f'{str(section)[:-1]} "{name}"'
        if isinstance(fault, TwoExternalNames):
            message, help = f"{label} has both external.name and name", "write external: true, and keep only name"
        elif isinstance(fault, DriverAndFile):
            message, help = f"{label} has both driver and file", "remove driver or file"
        else:
            message, help = f"{label} is external and has {key} as well", f"remove {key}, or remove external: true"
        yield Hit(fault.place, message, help, docker=fault.docker)


@rule(on=Stack, severity=Severity.INFO, consequence="nothing breaks; a misspelt name may be the reason")
def unused_definition(stack: Stack) -> Iterator[Hit]:
    """A network, volume, secret or config is declared and not used.

    Docker does not create networks that no service uses, and a node creates a volume only when a task mounts it.
    Secrets and configs are created even if nothing uses them. Remove the declaration, or correct the name where it is
    used.
    """
    lost = lost_sections(stack)
    on = {at.network for service in stack.services for at in service.networks}
    meant = _meant(on, {key for key, network in stack.networks.items() if network.declared})
    for network in stack.networks.values() if "networks" not in lost else ():
        if network.declared and not network.used and network.key not in meant:
            message = f'network "{network.key}" is not used by any service, so docker does not create it'
            yield Hit(network.place.on_key(), message)
    for section, declared in (("volumes", stack.volumes), ("secrets", stack.secrets), ("configs", stack.configs)):
        if not declared or section in lost:
            continue
        used = {item.get("source") for service in stack.services for _, item in entries(service.config, section)}
        used |= {setting(service.config, "credential_spec", "config") for service in stack.services}
        if section == "secrets":
            used |= {secret.key for secret in _for_the_proxy(stack)}
        meant = _meant(used, declared)
        for key, item in declared.items():
            if key not in used and key not in meant:
                made = "so it is never created" if section == "volumes" else "but docker still creates it"
                if getattr(item, "external", False):
                    made = "so docker does not look it up"
                yield Hit(item.place.on_key(), f'{section[:-1]} "{key}" is not used by any service, {made}')


def _meant(used: Iterable[object], declared: Collection[str]) -> set[str | None]:
    """Return the declared names that undeclared ones are a slip of: a rule on those says so already."""
    undeclared = [name for name in used if isinstance(name, str) and name not in declared]
    return {near(name, islice(declared, FEW)) for name in undeclared[:_MOST_SLIPS]}


_MOST_SLIPS = 20
"""Undeclared names that are compared with the declared ones, at most."""


def _for_the_proxy(stack: Stack) -> Iterator[FileObject]:
    """Yield the secrets that a label names for the proxy; the services of the stack need not use them."""
    secrets = Secrets(stack)
    for _, label in labels(stack, "ssl_cert", "ssl_key"):
        secret = secrets.fit(label.value.strip(" "))[1]
        if secret is not None:
            yield secret


@rule(on=Stack, severity=Severity.INFO, consequence="the label has the value that docker sets")
def stack_label_overwritten(stack: Stack) -> Iterator[Hit]:
    """The file sets a label that docker overwrites.

    `docker stack deploy` sets com.docker.stack.namespace on all that it creates, and com.docker.stack.image on
    services. The values in the file have no effect.
    """
    for service in stack.services:
        own = ("com.docker.stack.namespace", "com.docker.stack.image")
        for label in service.labels:
            if label.key in own:
                yield _hit(label)
        for label in service.container_labels:
            if label.key == own[0]:
                yield _hit(label)


def _hit(label: Label) -> Hit:
    fixes = _fixes.remove(label.place, "it")
    return Hit(label.key_place, f"docker overwrites the label {label.key}", fixes[0].title, fixes=fixes)
