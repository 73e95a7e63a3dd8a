"""An entry of a list is lost when files are merged.

With several files docker keeps one port per published number, one mount per target and one secret or config per
source, also of the entries of one file: 53/tcp and 53/udp become one, and so do all ports without a published number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lblint.finding import Hit, Severity
from lblint.rules import rule
from lblint.stack import Stack


@rule(
    on=Stack,
    severity=Severity.WARNING,
    consequence="the service is deployed without it",
    needs=("merge.entry-lost",),
)
def check(stack: Stack) -> Iterator[Hit]:
    for fault in stack.faults:
        if fault.kind == "merge.entry-lost":
            by, value = fault.facts["by"], fault.facts["value"]
            same = "no published number" if by == "published" and not value else f"{by} {value}"
            yield Hit(
                fault.place,
                f"{_shown(fault.facts['lost'])} is lost in the merge: {_shown(fault.facts['kept'])} has {same}, too",
                "a published number for each"
                if by == "published" and not value
                else "all of them in one file, without another to merge",
            )


def _shown(entry: object) -> str:
    """A port, mount or secret in the short syntax."""
    if not isinstance(entry, Mapping):
        return str(entry)
    if "target" in entry and isinstance(entry["target"], int):
        return f"port {entry.get('published') or ''}:{entry['target']}/{entry.get('protocol') or 'tcp'}"
    return ":".join(str(entry[key]) for key in ("source", "target") if entry.get(key))
