"""An external volume is not looked for by anybody.

Docker checks external networks, secrets and configs. A volume belongs to a node: where an external one is missing, the
node creates an empty one of that name when the task starts, without a word. A misspelt name means empty data.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Hit, Severity
from lblint.rules import rule
from lblint.stack import Stack


@rule(
    on=Stack,
    severity=Severity.INFO,
    consequence="a node that lacks the volume creates an empty one",
    needs=("external",),
)
def check(stack: Stack) -> Iterator[Hit]:
    for volume in stack.volumes.values():
        if volume.external:
            yield Hit(
                volume.place.on_key(),
                f'external volume "{volume.name or volume.key}" is not looked for: a node makes an empty one',
                "a placement constraint for the node that has it, unless all nodes share it",
            )
