"""Rules on services and proxies that publish their ports in host mode."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lblint.finding import Breaks, Edit, Fix, Hit, Place, Severity, Stage
from lblint.interlock import Ingress
from lblint.interlock.clusters import extension_of, only_networks
from lblint.interlock.networks import attached, host_mode, host_port, joined, named
from lblint.interlock.routes import Route
from lblint.rules import _fixes, rule
from lblint.rules._labels import on

if TYPE_CHECKING:
    from lblint.interlock.config import Extension


@rule(on=Ingress, severity=Severity.ERROR, breaks=Breaks.ROUTE)
def host_mode_port_not_published(ingress: Ingress) -> Iterator[Hit]:
    """In host mode the service does not publish the label's port.

    In host mode the proxy connects to the address of the node and to the port that docker published there for the
    label's port. So `ports` needs an entry with that port as `target` and with `mode: host`; docker chooses the port on
    the node. The network `bridge` is a separate one on each node: without the published port no proxy reaches the
    service.
    """
    for route in ingress.routes:
        if route.port is None or host_port(route) is not None or not route.port.text.isdecimal():
            continue
        bridged = any(network.name == "bridge" for network in joined(route)) and host_mode(route)
        others = [port for port in route.service.ports if port.mode == "host"]
        if not bridged and not (others and _undecided(route)):
            continue
        port, verb = route.port.text, "add to ports"
        if same := [p for p in route.service.ports if str(p.target) == port]:
            published = "published in ingress mode" if same[0].mode != "host" else f"published as {same[0].protocol}"
            verb = "replace the entry of this port" if same[0].mode != "host" else verb
        elif others:
            published = f"not published in host mode, unlike {' and '.join(str(p.target) for p in others)}"
        else:
            published = "not published"
        fixes = _fix(route, int(port))
        yield Hit(
            route.port.place,
            f"com.docker.lb.port is {port}, but port {port} is {published}; the proxy reaches {route.service.key} only "
            "through a port in host mode",
            fixes[0].title if fixes else f"{verb}\n- target: {port}\n  mode: host",
            severity=None if bridged else Severity.WARNING,
            fixes=fixes,
        )


@rule(on=Ingress, severity=Severity.WARNING, breaks=Breaks.ROUTE)
def port_is_published_port(ingress: Ingress) -> Iterator[Hit]:
    """The label port holds a published port instead of the port in the container.

    The proxy connects to the tasks, so the label must hold the port on which the container listens: 3000 in
    `8080:3000`. The published port 8080 is open on the nodes only; in the container nothing listens on it.
    """
    for route in ingress.routes:
        text = route.port.text.lstrip("0") if route.port else ""
        label = route.label("port")
        if label is None or label.unset or any(str(port.target) == text for port in route.service.ports):
            continue
        for port in route.service.ports:
            if str(port.published) == text and port.protocol == "tcp":
                yield Hit(
                    label.place,
                    f"com.docker.lb.port is {text}, the published port of {text}:{port.target}; the container listens "
                    f"on {port.target}",
                    f"write {port.target}",
                    fixes=_fixes.written(label, str(port.target), safe=False),
                )
                break


def _undecided(route: Route) -> bool:
    """Return whether only the published ports say how the proxy should reach the service."""
    return named(route) is None and all(network.implicit for network in joined(route))


def _fix(route: Route, port: int) -> tuple[Fix, ...]:
    """Return the fix that publishes the port on the nodes; none where the service publishes ports already."""
    place = Place(route.service.place.file, route.service.place.path)
    if route.service.ports or "ports" in route.service.config:
        return ()
    entry = [{"target": port, "mode": "host"}]
    return (Fix(f"publish port {port} in host mode", (Edit("insert", place, entry, "ports"),), False),)


@rule(on=Ingress, severity=Severity.WARNING, breaks=Breaks.NOTHING)
def host_mode_ingress_port(ingress: Ingress) -> Iterator[Hit]:
    """A service in host mode also publishes a port in ingress mode.

    The proxy reaches a service in host mode through the port on the node. A second entry for the same port in ingress
    mode, the default of `ports`, opens the service on every node of the cluster, without the proxy and its TLS. It is
    not documented which of the two published ports Interlock uses. Keep the entry with `mode: host`.
    """
    for route in ingress.routes:
        reached = host_port(route)
        if reached is None or not host_mode(route):
            continue
        for port in route.service.ports:
            if port.mode != "ingress":
                continue

            again = port.target == reached.target
            yield Hit(
                port.place,
                f"port {port.target} is published in ingress mode "
                + ("as well as in host mode" if again else "by a service in host mode")
                + ", so every node opens it without the proxy",
                "remove this entry" if again else "add mode: host if the proxy should use this port",
                severity=None if again else Severity.INFO,
                fixes=_fixes.remove(port.place, "this entry", safe=False) if again else (),
            )


@rule(on=Ingress, severity=Severity.WARNING, breaks=Breaks.ROUTE)
def host_mode_network_label(ingress: Ingress) -> Iterator[Hit]:
    """A service publishes the label's port in host mode and names an overlay for the proxy as well.

    In host mode the proxy connects to the address of the node, and no network label is needed. With the label,
    Interlock attaches the proxy to the overlay, and the port on the node stays open as well. It is not documented which
    way the proxy then uses. Keep the label and the overlay, or the port with `mode: host`.
    """
    for route in ingress.routes:
        label, port, network = route.label("network"), host_port(route), named(route)
        if label is None or port is None or network is None or network[0].local:
            continue
        yield Hit(
            label.place,
            f'com.docker.lb.network names the overlay "{label.value}", but port {port.target} is published in host '
            "mode for the proxy",
            f"remove the label to use host mode, or remove mode: host from port {port.target} to use the overlay",
        )


@rule(
    on=Ingress,
    severity=Severity.WARNING,
    breaks=Breaks.NOTHING,
    consequence="the proxy joins one more overlay: updates take longer, and docker stack rm fails until it has left",
)
def host_mode_overlay(ingress: Ingress) -> Iterator[Hit]:
    """A service in host mode is on an overlay, and Interlock attaches the proxy to it.

    The purpose of host mode is to keep overlays away from the proxy: each one that it joins restarts it and takes one
    to two seconds for each proxy. Interlock attaches the proxy to the networks of a routed service even if the route
    does not need them. If Interlock's own config has a list of `Networks` (since Interlock 3.0), the proxy joins only
    those.
    """
    for route in ingress.routes:
        if not host_mode(route) or only_networks(ingress, route) is not None:
            continue
        for network in attached(route):
            if not network.implicit:
                yield Hit(
                    network.place,
                    f"{route.service.key} is in host mode, but Interlock attaches the proxy to its overlay "
                    f"{network.shown}",
                    f"move what needs {network.shown} to a service without com.docker.lb labels",
                )


@rule(
    on=Ingress,
    severity=Severity.WARNING,
    breaks=Breaks.ROUTE,
    consequence="a client may not stay with one task",
)
def ip_hash_behind_ingress(ingress: Ingress) -> Iterator[Hit]:
    """ip_hash needs a proxy that is published in host mode.

    In the default publish mode the ingress network of Swarm replaces the addresses of clients with its own, and all
    clients go to the same few tasks. `PublishMode = "host"` in Interlock's config prevents that. lblint looks for it if
    it knows that config (`--interlock-config`, or `publish-mode` in `.lblint.yml`); else the finding is information.
    """
    for route in ingress.routes:
        label, extension = route.label("ip_hash"), extension_of(ingress, route)
        if label is None or not on(route.service, "ip_hash") or route.ssl_passthrough:
            continue
        mode = ingress.site.publish_mode if ingress.site else ""
        if extension is None and mode == "ingress":
            yield Hit(
                label.key_place,
                f"{label.key} needs the addresses of the clients, which a proxy in ingress mode does not see "
                f"(publish-mode in {ingress.site.file if ingress.site else ''})",
                _STICKY,
            )
        elif extension is None and not mode:
            yield Hit(
                label.key_place,
                f'{label.key} needs the addresses of the clients, which only a proxy with PublishMode = "host" sees',
                "use com.docker.lb.sticky_session_cookie if the proxy is published in ingress mode",
                Severity.INFO,
                Breaks.NOTHING,
            )
        elif extension is not None and extension.value("PublishMode") == "ingress":
            yield Hit(
                label.key_place,
                f"{label.key} needs the addresses of the clients, which a proxy in ingress mode does not see "
                f"(PublishMode of [Extensions.{extension.name}])",
                _STICKY,
            )


_STICKY = 'use com.docker.lb.sticky_session_cookie, or set PublishMode = "host" in Interlock\'s config'
_PORTS = ("PublishedPort", "PublishedSSLPort")


@rule(on=Ingress, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE)
def port_taken_by_proxy(ingress: Ingress) -> Iterator[Hit]:
    """A service publishes a port that Interlock's proxy publishes.

    A port in ingress mode belongs to one service of the Swarm; no other service can publish it, not in host mode
    either. A service behind the proxy needs no published port: the proxy reaches it over a network.
    """
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
                        f"port {port.published} is already published by the proxy of [Extensions.{owner.name}]",
                        "remove this port if the proxy serves the service, else publish another one",
                    )
