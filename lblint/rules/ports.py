"""Rules on the ports that services publish; those that docker cannot read are in values."""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Place, Severity, Stage, of_kind
from lblint.rules import _fixes, rule
from lblint.rules._access import certainty, entries, setting
from lblint.stack import Port, Stack
from lblint.stack.faults import IgnoredAddress


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.TASKS)
def port_out_of_range(stack: Stack) -> Iterator[Hit]:
    """A port is outside 1 to 65535.

    Neither docker nor the manager checks the range of ports in the long syntax. With a published port above 65535 the
    tasks stay `New` forever. With a target above 65535 in host mode the node rejects them. In ingress mode the tasks
    run, but no request reaches a target of 0 or above 65535 (a warning).
    """
    certain = certainty(stack)
    for service in stack.services:
        for port in service.ports:
            if port.published > 65535:
                yield Hit(
                    port.place,
                    f"the published port {port.published} is above 65535",
                    "write a port from 1 to 65535",
                    certain(port.place),
                )
            elif port.target > 65535 and port.mode == "host":
                yield Hit(
                    port.place,
                    f"the target port {port.target} is above 65535",
                    "set target to the port that the container listens on",
                    certain(port.place),
                )
            elif not 0 < port.target <= 65535:
                yield Hit(
                    port.place,
                    f"the target port {port.target} is not a valid port, so no request reaches the container",
                    "set target to the port that the container listens on",
                    Severity.WARNING,
                    Breaks.NOTHING,
                )


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE)
def port_published_twice(stack: Stack) -> Iterator[Hit]:
    """A service publishes the same port twice.

    Within a service, a published port may occur once per protocol, in ingress and host mode together. The manager
    refuses the service. Publish each target on a port of its own, or remove the second entry.
    """
    for service in stack.services:
        first: set[tuple[int, str]] = set()
        reported: set[Place] = set()
        for port in service.ports:
            key = (port.published, port.protocol)
            if port.published and key in first and port.place not in reported:
                reported.add(port.place)
                yield Hit(
                    port.place,
                    f'service "{service.key}" publishes port {port.published}/{key[1]} twice',
                    f"publish target {port.target} on another port, or remove this entry",
                    docker="duplicate published ports provided",
                )
            first.add(key)


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE)
def port_taken_by_service(stack: Stack) -> Iterator[Hit]:
    """Two services of the stack publish the same port.

    A port of the ingress belongs to one service per protocol. Another service cannot publish it in host mode either.
    Docker creates the services in random order, so either of the two may be missing afterwards. Two services may share
    a port if both publish it in host mode: the scheduler then puts them on different nodes.
    """
    owners: dict[tuple[int, str], dict[str, str]] = {}
    reported: set[tuple[Place, str]] = set()
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
                if (port.place, other) not in reported:
                    reported.add((port.place, other))
                    kind = "an ingress port" if other_mode == "ingress" else "a host-published port"
                    yield Hit(
                        port.place,
                        f'service "{other}" already publishes port {port.published}/{key[1]}',
                        f"publish a port other than {port.published} here or in {other}",
                        docker=f"port '{port.published}' is already in use by service "
                        f"'{stack.name or '<stack>'}_{other}' as {kind}",
                    )
                break
            known.setdefault(mode, service.key)


_KNOWN = {"mode": ("ingress", "host"), "protocol": ("tcp", "udp", "sctp")}


@rule(
    on=Stack,
    severity=Severity.WARNING,
    consequence="the deploy is accepted, but the port is published differently",
)
def port_setting_unknown(stack: Stack) -> Iterator[Hit]:
    """The mode or protocol of a port is unknown.

    In the long syntax neither docker nor the manager checks them: an unknown `mode` becomes ingress, an unknown
    `protocol` becomes tcp. So a port that was meant for one node is open on all nodes, or a UDP port is published as
    TCP.
    """
    for service in stack.services:
        for index, port in entries(service.config, "ports"):
            for key, known in _KNOWN.items():
                value = str(port.get(key) or "")
                if value and value.lower() not in known:
                    place = stack.place("services", service.key, "ports", index, key)
                    fixes = _fixes.corrected(place, value.lower(), known)
                    help = fixes[0].title if fixes else f"write {', '.join(known[:-1])} or {known[-1]}"
                    message = f'the port {key} "{value}" is unknown, and the manager replaces it with {known[0]}'
                    yield Hit(place, message, help, fixes=fixes)


