"""The test of a health check is appended to that of the earlier file.

Unlike `command`, which is replaced, a `test` in a later file is put behind the one that is there: a check
`[CMD, a]` and a check `[CMD, b]` become `CMD a CMD b`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from lblint.finding import Hit, Severity
from lblint.rules import rule
from lblint.stack import Stack


@rule(
    on=Stack,
    severity=Severity.WARNING,
    consequence="the container is checked with a command that nobody wrote",
    needs=("merge.healthcheck-appended",),
)
def check(stack: Stack) -> Iterator[Hit]:
    for fault in stack.faults:
        if fault.kind == "merge.healthcheck-appended":
            test = " ".join(cast("list[str]", fault.facts["test"]))
            yield Hit(fault.place, f'the two tests become one command: "{test}"', "the test in one file only")
