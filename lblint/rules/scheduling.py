"""Rules on where and how often a service runs: mode, replicas, placement, resources."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import _fixes, rule
from lblint.rules._access import certainty, entries, setting
from lblint.rules._spelling import size
from lblint.stack import Stack
from lblint.stack.constraint import KEYS, Constraint, parse_constraint
from lblint.stack.docker_versions import client
from lblint.stack.gofmt import GrammarError
from lblint.stack.units import parse_cpus

_MODES = ("replicated", "global")
_JOBS = ("replicated-job", "global-job")


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.CLIENT_MIDWAY)
def unknown_deploy_mode(stack: Stack) -> Iterator[Hit]:
    """A service has a deploy mode that docker does not know.

    The modes are replicated, global, replicated-job and global-job, in lower case; the jobs need client 23.0.

    Docker says `Unknown mode: <mode>`.
    """
    release = client(stack.client).release
    known = _MODES + (_JOBS if release >= (23, 0) else ())
    told = "unknown mode" if release >= (29, 0) else "Unknown mode"  # docker/cli convertDeployMode
    for service in stack.services:
        mode = setting(service.config, "deploy", "mode")
        if mode and mode not in known:
            place = stack.place("services", service.key, "deploy", "mode")
            yield Hit(
                place,
                f"{told}: {mode}",
                f"{mode.lower()}" if mode.lower() in known else f"one of {', '.join(known)}",
                fixes=_fixes.corrected(place, mode.lower(), known),
            )


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.CLIENT_MIDWAY)
def global_with_replicas(stack: Stack) -> Iterator[Hit]:
    """A global service is given a number of replicas.

    `mode: global` runs one task on every node. Docker refuses `replicas` beside it, when the networks are made.

    Docker says `replicas can only be used with replicated or replicated-job mode`.
    """
    for service in stack.services:
        mode = setting(service.config, "deploy", "mode")
        if mode in ("global", "global-job") and setting(service.config, "deploy", "replicas") is not None:
            yield Hit(
                stack.place("services", service.key, "deploy", "replicas"),
                f"replicas beside `mode: {mode}`: replicas can only be used with replicated or replicated-job mode",
                "either replicas or the mode",
            )


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE)
def replicas_out_of_range(stack: Stack) -> Iterator[Hit]:
    """A number of replicas is beyond what a manager can count.

    A manager counts replicas with a sign. From 2^63 on it takes the number for a negative one and refuses the service.
    """
    for service in stack.services:
        replicas = setting(service.config, "deploy", "replicas") or 0
        if replicas >= 1 << 63:
            yield Hit(
                stack.place("services", service.key, "deploy", "replicas"),
                f"replicas {replicas}: Number of replicas must be non-negative",
                "the number of tasks that shall run",
            )


@rule(on=Stack, severity=Severity.INFO, consequence="with fewer nodes, the tasks that are left stay pending")
def max_replicas_need_nodes(stack: Stack) -> Iterator[Hit]:
    """A service needs a number of nodes for its replicas.

    With max_replicas_per_node the tasks that find no node stay pending: `no suitable node (max replicas per node limit
    exceed)`.
    """
    for service in stack.services:
        most = setting(service.config, "deploy", "placement", "max_replicas_per_node") or 0
        replicas = setting(service.config, "deploy", "replicas") or 0
        nodes = -(-replicas // most) if most else 0
        if nodes > 1:
            yield Hit(
                stack.place("services", service.key, "deploy", "placement", "max_replicas_per_node"),
                f"{replicas} replicas with at most {most} per node need {nodes} nodes that match the constraints",
            )


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE)
def placement_constraint_syntax(stack: Stack) -> Iterator[Hit]:
    """A placement constraint cannot be parsed.

    A constraint is `<key> == <value>` or `<key> != <value>`, with two characters each; a single `=` is the usual
    mistake.

    The manager says `constraint expected one operator from ==, !=`, `key '<key>' is invalid` or `value '<value>' is
    invalid`.
    """
    certain = certainty(stack)
    for service in stack.services:
        for index, text in entries(service.config, "deploy", "placement", "constraints"):
            read = parse_constraint(text)
            if isinstance(read, GrammarError):
                place = stack.place("services", service.key, "deploy", "placement", "constraints", index)

                help = _help(text)
                fixes = _fixes.write(place, help) if "<name>" not in help and "$" not in text else ()
                yield Hit(place, f'constraint "{text}": {read.told}', help, certain(place), fixes=fixes)


def _help(text: str) -> str:
    """The constraint with two signs, where one is all that is wrong."""
    meant = re.sub("(?<![=!])=(?!=)", "==", text, count=1)
    return meant if isinstance(parse_constraint(meant), Constraint) else "node.labels.<name> == <value>"


@rule(on=Stack, severity=Severity.WARNING, breaks=Breaks.DEPLOY, stage=Stage.TASKS)
def placement_constraint_unknown(stack: Stack) -> Iterator[Hit]:
    """A placement constraint names a key that no scheduler knows.

    Managers take any key, but only node.id, node.hostname, node.ip, node.role, node.platform.os, node.platform.arch,
    node.labels.<name> and engine.labels.<name> mean something. With any other key no node ever matches, whatever the
    operator: the tasks stay pending.
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
                    f'constraint key "{read.key}" is none that a scheduler knows: no node matches',
                    meant,
                    fixes=_fixes.write(place, meant, certain) if "<name>" not in meant else (),
                )


