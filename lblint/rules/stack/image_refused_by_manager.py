"""A service has an image that managers refuse.

Clients before 28.2 do not look at images: what they let pass, the manager refuses when networks and part of the
services exist already. Newer clients check it first, but let a bare identifier of 64 hexadecimal digits pass, which no
manager takes: it wants a name that every node can pull.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.rules._setting import certainty
from lblint.stack import Stack
from lblint.stack.client import client
from lblint.stack.grammar import GrammarError
from lblint.stack.reference import parse_name, parse_reference


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE)
def check(stack: Stack) -> Iterator[Hit]:
    certain = certainty(stack)
    for service in stack.services:
        image = service.config.get("image") or ""
        read = parse_name(image)
        if not isinstance(read, GrammarError):
            continue
        if client(stack.client).checks_image and isinstance(parse_reference(image), GrammarError):
            continue
        place = stack.place("services", service.key, "image") if "image" in service.config else service.place.on_key()
        if not image:
            told = f'service "{service.key}" has no image: image reference must be provided'
            yield Hit(place, told, "image: [registry/]name[:tag]", certain(place))
        else:
            told = f'"{image}" is not a valid repository/tag: {read.told}'
            yield Hit(place, told, "image: [registry/]name[:tag]", certain(place))
