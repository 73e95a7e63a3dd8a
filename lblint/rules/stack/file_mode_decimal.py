"""The mode of a secret or config is a decimal number that looks octal.

YAML takes 0440 for octal and 440 for decimal: `mode: 440` is 0670 in octal, readable and writable by the group.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Hit, Severity
from lblint.rules import rule
from lblint.rules._setting import entries
from lblint.stack import Stack

_LOOK_OCTAL = frozenset(
    [
        400, 404, 440, 444, 500, 540, 544, 550, 554, 555, 600, 604, 640, 644, 660, 664, 666,
        700, 704, 740, 744, 750, 754, 755, 770, 774, 775, 777,
    ]
)  # fmt: skip


@rule(
    on=Stack,
    severity=Severity.WARNING,
    consequence="the file has other rights in the container than written",
    needs=("secrets", "configs"),
)
def check(stack: Stack) -> Iterator[Hit]:
    for service in stack.services:
        for section in ("secrets", "configs"):
            for index, used in entries(service.config, section):
                mode = used.get("mode")
                if mode in _LOOK_OCTAL:
                    from lblint.rules._mend import write

                    place = stack.place("services", service.key, section, index, "mode")
                    yield Hit(
                        place,
                        f"mode {mode} is a decimal number, in octal {mode & 0o7777:04o}",
                        f"0{mode}",
                        fixes=write(place, f"0{mode}", bare=True),
                    )