def _meant(key: str) -> str:
    """The key that was meant: one without its `node.`, or a label."""
    whole = f"node.{key.lower()}"
    if whole in KEYS:
        return whole
    bare = key
    for prefix in ("node.", "engine.", "label.", "labels."):
        bare = bare.removeprefix(prefix)
    return f"node.labels.{bare or '<name>'}"


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.CLIENT_MIDWAY)
def cpus_not_a_number(stack: Stack) -> Iterator[Hit]:
    """A number of CPUs cannot be parsed, or not to the billionth.

    `cpus` takes a decimal number or a fraction (`"0.5"`, `"1/2"`) that is a whole number of billionths of a CPU. Docker
    parses it when networks, secrets and configs are made.

    Docker says `value is too precise` or `failed to parse <value> as a rational number`.
    """
    for service in stack.services:
        for part in ("limits", "reservations"):
            cpus = setting(service.config, "deploy", "resources", part, "cpus")
            read = parse_cpus(cpus) if cpus else 0
            if isinstance(read, GrammarError):
                place = stack.place("services", service.key, "deploy", "resources", part, "cpus")
                yield Hit(place, f'cpus "{cpus}": {read.told}', 'a decimal number of CPUs, such as "0.5"')


_LEAST_NANOS = 1_000_000
_LEAST_BYTES = 4 << 20


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE)
def resources_below_minimum(stack: Stack) -> Iterator[Hit]:
    """A limit or reservation is below what managers take.

    The least is 0.001 CPU and 4 MiB of memory (swarmkit validateResources). Memory without a unit is in bytes: `512` is
    512 bytes.

    The manager says `invalid cpu value 0.0001: Must be at least 0.001` or `invalid memory value 1048576: Must be at
    least 4MiB`.
    """
    for service in stack.services:
        for part in ("limits", "reservations"):
            path = ("services", service.key, "deploy", "resources", part)
            given = setting(service.config, "deploy", "resources", part) or {}
            cpus = given.get("cpus") or ""
            nanos = parse_cpus(cpus) if cpus else 0
            if not isinstance(nanos, GrammarError) and nanos and nanos < _LEAST_NANOS:
                yield Hit(stack.place(*path, "cpus"), f'cpus "{cpus}": must be at least 0.001', '"0.001" or more')
            memory = int(given.get("memory") or 0)
            if memory and memory < _LEAST_BYTES:
                yield Hit(
                    stack.place(*path, "memory"),
                    f"memory of {memory} bytes: must be at least 4MiB",
                    f"the unit: {memory}M" if memory < 100_000 else "4M or more",
                )


@rule(on=Stack, severity=Severity.WARNING, consequence="nodes are kept free for what the service may not use")
def reservation_above_limit(stack: Stack) -> Iterator[Hit]:
    """A service reserves more than it may use.

    Managers accept it: the service gets a node with that much to spare and may use only what the limit says.
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
                    f"{key}: reserves {reserved}, but the limit is {allowed}",
                    f"at most {allowed}",
                )


def _cpus(text: object) -> int:
    """A number of CPUs in billionths; 0 where there is none."""
    read = parse_cpus(text) if isinstance(text, str) else 0
    return read if isinstance(read, int) else 0


def _bytes(text: object) -> int:
    """A size that docker has resolved to bytes; 0 where there is none."""
    return int(text) if isinstance(text, str) and text.isascii() and text.isdecimal() else 0
