"""Rules on services and proxies that publish their ports in host mode."""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Edit, Fix, Hit, Place, Severity, Stage
from lblint.interlock import Ingress
from lblint.interlock.clusters import extension_of, only_networks
from lblint.interlock.config import Extension
from lblint.interlock.networks import attached, host_mode, host_port, joined, named
from lblint.interlock.routes import Route
from lblint.rules import _fixes, rule
from lblint.rules._labels import on


@rule(on=Ingress, severity=Severity.ERROR, breaks=Breaks.ROUTE)
def host_mode_port_not_published(ingress: Ingress) -> Iterator[Hit]:
    """In host mode the label's port is not published on the nodes.

    In host mode the proxy goes to the node's address and to the port that docker published there for the label's port.
    So `ports` needs an entry whose `target` is that port, with `mode: host`; docker picks the port on the node. A
    network `bridge` is a different one on each node: without the published port no proxy can reach the service.
    """
    for route in ingress.routes:
        if route.port is None or host_port(route) is not None or not route.port.text.isdecimal():
            continue
        bridged = any(network.name == "bridge" for network in joined(route)) and host_mode(route)
        beside = [port for port in route.service.ports if port.mode == "host"]
        if not bridged and not (beside and _undecided(route)):
            continue
        port = route.port.text
        if same := [p for p in route.service.ports if str(p.target) == port]:
            says = f"published in {same[0].mode} mode" + (f" as {same[0].protocol}" if same[0].mode == "host" else "")
        elif beside:
            says = f"not published: mode: host is on {' and '.join(str(p.target) for p in beside)}"
        else:
            says = "not published"
        yield Hit(
            route.port.place,
            f"com.docker.lb.port is {port}, which is {says}; in host mode the proxy reaches {route.service.key} only "
            "through a port on the node",
            f"ports:\n  - target: {port}\n    mode: host",
            severity=None if bridged else Severity.WARNING,
            fixes=_fix(route, int(port)),
        )


@rule(on=Ingress, severity=Severity.WARNING, breaks=Breaks.ROUTE)
def port_is_published_port(ingress: Ingress) -> Iterator[Hit]:
    """The label port is the published port of an entry of `ports`, not the port in the container.

    The proxy connects to the tasks, so the label holds the port on which the container listens: of `8080:3000` that is
    3000. The published port is open on the nodes, and nothing listens on it in the container.
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
                    f"com.docker.lb.port is {text}, the published port of {text}:{port.target}; the proxy connects to "
                    f"the container, which listens on {port.target}",
                    f"com.docker.lb.port: {port.target}",
                    fixes=_fixes.written(label, str(port.target), safe=False),
                )
                break


def _undecided(route: Route) -> bool:
    """Whether nothing but the published ports says how the proxy is meant to reach the service."""
    return named(route) is None and all(network.implicit for network in joined(route))


def _fix(route: Route, port: int) -> tuple[Fix, ...]:
    """The port published on the nodes, where the service publishes none yet."""
    place = Place(route.service.place.file, route.service.place.path)
    if route.service.ports or "ports" in route.service.config:
        return ()
    entry = [{"target": port, "mode": "host"}]
    return (Fix(f"publish port {port} with mode: host", (Edit("insert", place, entry, "ports"),), False),)


@rule(on=Ingress, severity=Severity.WARNING, breaks=Breaks.NOTHING)
def host_mode_ingress_port(ingress: Ingress) -> Iterator[Hit]:
    """A service in host mode also publishes a port in ingress mode.

    The proxy reaches a service in host mode through the port on the node. A second entry for the same port in ingress
    mode, which is the default of `ports`, opens the service on every node of the cluster, past the proxy and its TLS;
    which of the two published ports Interlock takes is not documented. Keep the entry with `mode: host`.
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
                + ": it is open on every node, past the proxy",
                "remove this entry" if again else "mode: host, if this port is for the proxy too",
                severity=None if again else Severity.INFO,
                fixes=_fixes.remove(port.place, "this entry", safe=False) if again else (),
            )


