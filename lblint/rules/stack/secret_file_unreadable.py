"""The file of a secret or config cannot be read.

Docker reads the files of all declared secrets and configs, also of those that no service uses, when it has created
the networks. Relative paths begin at the folder of the first stack file. Without a `file` it tries to read that
folder itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from os.path import basename

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.rules._setting import certainty
from lblint.stack import Stack


@rule(
    on=Stack,
    severity=Severity.ERROR,
    breaks=Breaks.DEPLOY,
    stage=Stage.CLIENT_MIDWAY,
    consequence="docker stops midway: the networks of the stack are left behind, without its services",
    needs=("secrets", "configs"),
)
def check(stack: Stack) -> Iterator[Hit]:
    certain = certainty(stack)
    for objects in (stack.secrets, stack.configs):
        for item in objects.values():
            if item.external or item.config.get("driver"):
                continue
            place = stack.place(f"{item.kind}s", item.key, "file")
            written = place.path[-1:] == ("file",)
            told = item.error.replace(item.file or "\0", basename(item.file or ""))
            if item.error and written:
                help = "a path that begins at the folder of the stack file"
                yield Hit(place, f'{item.kind} "{item.key}": {told}', help, certain(place))
            elif item.error:
                yield Hit(
                    item.place.on_key(),
                    f'{item.kind} "{item.key}" has neither a file nor `external: true`: docker reads the folder',
                    "`file: ./<path>`, or `external: true` if it exists in the Swarm",
                )
