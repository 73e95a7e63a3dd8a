"""A key that came with a later version of the format than the file's.

Docker checks a file against the keys of the version that it names and refuses it for one that is newer: `name` of a
network, secret or config from 3.5, `init` and `rollback_config` from 3.7, `max_replicas_per_node` from 3.8. The client
has to know that version too.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Edit, Fix, Hit, Place, Severity
from lblint.rules import rule
from lblint.stack import Stack

_CLIENTS = {8: "19.03", 9: "20.10", 10: "23.0", 11: "24.0", 12: "25.0", 13: "27.0"}
"""The first release of the client that knows a version 3.N, where that is not in use everywhere."""


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, needs=("schema.too-new-key",))
def check(stack: Stack) -> Iterator[Hit]:
    for fault in stack.faults:
        if fault.kind == "schema.too-new-key":
            key, since, version = (str(fault.facts[fact]) for fact in ("key", "since", "version"))
            said = f"'{key}' came with version {since}, and this file is {version}; docker: {fault.told}"
            client = _CLIENTS.get(int(since.partition(".")[2] or 0))
            needs = f" (docker client {client} or newer)" if client else ""
            yield Hit(fault.place, said, f'version: "{since}" or newer{needs}', fixes=_raised(stack, since))


def _raised(stack: Stack, since: str) -> tuple[Fix, ...]:
    """The version that has the key, in all files of the stack: they must have the same."""
    edits = tuple(Edit("write", Place(file, ("version",)), since) for file in stack.files)
    return (Fix(f'write version: "{since}"', edits),)
