"""Rules on the ports that services publish."""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Place, Severity, Stage, of_kind
from lblint.rules import _fixes, rule
from lblint.rules._access import certainty, entries, setting
from lblint.stack import Stack
from lblint.stack.faults import IgnoredAddress


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.TASKS)
def port_out_of_range(stack: Stack) -> Iterator[Hit]:
    """A port is outside 1 to 65535.

    The long syntax is not checked for its range: managers accept the service. With a published port above 65535 its
    tasks stay `New` for ever, and with such a target in host mode they are rejected. Through the ingress, a target of
    0 or above 65535 publishes nothing that can be reached: a warning, as the tasks run.
    """
    certain = certainty(stack)
    for service in stack.services:
        for port in service.ports:
            if port.published > 65535:
                yield Hit(
                    port.place,
                    f"published port {port.published} is above 65535: the tasks of the service stay New for ever",
                    "a port from 1 to 65535",
                    certain(port.place),
                )
            elif port.target > 65535 and port.mode == "host":
                yield Hit(
                    port.place,
                    f"target port {port.target} is above 65535: every task is rejected",
                    "`target`, the port that the container listens on",
                    certain(port.place),
                )
            elif not 0 < port.target <= 65535:
                yield Hit(
                    port.place,
                    f"target port {port.target}: there is no such port in a container, nothing answers",
                    "`target`, the port that the container listens on",
                    Severity.WARNING,
                )


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE)
def port_published_twice(stack: Stack) -> Iterator[Hit]:
    """A service publishes one port twice.

    Within a service a published port may stand once per protocol; ingress and host mode count together.
    """
    for service in stack.services:
        first: set[tuple[int, str]] = set()
        said: set[Place] = set()
        for port in service.ports:
            key = (port.published, port.protocol)
            if port.published and key in first and port.place not in said:
                said.add(port.place)
                yield Hit(
                    port.place,
                    f"published port {port.published}/{key[1]} stands twice: duplicate published ports provided",
                    "another published port for each target",
                )
            first.add(key)


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE)
def port_taken_by_service(stack: Stack) -> Iterator[Hit]:
    """Two services of the stack publish one port.

    A port of the ingress belongs to one service per protocol, and cannot be published in host mode by another either.
    Services are created in random order, so either of them may be the one that is missing afterwards. Two services may
    share a port where both publish it in host mode: the scheduler puts them on different nodes.
    """
    owners: dict[tuple[int, str], dict[str, str]] = {}
    said: set[tuple[Place, str]] = set()
    for service in stack.services:
        for port in service.ports:
            if not port.published:
                continue
            key = (port.published, port.protocol)
            mode = port.mode
            known = owners.setdefault(key, {})
            for other_mode in ("ingress", "host"):
                other = known.get(other_mode)
                if other is None or other == service.key or (mode, other_mode) == ("host", "host"):
                    continue
                if (port.place, other) not in said:
                    said.add((port.place, other))
                    kind = "an ingress port" if other_mode == "ingress" else "a host-published port"
                    yield Hit(
                        port.place,
                        f"port {port.published}/{key[1]} is already in use by service '{other}' as {kind}",
                        "another published port",
                    )
                break
            known.setdefault(mode, service.key)


_KNOWN = {"mode": ("ingress", "host"), "protocol": ("tcp", "udp", "sctp")}


@rule(
    on=Stack,
    severity=Severity.WARNING,
    consequence="the deploy is accepted, but the port is published in another way than written",
)
def port_setting_unknown(stack: Stack) -> Iterator[Hit]:
    """A port has a mode or protocol that Swarm does not know.

    The long syntax is not checked by anybody: an unknown `mode` becomes ingress, an unknown `protocol` becomes tcp. So
    a port that was meant for one node is open on all of them, or a datagram service listens for connections.
    """
    for service in stack.services:
        for index, port in entries(service.config, "ports"):
            for key, known in _KNOWN.items():
                given = str(port.get(key) or "")
                if given and given.lower() not in known:
                    place = stack.place("services", service.key, "ports", index, key)
                    yield Hit(
                        place,
                        f"{key} {given} is unknown: the manager takes it for {known[0]} without a word",
                        f"{' or '.join(known)}",
                        fixes=_fixes.corrected(place, given.lower(), known),
                    )


