"""Options of a network or of logging are lost when files are merged.

driver_opts of a service's network in a later file are lost, and so are logging options where the earlier file has a
driver without options.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Hit, Severity
from lblint.rules import rule
from lblint.stack import Stack

_TOLD = {
    "merge.network-options-lost": "driver_opts of a later file are lost in the merge",
    "merge.log-options-lost": "logging options are lost in the merge: the earlier file has none to merge them with",
}


@rule(on=Stack, severity=Severity.WARNING, consequence="the service is deployed without them", needs=_TOLD)
def check(stack: Stack) -> Iterator[Hit]:
    for fault in stack.faults:
        if fault.kind in _TOLD:
            yield Hit(fault.place, _TOLD[fault.kind], "them in the first file")