@rule(
    on=Stack,
    severity=Severity.WARNING,
    consequence="the port is reachable on every address of every node of the Swarm",
)
def port_address_ignored(stack: Stack) -> Iterator[Hit]:
    """A port is published on an IP address, which Swarm ignores.

    A stack cannot bind a port to an address. The client drops the address with a warning in its log, and the port is
    open on all addresses of all nodes. A port that was meant for localhost is open to the network.
    """
    for fault in of_kind(stack.faults, IgnoredAddress):
        yield Hit(
            fault.place,
            f'docker ignores the address in "{fault.value}"',
            "remove the port if other services reach it through a network, or protect it with a firewall",
            docker=fault.warning,
        )


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE)
def endpoint_mode_unknown(stack: Stack) -> Iterator[Hit]:
    """The endpoint_mode of a service is neither vip nor dnsrr.

    `vip` is the default; upper and lower case are the same. The client does not check it, and the manager refuses
    anything else.
    """
    for service in stack.services:
        mode = str(setting(service.config, "deploy", "endpoint_mode") or "")
        if mode.lower() not in ("", "vip", "dnsrr"):
            place = stack.place("services", service.key, "deploy", "endpoint_mode")
            fixes = _fixes.corrected(place, mode.lower(), ("vip", "dnsrr"))
            yield Hit(
                place,
                f'endpoint_mode "{mode}" is neither vip nor dnsrr',
                fixes[0].title if fixes else "write vip or dnsrr",
                fixes=fixes,
                docker=f'invalid resolution mode: "{mode.lower()}"',
            )


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE)
def ingress_port_with_dnsrr(stack: Stack) -> Iterator[Hit]:
    """A service with `endpoint_mode: dnsrr` publishes a port through the ingress.

    The ingress routes to the virtual IP of a service, and with dnsrr a service has none. Ingress is the default mode of
    a port in both syntaxes. Publish the port in host mode, or remove endpoint_mode.
    """
    for service in stack.services:
        if str(setting(service.config, "deploy", "endpoint_mode") or "").lower() != "dnsrr":
            continue
        reported: set[Place] = set()
        for port in service.ports:
            if port.mode == "ingress" and port.place not in reported:
                reported.add(port.place)
                yield Hit(
                    port.place,
                    f"port {port.published or port.target} is published through the ingress, which does not work with "
                    "endpoint_mode: dnsrr",
                    f"remove endpoint_mode, or publish the port in host mode\n- {_in_host_mode(port)}",
                    docker="port published with ingress mode can't be used with dnsrr mode",
                )


def _in_host_mode(port: Port) -> str:
    """The port in the long syntax, in host mode."""
    published = f", published: {port.published}" if port.published else ""
    protocol = f", protocol: {port.protocol}" if port.protocol != "tcp" else ""
    return f"{{target: {port.target}{published}{protocol}, mode: host}}"


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.TASKS)
def host_network_with_ports(stack: Stack) -> Iterator[Hit]:
    """A service on the host network publishes ports through the ingress, or is on another network as well.

    A container that uses the network of its node cannot be on any other network, and a port in ingress mode needs the
    ingress network. The manager accepts the service, and the nodes reject all its tasks.
    """
    host = {key for key, network in stack.networks.items() if network.external and network.name == "host"}
    for service in stack.services:
        if not any(attachment.network in host for attachment in service.networks):
            continue
        reported: set[Place] = set()
        for port in service.ports:
            if port.mode == "ingress" and port.place not in reported:
                reported.add(port.place)
                yield Hit(
                    port.place,
                    f"port {port.published or port.target} is published through the ingress, but the service is on the "
                    "host network",
                    "remove the port: on the host network, every port of the container is open on its node",
                )
        for attachment in service.networks:
            if attachment.network not in host:
                yield Hit(
                    attachment.place,
                    f'the service is on the host network and on network "{attachment.network}"',
                    f"remove {attachment.network}, or remove the host network",
                )


@rule(
    on=Stack,
    severity=Severity.WARNING,
    breaks=Breaks.DEPLOY,
    stage=Stage.TASKS,
    consequence="the first deploy works, but an update of the service may hang",
)
def host_port_with_start_first(stack: Stack) -> Iterator[Hit]:
    """A service that publishes a port in host mode is updated start-first.

    The new task needs the port while the old task still holds it on its node. Unless another node is free, the new task
    stays pending with `host-mode port already in use`, and the update hangs in `updating`.
    """
    for service in stack.services:
        held = [port.published for port in service.ports if port.published and port.mode == "host"]
        for part in ("update_config", "rollback_config"):
            if held and setting(service.config, "deploy", part, "order") == "start-first":
                place = stack.place("services", service.key, "deploy", part, "order")
                fixes = _fixes.write(place, "stop-first", safe=False)
                message = f"with start-first, the new task waits for port {held[0]}, which the old task holds"
                yield Hit(place, message, fixes[0].title, fixes=fixes)
