"""Rules on the names of stacks, services and other objects, and on definitions that nobody uses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lblint.finding import Breaks, Edit, Fix, Hit, Place, Severity, Stage, of_kind
from lblint.interlock import Ingress
from lblint.rules import _fixes, rule
from lblint.rules._access import entries, setting
from lblint.rules._labels import labels
from lblint.rules._misplaced import lost_sections
from lblint.rules._spelling import shown
from lblint.rules._tls import fit
from lblint.stack import FileObject, Label, Service, Stack
from lblint.stack.faults import (
    DriverAndFile,
    ExternalConflict,
    ExternalVolumeConflict,
    InvalidName,
    NestedExternalName,
    TwoExternalNames,
)
from lblint.swarm.validators import is_stack_name, name_fault, networks_bear_name


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_NETWORK)
def stack_name_invalid(stack: Stack) -> Iterator[Hit]:
    """The name of the stack makes names that managers refuse.

    The client takes nearly any name. All objects are called `<stack>_<key>`, and networks, which come first, may have
    letters, digits, `-` and `_` only, must begin with a letter or digit, and have at most 63 characters.
    """
    if stack.name is None or is_stack_name(stack.name) or not networks_bear_name(stack):
        return
    yield Hit(
        Place(stack.files[0], ("services",), key=True),
        f'stack name "{stack.name}": its networks and services cannot be created, since their names begin with it',
        "letters, digits and inner dashes, and keep it well below 63 characters",
    )


@rule(on=Stack, severity=Severity.INFO, breaks=Breaks.NOTHING)
def stack_name_inferred(stack: Stack) -> Iterator[Hit]:
    """The stack's name was not given; a label with the stack's prefix written out allows only one.

    Swarm calls a network `<stack>_<key>`, and so do the labels. Without `--stack-name`, lblint takes the one name for
    which all labels of the file are right. Deployed under another name, the label names a network that does not exist,
    and the service gets no traffic. Give the name with `--stack-name`, or once for all with `stack-names` in
    `.lblint.yml` (`lblint init` writes it), so that this is checked and not assumed.
    """
    """Say which name was taken, at the label that gave it away."""
    label = stack.inferred_from
    if label is not None:
        yield Hit(
            label.place,
            f"{label.value!r} is right only when the stack is deployed as {stack.name!r}",
            f"lblint check --stack-name {stack.name}",
        )


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE)
def service_name_invalid(stack: Stack) -> Iterator[Hit]:
    """A service would have a name that managers refuse.

    A service is called `<stack>_<key>`: at most 63 characters, letters, digits, `-` and `_`, a letter or digit at both
    ends. The file's own check lets dots and trailing `-` or `_` pass.
    """
    if stack.name is not None and not is_stack_name(stack.name) and networks_bear_name(stack):
        return
    for service in stack.services:
        name = f"{stack.name or 's'}_{service.key}"
        told = name_fault(name)
        if told:
            size = f" ({len(name)} characters with the stack's name)" if "63" in told and stack.name else ""
            yield Hit(
                service.place.on_key(),
                f'service "{service.key}"{size}: {told}',
                "letters, digits and inner dashes, and fewer than 63 characters with the stack's name",
            )


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE)
def service_name_collision(stack: Stack) -> Iterator[Hit]:
    """Two services have names that differ in case alone.

    Names are unique without regard to case. The second one that docker creates, in random order, is refused.
    """
    first: dict[str, str] = {}
    for service in stack.services:
        other = first.setdefault(service.key.lower(), service.key)
        if other != service.key:
            yield Hit(
                service.place.on_key(),
                f'service "{service.key}": name conflicts with an existing object, service "{other}"',
                "another name for one of them",
            )


@rule(on=Ingress, severity=Severity.WARNING, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE, others=True)
def service_of_other_stack(ingress: Ingress) -> Iterator[Hit]:
    """Services of two stacks get the same name in the Swarm.

    A service is called `<stack>_<key>`, and the underscore is all that divides the two: the service `b_c` of a stack
    `a` collides with the service `c` of a stack `a_b`. The manager refuses whichever comes second.
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
                    f"{service.name} is also the name of the service {other.key} of the stack {other_stack.name} in "
                    f"{other.place.file}",
                    f"another name for {service.key}, or for one of the stacks",
                )


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY)
def name_not_allowed(stack: Stack) -> Iterator[Hit]:
    """A service, volume, secret or config has a name with characters that docker does not allow.

    Names are letters, digits, dots, underscores and dashes. Docker refuses the file.
    """
    for fault in of_kind(stack.faults, InvalidName):
        key = fault.key
        said = f"{shown(key)} is no name that is allowed here" if key else "an empty name"
        plain = re.sub(r"[^a-zA-Z0-9._-]+", "-", key).strip("-")
        advice = plain if plain and plain != key else "letters, digits, `.`, `_` and `-`"
        if "labels" in fault.place.path or "environment" in fault.place.path:
            advice = "a name in front of the colon"
        yield Hit(fault.place, f"{said}; docker: {fault.docker}", advice)


