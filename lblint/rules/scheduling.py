"""Rules on where and how often a service runs: mode, replicas, placement, resources."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import _fixes, rule
from lblint.rules._access import certainty, entries, setting
from lblint.rules._wording import alternatives, shown, size
from lblint.stack import Stack
from lblint.stack.constraint import KEYS, Constraint, parse_constraint
from lblint.stack.docker_versions import client
from lblint.stack.faults import GrammarError
from lblint.stack.units import parse_cpus

_MODES = ("replicated", "global")
_JOBS = ("replicated-job", "global-job")


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.CLIENT_MIDWAY)
def unknown_deploy_mode(stack: Stack) -> Iterator[Hit]:
    """A service has a deploy mode that docker does not know.

    The modes are replicated, global, replicated-job and global-job, in lower case. The jobs need a docker client from
    23.0 on. Any other mode stops the deploy after the networks are created.

    Docker says `Unknown mode: <mode>`.
    """
    release = client(stack.client).release
    known = _MODES + (_JOBS if release >= (23, 0) else ())
    words = "unknown mode" if release >= (29, 0) else "Unknown mode"  # docker/cli convertDeployMode
    for service in stack.services:
        mode = setting(service.config, "deploy", "mode")
        if mode and mode not in known:
            place = stack.place("services", service.key, "deploy", "mode")
            fixes = _fixes.corrected(place, mode.lower(), known)
            job = mode in _JOBS
            yield Hit(
                place,
                f"deploy.mode {mode} needs a docker client from 23.0 on"
                if job
                else f'deploy.mode is "{mode}", which is not a deploy mode',
                "deploy with a docker client from 23.0 on"
                if job
                else fixes[0].title
                if fixes
                else f"write {alternatives(known)}",
                fixes=fixes,
                docker=f"{words}: {mode}",
            )


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.CLIENT_MIDWAY)
def global_with_replicas(stack: Stack) -> Iterator[Hit]:
    """A global service has a number of replicas.

    `mode: global` runs one task on every node. Docker refuses `replicas` next to it, after the networks are created.

    Docker says `replicas can only be used with replicated or replicated-job mode`.
    """
    for service in stack.services:
        mode = setting(service.config, "deploy", "mode")
        if mode in ("global", "global-job") and setting(service.config, "deploy", "replicas") is not None:
            yield Hit(
                stack.place("services", service.key, "deploy", "replicas"),
                f"deploy.replicas is set, but deploy.mode is {mode}",
                f"remove deploy.replicas, or write mode: {mode.replace('global', 'replicated')}",
                docker="replicas can only be used with replicated or replicated-job mode",
            )


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE)
def replicas_out_of_range(stack: Stack) -> Iterator[Hit]:
    """A number of replicas is larger than managers can count.

    Managers count replicas in a signed 64-bit integer. They take a number from 2^63 on for a negative one and refuse
    the service.
    """
    for service in stack.services:
        replicas = setting(service.config, "deploy", "replicas") or 0
        if replicas >= 1 << 63:
            yield Hit(
                stack.place("services", service.key, "deploy", "replicas"),
                f"deploy.replicas is {replicas}, which is too large",
                "write the number of tasks that should run",
                docker="Number of replicas must be non-negative",
            )


@rule(on=Stack, severity=Severity.INFO, consequence="with fewer nodes, the remaining tasks stay pending")
def max_replicas_need_nodes(stack: Stack) -> Iterator[Hit]:
    """The replicas of a service need a certain number of nodes.

    With `max_replicas_per_node`, tasks that find no node stay pending: `no suitable node (max replicas per node limit
    exceed)`. lblint does not know the nodes without `--live`, so this is only information.
    """
    for service in stack.services:
        most = setting(service.config, "deploy", "placement", "max_replicas_per_node") or 0
        replicas = setting(service.config, "deploy", "replicas") or 0
        nodes = -(-replicas // most) if most else 0
        if nodes > 1:
            yield Hit(
                stack.place("services", service.key, "deploy", "placement", "max_replicas_per_node"),
                f"{replicas} replicas with at most {most} per node need {nodes} nodes that meet the constraints",
            )


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE)
def placement_constraint_syntax(stack: Stack) -> Iterator[Hit]:
    """A placement constraint cannot be parsed.

    A constraint is `<key> == <value>` or `<key> != <value>`; the usual mistake is a single `=`. A key has letters,
    digits, `-`, `_` and `.`; a value may not be empty. Managers refuse anything else.

    The manager says `constraint expected one operator from ==, !=`, `key '<key>' is invalid` or `value '<value>' is
    invalid`.
    """
    certain = certainty(stack)
    for service in stack.services:
        for index, text in entries(service.config, "deploy", "placement", "constraints"):
            read = parse_constraint(text)
            if isinstance(read, GrammarError):
                place = stack.place("services", service.key, "deploy", "placement", "constraints", index)

                meant = _doubled(text)
                yield Hit(
                    place,
                    f'"{text}" is not a valid placement constraint',
                    f"write {meant}" if meant else _constraint_help(text),
                    certain(place),
                    fixes=_fixes.write(place, meant) if meant and "$" not in text else (),
                    docker=read.told,
                )


def _constraint_help(text: str) -> str:
    """Return what to change in a constraint that no manager accepts: the operator, or characters of key or value."""
    operator = next((sign for sign in ("==", "!=") if sign in text), "")
    key, value = (part.strip() for part in text.split(operator, 1)) if operator else ("", "")
    if not operator or not key:
        return "write <key> == <value> or <key> != <value>"
    if not value:
        return f"write a value after {operator}"
    for part, name, sample in ((key, "key", "k{}k == x"), (value, "value", "node.id == k{}k")):
        refused = [
            char for char in dict.fromkeys(part) if isinstance(parse_constraint(sample.format(char)), GrammarError)
        ]
        if refused:
            return f"remove {' '.join(map(shown, refused))} from the {name}"
    return "begin the key with a letter, as in node.labels.<name>"


def _doubled(text: str) -> str:
    """Return the constraint with a doubled equals sign where that makes it valid, else an empty string."""
    meant = re.sub("(?<![=!])=(?!=)", "==", text, count=1)
    return meant if isinstance(parse_constraint(meant), Constraint) else ""


@rule(on=Stack, severity=Severity.WARNING, breaks=Breaks.DEPLOY, stage=Stage.TASKS)
def placement_constraint_unknown(stack: Stack) -> Iterator[Hit]:
    """A placement constraint names a key that the scheduler does not know.

    The scheduler knows node.id, node.hostname, node.ip, node.role, node.platform.os, node.platform.arch,
    node.labels.<name> and engine.labels.<name>. Managers accept any other key too, but no node ever meets such a
    constraint, with `==` or `!=`, and the tasks stay pending.
    """
    for service in stack.services:
        for index, text in entries(service.config, "deploy", "placement", "constraints"):
            read = parse_constraint(text)
            if isinstance(read, Constraint) and not read.known:
                place = stack.place("services", service.key, "deploy", "placement", "constraints", index)

                meant = f"{_meant(read.key)} {read.operator} {read.value}"
                certain = f"node.{read.key.lower()}" in KEYS
                yield Hit(
                    place,
                    f'the scheduler does not know the key "{read.key}", so no node meets this constraint',
                    f"write {meant}",
                    fixes=_fixes.write(place, meant, certain) if "<name>" not in meant else (),
                )


def _meant(key: str) -> str:
    """Return the key that was probably meant: the same one with `node.` in front, or a node label."""
    whole = f"node.{key.lower()}"
    if whole in KEYS:
        return whole
    bare = key
    for prefix in ("node.", "engine.", "label.", "labels."):
        bare = bare.removeprefix(prefix)
    return f"node.labels.{bare or '<name>'}"


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.CLIENT_MIDWAY)
def cpus_not_a_number(stack: Stack) -> Iterator[Hit]:
    """A number of CPUs is not a number, or is too precise.

    `cpus` takes a decimal number or a fraction (`"0.5"`, `"1/2"`), precise to a billionth of a CPU. Docker parses it
    after it has created the networks, secrets and configs. Percent signs and units such as `500m` are not known.

    Docker says `value is too precise` or `failed to parse <value> as a rational number`.
    """
    for service in stack.services:
        for part in ("limits", "reservations"):
            cpus = setting(service.config, "deploy", "resources", part, "cpus")
            read = parse_cpus(cpus) if cpus else 0
            if isinstance(read, GrammarError):
                place = stack.place("services", service.key, "deploy", "resources", part, "cpus")
                precise = "precise" in read.told
                yield Hit(
                    place,
                    f'deploy.resources.{part}.cpus is "{cpus}", which is '
                    + ("more precise than a billionth of a CPU" if precise else "not a number of CPUs"),
                    f'write "{_decimal(cpus)}"' if _decimal(cpus) else "write a decimal number of CPUs in quotes",
                    docker=read.told,
                )


def _decimal(cpus: str) -> str:
    """Return the number of CPUs that is meant by a percentage, thousandths or a comma; else an empty string."""
    match = re.fullmatch(r"([0-9]{1,6})(?:([%m])|,([0-9]{1,6}))", cpus)
    if match is None:
        return ""
    number, unit, decimals = match.groups()
    return f"{number}.{decimals}" if decimals else f"{int(number) / {'%': 100, 'm': 1000}[unit]:g}"


_LEAST_NANOS = 1_000_000
_LEAST_BYTES = 4 << 20


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE)
def resources_below_minimum(stack: Stack) -> Iterator[Hit]:
    """A limit or reservation is below the minimum that managers accept.

    The minimum is 0.001 CPU and 4 MiB of memory (swarmkit validateResources). Memory without a unit is in bytes: `512`
    is 512 bytes.

    The manager says `invalid cpu value 0.0001: Must be at least 0.001` or `invalid memory value 1048576: Must be at
    least 4MiB`.
    """
    for service in stack.services:
        for part in ("limits", "reservations"):
            path = ("services", service.key, "deploy", "resources", part)
            resources = setting(service.config, "deploy", "resources", part) or {}
            cpus = resources.get("cpus") or ""
            nanos = parse_cpus(cpus) if cpus else 0
            if not isinstance(nanos, GrammarError) and nanos and nanos < _LEAST_NANOS:
                yield Hit(
                    stack.place(*path, "cpus"),
                    f"deploy.resources.{part}.cpus is {cpus}, which is less than 0.001",
                    'write "0.001" or more',
                    docker=f"invalid cpu value {nanos / 1e9:g}: Must be at least 0.001",
                )
            memory = int(resources.get("memory") or 0)
            if memory and memory < _LEAST_BYTES:
                yield Hit(
                    stack.place(*path, "memory"),
                    f"deploy.resources.{part}.memory is {size(memory)}, which is less than 4M",
                    f"write {memory}M" if 4 <= memory < 100_000 else "write 4M or more",
                    docker=f"invalid memory value {memory}: Must be at least 4MiB",
                )


@rule(on=Stack, severity=Severity.WARNING, consequence="a node keeps resources free that the service cannot use")
def reservation_above_limit(stack: Stack) -> Iterator[Hit]:
    """A service reserves more than its limit.

    Managers accept it. The scheduler looks for a node with as much free as is reserved, but the container may use only
    as much as the limit allows.
    """
    for service in stack.services:
        for key in ("cpus", "memory"):
            limit = setting(service.config, "deploy", "resources", "limits", key)
            kept = setting(service.config, "deploy", "resources", "reservations", key)
            read = _bytes if key == "memory" else _cpus
            if read(kept) > read(limit) > 0:
                reserved, allowed = (size(read(text)) if key == "memory" else text for text in (kept, limit))
                yield Hit(
                    stack.place("services", service.key, "deploy", "resources", "reservations", key),
                    f"deploy.resources.reservations.{key} is {reserved}, but the limit is {allowed}",
                    f"reserve at most {allowed}, or raise the limit",
                )


def _cpus(text: object) -> int:
    """Return a number of CPUs in billionths; 0 where there is none."""
    read = parse_cpus(text) if isinstance(text, str) else 0
    return read if isinstance(read, int) else 0


def _bytes(text: object) -> int:
    """Return a size in bytes, as docker resolves it; 0 where there is none."""
    return int(text) if isinstance(text, str) and text.isascii() and text.isdecimal() else 0
