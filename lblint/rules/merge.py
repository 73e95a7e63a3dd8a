"""Rules on several files that docker merges into one stack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lblint.finding import Breaks, Hit, Severity, Stage, of_kind
from lblint.rules import rule
from lblint.stack import Stack
from lblint.stack.faults import (
    AppendedHealthcheck,
    DroppedExtension,
    KeptValue,
    LostEntry,
    LostLogOptions,
    LostNetworkOptions,
    RefusedMerge,
    ReplacedDefinition,
)
from lblint.stack.units import format_duration


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.CLIENT_BEFORE)
def merge_refused(stack: Stack) -> Iterator[Hit]:
    """Two files cannot be merged.

    Docker appends a list only to a list. Where the earlier file has another type under the same `x-` key of a service,
    docker refuses the stack.
    """
    for fault in of_kind(stack.faults, RefusedMerge):
        yield Hit(
            fault.place,
            "this list cannot be merged with the earlier file's value",
            "write a list in both files",
            docker=fault.docker.replace("\n", ": "),
        )


@rule(on=Stack, severity=Severity.WARNING, consequence="it is created without these settings")
def merge_replaces_definition(stack: Stack) -> Iterator[Hit]:
    """A later file replaces the definition of a network, volume, secret or config.

    Services are merged key by key; networks, volumes, secrets and configs are not. Settings of the earlier file that
    the later one does not repeat are lost.
    """
    for fault in of_kind(stack.faults, ReplacedDefinition):
        if fault.lost:
            yield Hit(
                fault.place.on_key(),
                f"{fault.section}.{fault.key} replaces the definition in the earlier file, so its "
                f"{', '.join(fault.lost)} is lost",
                f"write all settings of {fault.section}.{fault.key} in the last file",
            )


_DURATIONS = ("delay", "monitor", "window", "interval", "timeout", "start_period", "stop_grace_period")


@rule(on=Stack, severity=Severity.WARNING, consequence="the setting of the earlier file stays in effect")
def merge_cannot_undo(stack: Stack) -> Iterator[Hit]:
    """A later file cannot undo a setting with an empty value.

    When docker merges files, false, 0 and an empty string count as not given: `read_only: false` over
    `read_only: true` leaves it true, and an empty environment value leaves the earlier one.
    """
    for fault in of_kind(stack.faults, KeptValue):
        key = fault.key
        value, kept = _shown_empty(key, fault.value), _shown_empty(key, fault.kept)
        yield Hit(
            fault.place,
            f"{key}: {value} does not undo {key}: {kept} of the earlier file",
            f"change {key} in the earlier file",
        )


def _shown_empty(key: str, value: object) -> str:
    """A value as it is written in YAML."""
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, int) and key in _DURATIONS:
        return format_duration(value)
    return str(value) if value != "" else '""'


@rule(on=Stack, severity=Severity.WARNING, consequence="the service is deployed without it")
def merge_loses_entry(stack: Stack) -> Iterator[Hit]:
    """An entry of a list is lost when files are merged.

    With several files docker keeps one port for each published number, one mount for each target and one secret or
    config for each source, even within one file: 53/tcp and 53/udp become one port, and so do all ports without a
    published number.
    """
    for fault in of_kind(stack.faults, LostEntry):
        by, value = fault.by, fault.value
        same = "no published number" if by == "published" and not value else f"{by} {value}"
        yield Hit(
            fault.place,
            f"{_shown_entry(fault.lost)} is lost in the merge: {_shown_entry(fault.kept)} has {same}, too",
            "a published number for each"
            if by == "published" and not value
            else "all of them in one file, without another to merge",
        )


def _shown_entry(entry: object) -> str:
    """A port, mount or secret in the short syntax."""
    if not isinstance(entry, Mapping):
        return str(entry)
    if "target" in entry and isinstance(entry["target"], int):
        return f"port {entry.get('published') or ''}:{entry['target']}/{entry.get('protocol') or 'tcp'}"
    return ":".join(str(entry[key]) for key in ("source", "target") if entry.get(key))


@rule(on=Stack, severity=Severity.WARNING, consequence="the service is deployed without them")
def merge_loses_options(stack: Stack) -> Iterator[Hit]:
    """Options of a network or of logging are lost when files are merged.

    driver_opts of a service's network in a later file are lost, and so are logging options where the earlier file has a
    driver without options.
    """
    for fault in stack.faults:
        if isinstance(fault, LostNetworkOptions):
            yield Hit(fault.place, "driver_opts of the later file are lost in the merge", "move them to the first file")
        elif isinstance(fault, LostLogOptions):
            message = "these logging options are lost in the merge, as the earlier file has a driver without options"
            yield Hit(fault.place, message, "move them to the first file")


@rule(on=Stack, severity=Severity.INFO, consequence="nothing breaks: docker ignores the key anyway")
def merge_drops_extension(stack: Stack) -> Iterator[Hit]:
    """A top-level `x-` key of a later file is dropped.

    Only the `x-` keys of the first file are kept. Anchors still work, since each file is read on its own.
    """
    for fault in of_kind(stack.faults, DroppedExtension):
        yield Hit(
            fault.place,
            f"{fault.key} of a later file is dropped in the merge",
            "move it to the first file if you need it there",
        )


@rule(
    on=Stack,
    severity=Severity.WARNING,
    consequence="the container is checked with a command that neither file contains",
)
def merge_appends_healthcheck(stack: Stack) -> Iterator[Hit]:
    """The test of a health check is appended to that of the earlier file.

    Unlike `command`, which is replaced, a `test` in a later file is appended: the checks `[CMD, a]` and `[CMD, b]`
    become `CMD a CMD b`.
    """
    for fault in of_kind(stack.faults, AppendedHealthcheck):
        test = " ".join(fault.test)
        yield Hit(fault.place, f'the two tests become one command: "{test}"', "write the test in one file only")
