"""Rules on values that docker cannot read or does not allow: ports, durations, sizes, volumes, words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lblint.finding import Breaks, Edit, Fault, Fix, Hit, Place, Severity
from lblint.rules import _fixes, rule
from lblint.rules._variables import sound, unset
from lblint.rules._wording import dotted, near, shown
from lblint.stack import Stack
from lblint.stack.faults import (
    InvalidFormat,
    NotAllowed,
    RefusedValue,
    TooSmall,
)


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY)
def value_not_allowed(stack: Stack) -> Iterator[Hit]:
    """A value is not one of those allowed, or is too small.

    Docker refuses the file. `order`, for example, is start-first or stop-first, and a size is not negative.
    """
    for fault in sound(stack):
        if isinstance(fault, NotAllowed):
            value, allowed = fault.value, [str(word) for word in fault.allowed]
            meant = near(str(value), allowed)
            help = f"write {meant or ' or '.join(allowed)}"
            fixes = _fixes.corrected(fault.place, str(value).lower(), allowed)
            message = f"{dotted(fault.place.path)} cannot be {shown(value)}"
            yield Hit(fault.place, message, help, fixes=fixes, docker=_once(fault.docker))
        elif isinstance(fault, TooSmall):
            message = f"{dotted(fault.place.path)} is {shown(fault.value)}, which is too small"
            yield Hit(fault.place, message, f"write {fault.minimum} or more", docker=fault.docker)


def _once(message: str) -> str:
    """Docker's words without the path that is in them twice."""
    first, _, rest = message.partition(" ")
    return rest if rest.startswith(first) else message


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY)
def value_refused(stack: Stack) -> Iterator[Hit]:
    """Docker cannot read a value: a port, a duration, a size, a volume or a command.

    Ports are `[published:]target[/protocol]`, durations have a unit (`30s`, `1h30m`), sizes are numbers with b, k, m or
    g, volumes are `[source:]target[:options]`. Docker refuses the file.
    """
    for fault in sound(stack):
        if isinstance(fault, InvalidFormat):
            why = unset(stack, fault.place.file, fault.place.path)
            value = str(fault.value)
            what = {"ports": "port", "duration": "duration"}.get(fault.format, "value")
            message = f"{shown(fault.value)} is not a valid {what}{why}: {fault.reason}"
            fixes = _fix(fault.place, value, what)
            yield Hit(fault.place, message, _format(value, what), fixes=fixes, docker=fault.docker)
        elif isinstance(fault, RefusedValue):
            why = unset(stack, fault.place.file, fault.place.path)
            message = f"docker {'crashes on' if fault.panic else 'cannot read'} this value{why}"
            reason = fault.reason.removeprefix("panic: ")
            yield Hit(fault.place, message, _decoded(fault, reason), docker=reason)


def _fix(place: Place, value: str, what: str) -> tuple[Fix, ...]:
    """Seconds, which a number without a unit mostly means."""
    if what != "duration" or not re.fullmatch(r"[0-9]{1,9}", value):
        return ()
    return (Fix(f"write {value}s", (Edit("write", place, f"{value}s"),), False),)


def _format(value: str, what: str) -> str:
    if what == "port":
        return 'write "published:target", both from 0 to 65535, such as "8080:80" or "53:53/udp"'
    if re.fullmatch(r"[0-9]+", value):
        return f"write {value}s"
    return "write a number with a unit, such as 30s, 1m30s or 2h"


def _decoded(fault: Fault, reason: str) -> str:
    path = [str(step) for step in fault.place.path]
    if "memory" in path or "shm_size" in path:
        return "write a number with b, k, m or g, such as 512m"
    if path[-1:] in (["command"], ["entrypoint"]):
        return 'add the closing quote, or write a list: ["sh", "-c", "…"]'
    if "duration" in reason:
        digits = re.search(r'missing unit in duration "?([0-9]+)', reason)
        return f"write {digits[1]}s" if digits else "write a number with a unit, such as 30s, 1m30s or 2h"
    if "volumes" in path:
        return "write source:target or source:target:ro"
    if "ports" in path:
        return 'write "published:target", such as "8080:80"'
    return ""
