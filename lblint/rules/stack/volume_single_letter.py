"""A volume with a name of one letter is taken for a Windows drive.

Docker reads `v:/data` as the path `/data` of the drive `v:`, and mounts an anonymous volume there. On Linux every task
is rejected; the volume `v` is never used.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.stack import Stack


@rule(on=Stack, severity=Severity.WARNING, breaks=Breaks.DEPLOY, stage=Stage.TASKS, needs=("volume.drive-letter",))
def check(stack: Stack) -> Iterator[Hit]:
    for fault in stack.faults:
        if fault.kind == "volume.drive-letter" and str(fault.facts["target"])[2:3] != "\\":
            letter, target = fault.facts["letter"], fault.facts["target"]
            yield Hit(
                fault.place,
                f'docker takes "{letter}:" for a Windows drive: an anonymous volume is mounted at {target}',
                f"a longer name, or the long syntax with `source: {letter}`",
            )
