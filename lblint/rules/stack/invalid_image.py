"""A service has no image that docker can parse.

From client 28.2 on, `docker stack deploy` parses the image of every service before it does anything else. `build` does
not help: it is ignored, a stack is made of images that exist.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.rules._setting import certainty
from lblint.stack import Stack
from lblint.stack.client import client
from lblint.stack.grammar import GrammarError
from lblint.stack.reference import parse_reference


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.CLIENT_BEFORE)
def check(stack: Stack) -> Iterator[Hit]:
    certain = certainty(stack)
    if not client(stack.client).checks_image:
        return
    for service in stack.services:
        image = service.config.get("image") or ""
        place = stack.place("services", service.key, "image")
        if not image:
            built = " (`build` is ignored)" if service.config.get("build") else ""
            empty = "an empty image" if "image" in service.config else "no image"
            where = place if "image" in service.config else service.place.on_key()
            told = f'service "{service.key}" has {empty}{built}'
            yield Hit(where, told, "image: [registry/]name[:tag]", certain(where))
            continue
        read = parse_reference(image)
        if isinstance(read, GrammarError):
            told = f'docker refuses the image "{image}": {read.told}'
            yield Hit(place, told, "image: [registry/]name[:tag]", certain(place))