@rule(on=Stack, severity=Severity.INFO, consequence="it still works")
def external_name_deprecated(stack: Stack) -> Iterator[Hit]:
    """The name of an external object is written below `external`.

    From schema 3.5 on (volumes: 3.4) the name stands beside it. Docker warns, and does what is meant.
    """
    for fault in of_kind(stack.faults, NestedExternalName):
        kind = fault.kind
        yield Hit(
            fault.place,
            f"{kind} {fault.key}: {kind}.external.name is deprecated in favor of {kind}.name",
            f"`external: true` and `name: {fault.name}`",
            fixes=_fix(fault.place),
        )


def _fix(place: Place) -> tuple[Fix, ...]:
    """The name one level up."""
    external = Place(place.file, place.path[:-1])
    if place.path[-2:] != ("external", "name"):
        return ()
    around = external.path[:-1]
    return (Fix("write external: true and the name beside it", (Edit("raise", place, True, to=around),)),)


_HELP = {
    ExternalVolumeConflict: "one of them: the setting, or `external: true`",
    TwoExternalNames: "write `external: true` and `name`",
    DriverAndFile: "one of them",
}


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.CLIENT_BEFORE)
def external_conflict(stack: Stack) -> Iterator[Hit]:
    """An external object is given what only an object of the stack may have.

    An external volume takes no driver, driver_opts or labels; `external.name` and `name` do not go together; a secret
    or config has a driver or a file, not both. The client refuses the file.
    """
    for fault in of_kind(stack.faults, ExternalConflict):
        yield Hit(fault.place, fault.docker, _HELP[type(fault)])


@rule(on=Stack, severity=Severity.INFO, consequence="nothing breaks; a misspelt name may be the reason")
def unused_definition(stack: Stack) -> Iterator[Hit]:
    """A network, volume, secret or config is declared and not used.

    Docker creates no network that no service uses, and no volume before a task mounts it; secrets and configs are
    created all the same.
    """
    lost = lost_sections(stack)
    for network in stack.networks.values() if "networks" not in lost else ():
        if network.declared and not network.used:
            yield Hit(network.place.on_key(), f'network "{network.key}" is on no service: docker does not create it')
    for section, declared in (("volumes", stack.volumes), ("secrets", stack.secrets), ("configs", stack.configs)):
        if not declared or section in lost:
            continue
        used = {item.get("source") for service in stack.services for _, item in entries(service.config, section)}
        used |= {setting(service.config, "credential_spec", "config") for service in stack.services}
        if section == "secrets":
            used |= {secret.key for secret in _for_the_proxy(stack)}
        for key, item in declared.items():
            if key not in used:
                made = "it is never created" if section == "volumes" else "it is created all the same"
                if getattr(item, "external", False):
                    made = "it is not looked for"
                yield Hit(item.place.on_key(), f'{section[:-1]} "{key}" is used by no service: {made}')


def _for_the_proxy(stack: Stack) -> Iterator[FileObject]:
    """The secrets that a label names for the proxy: no service of the stack need use them."""
    for _, label in labels(stack, "ssl_cert", "ssl_key"):
        secret = fit(stack, label.value.strip(" "))[1]
        if secret is not None:
            yield secret


@rule(on=Stack, severity=Severity.INFO, consequence="the label has the value that docker gives it")
def stack_label_overwritten(stack: Stack) -> Iterator[Hit]:
    """A label that docker sets itself is given a value.

    `docker stack deploy` sets com.docker.stack.namespace on everything it makes, and com.docker.stack.image on
    services. What the file says of them is overwritten.
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
    return Hit(label.key_place, f"docker overwrites the label {label.key}", "nothing in its place", fixes=fixes)
