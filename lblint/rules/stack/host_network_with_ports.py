"""A service on the host network publishes ports through the ingress, or is on other networks, too.

A container that shares the network of its node cannot be on another one, and a port of the ingress needs the ingress
network. Managers accept the service; all its tasks are rejected.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Place, Severity, Stage
from lblint.rules import rule
from lblint.stack import Stack


@rule(on=Stack, severity=Severity.WARNING, breaks=Breaks.DEPLOY, stage=Stage.TASKS, needs=("external",))
def check(stack: Stack) -> Iterator[Hit]:
    host = {key for key, network in stack.networks.items() if network.external and network.name == "host"}
    for service in stack.services:
        if not any(attachment.network in host for attachment in service.networks):
            continue
        said: set[Place] = set()
        for port in service.ports:
            if port.mode == "ingress" and port.place not in said:
                said.add(port.place)
                yield Hit(
                    port.place,
                    f"port {port.published or port.target} in ingress mode on the host network: all tasks are rejected",
                    "no port: on the host network every port of the container is open on its node",
                )
        for attachment in service.networks:
            if attachment.network not in host:
                yield Hit(
                    attachment.place,
                    f'network "{attachment.network}" beside the host network: all tasks are rejected',
                    "one of them",
                )
