"""The file of a secret or config is empty or too large.

Managers take secrets from 1 to 511999 bytes and configs from 1 to 1023999 bytes (swarmkit MaxSecretSize,
MaxConfigSize).
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.stack import Stack

_LIMITS = {"secret": 500 * 1024, "config": 1000 * 1024}


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_OBJECT, needs=("secrets", "configs"))
def check(stack: Stack) -> Iterator[Hit]:
    for objects in (stack.secrets, stack.configs):
        for item in objects.values():
            limit = _LIMITS[item.kind]
            if item.external or item.config.get("driver") or item.size is None or 0 < item.size < limit:
                continue
            size = "is empty" if not item.size else f"has {item.size} bytes"
            yield Hit(
                stack.place(f"{item.kind}s", item.key, "file"),
                f'the file of {item.kind} "{item.key}" {size}: {item.kind} data must be larger than 0 and less than '
                f"{limit} bytes",
                "a file with something in it" if not item.size else "a volume for large files",
            )
