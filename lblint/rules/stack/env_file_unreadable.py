"""An env_file cannot be read.

Its path is relative to the folder of the first stack file. Docker reads its lines as `NAME=value`, without quotes and
without `export`, and refuses the whole stack where it cannot.
"""

from __future__ import annotations

from collections.abc import Iterator
from os.path import basename

from lblint.finding import Breaks, Fault, Hit, Severity, Stage
from lblint.rules import rule
from lblint.rules._setting import certainty
from lblint.stack import Stack


@rule(
    on=Stack,
    severity=Severity.ERROR,
    breaks=Breaks.DEPLOY,
    stage=Stage.CLIENT_BEFORE,
    needs=("env-file.missing", "env-file.invalid", "env-file.special"),
)
def check(stack: Stack) -> Iterator[Hit]:
    certain = certainty(stack)
    for fault in stack.faults:
        if fault.kind == "env-file.missing":
            help = "a path that begins at the folder of the first stack file"
            yield Hit(fault.place, _told(fault), help, certain(fault.place))
        elif fault.kind == "env-file.invalid":
            yield Hit(fault.place, _told(fault), "one NAME=value per line in that file, without `export`")
        elif fault.kind == "env-file.special":
            yield Hit(fault.place, f"not read: {_told(fault)}", "the path of a plain file", Severity.WARNING)


def _told(fault: Fault) -> str:
    """Docker's words, with the name of the file for its absolute path."""
    file = str(fault.facts["file"])
    return str(fault.facts["reason"]).replace(file, basename(file))
