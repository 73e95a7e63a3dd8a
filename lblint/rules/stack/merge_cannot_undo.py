"""A later file cannot undo a setting with an empty value.

When docker merges files, false, 0 and an empty text count as not given: `read_only: false` over `read_only: true`
leaves it true, and an empty environment value leaves the earlier one.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Hit, Severity
from lblint.rules import rule
from lblint.stack import Stack
from lblint.stack.duration import format_duration

_DURATIONS = ("delay", "monitor", "window", "interval", "timeout", "start_period", "stop_grace_period")


@rule(
    on=Stack,
    severity=Severity.WARNING,
    consequence="the setting of the earlier file stays in force",
    needs=("merge.zero-lost",),
)
def check(stack: Stack) -> Iterator[Hit]:
    for fault in stack.faults:
        if fault.kind == "merge.zero-lost":
            key = str(fault.facts["key"])
            value, kept = (_shown(key, fault.facts[part]) for part in ("value", "kept"))
            yield Hit(
                fault.place,
                f"{key}: {value} does not undo {key}: {kept} of the earlier file",
                f"the {key} that is meant in the earlier file",
            )


def _shown(key: str, value: object) -> str:
    """A value as it is written in YAML."""
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, int) and key in _DURATIONS:
        return format_duration(value)
    return str(value) if value != "" else '""'