@rule(on=Ingress, severity=Severity.WARNING, breaks=Breaks.ROUTE)
def host_mode_network_label(ingress: Ingress) -> Iterator[Hit]:
    """A service publishes the label's port in host mode and names an overlay for the proxy as well.

    Host mode wants no network label: the proxy goes to the node's address. With a label it is attached to the overlay
    and reaches the tasks there, and the port on the node stays open beside it. Which of the two Interlock takes is not
    documented. Keep one: the label and the overlay, or the port with `mode: host`.
    """
    for route in ingress.routes:
        label, port, found = route.label("network"), host_port(route), named(route)
        if label is None or port is None or found is None or found[0].local:
            continue
        yield Hit(
            label.place,
            f'com.docker.lb.network: "{label.value}" sends the proxy to an overlay, while port {port.target} is '
            "published in host mode: both ways at once",
            f"without the label for host mode; without `mode: host` on port {port.target} for the overlay",
        )


@rule(
    on=Ingress,
    severity=Severity.WARNING,
    breaks=Breaks.NOTHING,
    consequence="the proxy is attached to one more overlay: slower updates for everybody, and docker stack rm fails "
    "until it has left",
)
def host_mode_overlay(ingress: Ingress) -> Iterator[Hit]:
    """A service in host mode is on an overlay, and the proxy is attached to it.

    Host mode is there to keep overlays away from the proxy: joining each takes one to two seconds, for each proxy, and
    restarts it. Interlock attaches the proxy to the networks of a routed service whether the route needs them or not.
    Where Interlock's own config has a list of `Networks` (since Interlock 3.0), the proxy joins those alone.
    """
    for route in ingress.routes:
        if not host_mode(route) or only_networks(ingress, route) is not None:
            continue
        for network in attached(route):
            if not network.implicit:
                yield Hit(
                    network.place,
                    f"{route.service.key} is in host mode but also on the overlay {network.shown}: the proxy is "
                    "attached to it",
                    "move what needs this network to a service without com.docker.lb labels",
                )


@rule(
    on=Ingress,
    severity=Severity.WARNING,
    breaks=Breaks.ROUTE,
    consequence="clients do not keep to a task by their address",
)
def ip_hash_behind_ingress(ingress: Ingress) -> Iterator[Hit]:
    """ip_hash sees clients by their address only if the proxy is published in host mode.

    With the proxy's default publish mode, Swarm's ingress network puts an address of its own in place of the client's,
    and all clients go to the same few tasks. `PublishMode = "host"` in Interlock's configuration is needed, and is
    looked for where that is given (`--interlock-config`, or `publish-mode` in `.lblint.yml`). Whenever tasks come or
    go, clients move.
    """
    for route in ingress.routes:
        label, extension = route.label("ip_hash"), extension_of(ingress, route)
        if label is None or not on(route.service, "ip_hash") or route.ssl_passthrough:
            continue
        mode = ingress.site.publish_mode if ingress.site else ""
        if extension is None and mode == "ingress":
            yield Hit(
                label.key_place,
                f"{label.key} needs the addresses of the clients, and the proxies are published in ingress mode, as "
                f"{ingress.site.file if ingress.site else ''} says: all clients have one address",
                'com.docker.lb.sticky_session_cookie; or PublishMode = "host" in Interlock\'s config',
            )
        elif extension is None and not mode:
            yield Hit(
                label.key_place,
                f'{label.key} needs the addresses of the clients: PublishMode = "host" for the proxy',
                "com.docker.lb.sticky_session_cookie, where the proxy is in ingress mode",
                Severity.INFO,
                Breaks.NOTHING,
            )
        elif extension is not None and extension.value("PublishMode") == "ingress":
            yield Hit(
                label.key_place,
                f"{label.key} needs the addresses of the clients, and the proxy of [Extensions.{extension.name}] is "
                "published in ingress mode: all clients have one address",
                'com.docker.lb.sticky_session_cookie; or PublishMode = "host" in Interlock\'s config',
            )


_PORTS = ("PublishedPort", "PublishedSSLPort")


@rule(on=Ingress, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE)
def port_taken_by_proxy(ingress: Ingress) -> Iterator[Hit]:
    """A service publishes a port that Interlock's proxy has.

    A port in ingress mode belongs to one service in the whole Swarm, and cannot be published on the nodes by another
    either. A service behind the proxy needs no published port at all: the proxy reaches it over its network.
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
                        f"port {port.published} is published by the proxy of [Extensions.{owner.name}] already",
                        "no published port, where the proxy serves it; else another one",
                    )
