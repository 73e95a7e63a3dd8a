"""A mount has a propagation or type that managers do not know.

`bind.propagation` is rprivate, private, rshared, shared, rslave or slave. The type `image` is known to clients from
28.0 on, but no manager takes it for a service.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.rules._setting import entries, setting
from lblint.stack import Stack
from lblint.stack.volumes import PROPAGATIONS


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE, needs=("volumes",))
def check(stack: Stack) -> Iterator[Hit]:
    for service in stack.services:
        for index, mount in entries(service.config, "volumes"):
            path = ("services", service.key, "volumes", index)
            propagation = str(setting(mount, "bind", "propagation") or "")
            if propagation and propagation.lower() not in PROPAGATIONS:
                yield Hit(
                    stack.place(*path, "bind", "propagation"),
                    f'the manager says: invalid MountPropagation: "{propagation}"',
                    f"one of {', '.join(PROPAGATIONS)}",
                )
            if mount.get("type") == "image" and mount.get("source"):
                yield Hit(
                    stack.place(*path, "type"),
                    'the manager says: invalid MountType: "image"',
                    "a volume, with the files copied into it",
                )