@rule(
    on=Stack,
    severity=Severity.WARNING,
    consequence="the port is reachable on every address of every node of the Swarm",
)
def port_address_ignored(stack: Stack) -> Iterator[Hit]:
    """A port is published on an address, which Swarm ignores.

    A stack cannot bind a port to an address: the client drops it with a log line, and the port is open on all addresses
    of all nodes. What was meant for localhost is open to the network.
    """
    for fault in of_kind(stack.faults, IgnoredAddress):
        yield Hit(
            fault.place,
            f'the address in "{fault.value}" is ignored: the service will listen on 0.0.0.0',
            "no port, where the service can be reached through a network; else guard it with a firewall",
        )


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE)
def endpoint_mode_unknown(stack: Stack) -> Iterator[Hit]:
    """The endpoint_mode of a service is none that a manager knows.

    It is vip, the default, or dnsrr, in upper or lower case. The client does not look at it; the manager
    refuses anything else.
    """
    for service in stack.services:
        mode = str(setting(service.config, "deploy", "endpoint_mode") or "")
        if mode.lower() not in ("", "vip", "dnsrr"):
            place = stack.place("services", service.key, "deploy", "endpoint_mode")
            yield Hit(
                place,
                f'the manager says: invalid resolution mode: "{mode.lower()}"',
                "vip or dnsrr",
                fixes=_fixes.corrected(place, mode.lower(), ("vip", "dnsrr")),
            )


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE)
def ingress_port_with_dnsrr(stack: Stack) -> Iterator[Hit]:
    """A service of `endpoint_mode: dnsrr` publishes a port through the ingress.

    The ingress routes to a virtual address, which such a service does not have. `mode: ingress` is the default of the
    short syntax and of the long one.
    """
    for service in stack.services:
        if str(setting(service.config, "deploy", "endpoint_mode") or "").lower() != "dnsrr":
            continue
        said: set[Place] = set()
        for port in service.ports:
            if port.mode == "ingress" and port.place not in said:
                said.add(port.place)
                yield Hit(
                    port.place,
                    f"port {port.published or port.target}: port published with ingress mode can't be used with dnsrr "
                    "mode",
                    "`mode: host` in the long syntax, or remove endpoint_mode",
                )


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.TASKS)
def host_network_with_ports(stack: Stack) -> Iterator[Hit]:
    """A service on the host network publishes ports through the ingress, or is on other networks, too.

    A container that shares the network of its node cannot be on another one, and a port of the ingress needs the
    ingress network. Managers accept the service; all its tasks are rejected.
    """
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


@rule(
    on=Stack,
    severity=Severity.WARNING,
    breaks=Breaks.DEPLOY,
    stage=Stage.TASKS,
    consequence="the first deploy works, an update of the service may hang",
)
def host_port_with_start_first(stack: Stack) -> Iterator[Hit]:
    """A service with a port in host mode is updated start-first.

    The new task needs the port of its node while the old one still holds it. Unless there is a free node, it stays
    pending on `host-mode port already in use`, and the update hangs in `updating`.
    """
    for service in stack.services:
        held = [port.published for port in service.ports if port.published and port.mode == "host"]
        for part in ("update_config", "rollback_config"):
            if held and setting(service.config, "deploy", part, "order") == "start-first":
                place = stack.place("services", service.key, "deploy", part, "order")
                yield Hit(
                    place,
                    f"start-first with port {held[0]} in host mode: the new task waits for the port of the old one",
                    "`order: stop-first`",
                    fixes=_fixes.write(place, "stop-first", safe=False),
                )
