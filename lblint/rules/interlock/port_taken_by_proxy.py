"""A service publishes a port that Interlock's proxy has.

A port in ingress mode belongs to one service in the whole Swarm, and cannot be published on the nodes by another
either. A service behind the proxy needs no published port at all: the proxy reaches it over its network.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.interlock import Ingress
from lblint.interlock.config import Extension
from lblint.rules import rule

_PORTS = ("PublishedPort", "PublishedSSLPort")


@rule(on=Ingress, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE, needs=("ingress.config",))
def check(ingress: Ingress) -> Iterator[Hit]:
    taken: dict[int, Extension] = {}
    for extension in ingress.config.extensions if ingress.config else ():
        for name in _PORTS:
            if name.lower() in extension.own:
                taken.setdefault(extension.value(name), extension)
    for stack in ingress.stacks if taken else ():
        for service in stack.services:
            for port in service.ports:
                owner = taken.get(port.published)
                if owner is None or not port.published or port.protocol != "tcp":
                    continue
                if "ingress" in (port.mode, owner.value("PublishMode")):
                    yield Hit(
                        port.place,
                        f"port {port.published} is published by the proxy of [Extensions.{owner.name}] already",
                        "no published port, where the proxy serves it; else another one",
                    )
