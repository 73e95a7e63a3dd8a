"""A value that docker cannot read: a port, a duration, a size, a volume, a command.

Ports are `[published:]target[/protocol]`, durations have a unit (`30s`, `1h30m`), sizes are numbers with b, k, m or g,
volumes are `[source:]target[:options]`. Docker refuses the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lblint.finding import Breaks, Edit, Fault, Fix, Hit, Place, Severity
from lblint.rules import rule
from lblint.rules._variables import sound, unset
from lblint.rules._words import shown
from lblint.stack import Stack


@rule(
    on=Stack,
    severity=Severity.ERROR,
    breaks=Breaks.DEPLOY,
    needs=("schema.format", "decode.refused", "decode.panic"),
)
def check(stack: Stack) -> Iterator[Hit]:
    for fault in sound(stack):
        if fault.kind not in ("schema.format", "decode.refused", "decode.panic"):
            continue
        why = unset(stack, fault.place.file, fault.place.path)
        if fault.kind == "schema.format":
            value = fault.facts.get("value")
            what = {"ports": "port", "duration": "duration"}.get(str(fault.facts["format"]), "value")
            said = f"{shown(value)} is no {what}{why}: {fault.facts['reason']}; docker: {fault.told}"
            yield Hit(fault.place, said, _format(str(value), what), fixes=_fix(fault.place, str(value), what))
        else:
            crash = " (docker crashes on it)" if fault.kind == "decode.panic" else ""
            reason = str(fault.facts["reason"]).removeprefix("panic: ")
            yield Hit(fault.place, f"docker cannot read this value{why}{crash}: {reason}", _decoded(fault, reason))


def _fix(place: Place, value: str, what: str) -> tuple[Fix, ...]:
    """Seconds, which a number without a unit mostly means."""
    if what != "duration" or not re.fullmatch(r"[0-9]{1,9}", value):
        return ()
    return (Fix(f"write {value}s", (Edit("write", place, f"{value}s"),), False),)


def _format(value: str, what: str) -> str:
    if what == "port":
        return '"published:target", both from 0 to 65535, such as "8080:80" or "53:53/udp"'
    if re.fullmatch(r"[0-9]+", value):
        return f"a unit: {value}s"
    return "a number with a unit: 30s, 1m30s, 2h"


def _decoded(fault: Fault, reason: str) -> str:
    path = [str(step) for step in fault.place.path]
    if "memory" in path or "shm_size" in path:
        return "a number with b, k, m or g: 512m"
    if path[-1:] in (["command"], ["entrypoint"]):
        return 'the closing quote, or a list: ["sh", "-c", "…"]'
    if "duration" in reason:
        digits = re.search(r'missing unit in duration "?([0-9]+)', reason)
        return f"a unit: {digits[1]}s" if digits else "a number with a unit: 30s, 1m30s, 2h"
    if "volumes" in path:
        return "source:target or source:target:ro"
    if "ports" in path:
        return '"published:target", such as "8080:80"'
    return ""
