"""Rules on the networks over which the proxy reaches services."""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Edit, Fix, Hit, Place, Severity
from lblint.interlock import KEYS, PREFIX, Ingress
from lblint.interlock.clusters import only_networks
from lblint.interlock.networks import Joined, Naming, attached, host_mode, joined, named
from lblint.interlock.routes import Route
from lblint.interlock.version import NETWORK_LABEL_RESPECTED, PROXY_STAYS, reached
from lblint.rules import _fixes, rule
from lblint.rules._access import entries, setting
from lblint.rules._misplaced import lost_sections
from lblint.stack import Label, Network, Stack

_SLOWER = "updates of the proxy take longer, and docker stack rm fails until the proxy has left the network"
_BRIDGE = """put {service} on the bridge of the nodes:
  services:
    {service}:
      networks: [docker0]
  networks:
    docker0:
      external: true
      name: bridge"""


@rule(
    on=Ingress,
    severity=Severity.WARNING,
    breaks=Breaks.NOTHING,
    consequence=_SLOWER,
)
def default_network_attached(ingress: Ingress) -> Iterator[Hit]:
    """A routed service has no networks, so the proxy joins the default network of the stack.

    Docker creates `<stack>_default` for services without `networks`. The proxy then joins an overlay with all other
    services of the stack that have no networks. Joining takes time at every update of the proxy, and `docker stack rm`
    fails while the proxy is on the network. Put the service on an external network that several stacks share. In host
    mode the proxy needs no overlay: put the service on an external network with the name `bridge`.
    """
    for route in ingress.routes:
        for network in joined(route):
            if not network.implicit or route.network.strip() or only_networks(ingress, route) is not None:
                continue
            says = f"{route.service.key} has no networks, so the proxy joins {network.shown}"
            if host_mode(route):
                fixes = _own_network_fix(route)
                help_ = fixes[0].title if fixes else _BRIDGE.format(service=route.service.key)
                yield Hit(network.place.on_key(), f"{says}, which host mode does not need", help_, fixes=fixes)
            else:
                yield Hit(
                    network.place.on_key(),
                    says,
                    "put it on an external overlay for the proxy, which you create once for all stacks",
                    severity=Severity.INFO if _publishes_on_nodes(route) else None,  # host mode has a rule of its own
                )


def _publishes_on_nodes(route: Route) -> bool:
    """Whether the service publishes a port in host mode."""
    ports = (port for _, port in entries(route.service.config, "ports"))
    return any(setting(port, "mode") == "host" for port in ports)


def _own_network_fix(route: Route) -> tuple[Fix, ...]:
    """The workaround: a network of the nodes in place of the overlay."""
    place = route.service.place
    networks = route.stack.networks.items()
    known = next((key for key, network in networks if network.external and network.name == "bridge"), "")
    key = known or "docker0"
    if (not known and key in route.stack.networks) or "networks" in route.service.config:
        return ()
    edits = [Edit("insert", Place(place.file, place.path), [key], "networks")]
    if not known:
        edits.append(Edit("insert", Place(place.file, ("networks",)), {"external": True, "name": "bridge"}, key))
    return (Fix(f"put it on {key}, an external network with the name bridge", tuple(edits), False),)


@rule(on=Ingress, severity=Severity.WARNING, breaks=Breaks.NOTHING, consequence=_SLOWER)
def all_networks_attached(ingress: Ingress) -> Iterator[Hit]:
    """Before UCP 3.0.8 the proxy joins all networks of a routed service, whatever its label names.

    These versions ignored the label `com.docker.lb.network` (interlock 169), so the proxy also joins the networks of
    databases and queues. Each network takes one to two seconds at every update of the proxy, and `docker stack rm`
    fails while the proxy is on the network.
    """
    if reached(ingress.version, NETWORK_LABEL_RESPECTED) is not False:
        return
    for route in ingress.routes:
        on = [network for network in joined(route) if not network.local]
        label = route.label("network")
        if len(on) > 1 and label is not None:
            names = " and ".join(network.shown for network in on)
            yield Hit(
                label.place,
                f"{ingress.version} ignores this label, so the proxy joins {names}",
                f"upgrade to {NETWORK_LABEL_RESPECTED}, or put a service that is only on the proxy's network in front",
            )


@rule(on=Ingress, severity=Severity.INFO, breaks=Breaks.NOTHING)
def ingress_network_owned_by_stack(ingress: Ingress) -> Iterator[Hit]:
    """The proxy joins a network that the stack owns, so `docker stack rm` fails at first.

    Interlock connects the proxy to the network of the route. When you remove the stack, the proxy is still on the
    network: docker reports that it has active endpoints, and keeps it until the proxy has been updated. A new deploy
    fails until then, too. An external network, which you create once, outlives the stack. Several stacks can share it,
    so that the proxy has fewer networks to join.
    """
    for route in ingress.routes:
        on, only = attached(route), only_networks(ingress, route)
        if only is not None and not any(network.name in only for network in on):
            continue
        if len(on) != 1 or on[0].network is None:
            continue
        network, declared = on[0], on[0].network
        if not declared.declared or declared.external:
            continue
        if not host_mode(route) and (not route.network.strip() or named(route) is not None):
            yield Hit(
                declared.place.on_key(),
                f"the proxy joins {network.shown}, which this stack owns, so docker stack rm fails until the proxy has "
                "left it",
                _make_external(declared, network.shown),
                fixes=_external_network_fix(route.stack, declared),
            )


def _external_network_fix(stack: Stack, network: Network) -> tuple[Fix, ...]:
    """The same network under the same name, but made beforehand; what the file says of it would be ignored."""
    place = Place(network.place.file, network.place.path)
    if not network.name or stack.inferred_from is not None or set(network.config) - {"driver", "name"}:
        return ()
    name = {} if network.config.get("name") else {"name": network.name}
    if network.config.get("driver"):
        driver = stack.place("networks", network.key, "driver")
        edits = [Edit("write", driver.on_key(), "external"), Edit("write", driver, True)]
        edits += [Edit("insert", place, name)] if name else []
    else:
        edits = [Edit("insert", place, {"external": True, **name})]
    return (Fix(_make_external(network, network.name), tuple(edits), False),)


def _make_external(network: Network, name: str) -> str:
    """How to keep a network, under its present name, when the stack is removed."""
    keys = "external: true" if network.config.get("name") else f"external: true and name: {name}"
    return f"set {keys}, and run docker network create --driver overlay {name} once"


@rule(on=Ingress, severity=Severity.ERROR, breaks=Breaks.ROUTE)
def network_label_missing(ingress: Ingress) -> Iterator[Hit]:
    """A service is on several networks, and no label names the one for the proxy.

    The label `com.docker.lb.network` is optional only for a service with one network. With several, Interlock connects
    the proxy to all of them, including those of databases, and it is not defined to which addresses of the tasks it
    sends requests. Name the network that the proxy should use.
    """
    for route in ingress.routes:
        if route.network.strip() or host_mode(route):
            continue
        on = {network.shown: network for network in joined(route)}
        if len(on) < 2:
            continue
        service = route.service.key
        yield Hit(
            route.stack.place("services", service, "networks").on_key(),
            f"{service} is on {len(on)} networks ({', '.join(on)}), and without {PREFIX}network the proxy may use the "
            "wrong one",
            f"add com.docker.lb.network: {next(iter(on))}",
        )


@rule(on=Ingress, severity=Severity.ERROR, breaks=Breaks.ROUTE)
def network_label_not_joined(ingress: Ingress) -> Iterator[Hit]:
    """The network label names a network that the service is not on.

    Interlock looks for the addresses of the tasks on the network of the label, and finds none on a network that the
    service has not joined. Interlock 3.0 logs an error, and UCP since 3.0.8 and 3.1.2 reports it when you create the
    service. Add the network to `services.<service>.networks`, or name one that is in that list.
    """
    for route in ingress.routes:
        label = route.label("network")
        if label is None or not label.value.strip() or named(route) is not None:
            continue
        if any(KEYS[label.key].problems(label.value)) or "networks" in lost_sections(route.stack):
            continue  # not a name, or misplaced networks, which other rules report
        on = joined(route)
        if any(network.network is None and not network.implicit for network in on):
            continue  # an undeclared network, of which the label may name the right one
        names = " and ".join(network.shown for network in on)
        unset = ", ".join(dict.fromkeys(label.unset))
        yield Hit(
            label.place,
            f'com.docker.lb.network names "{label.value}", but {route.service.key} is only on {names}'
            + (f" ({unset} is not set)" if unset else ""),
            f"set {unset}" if unset else _remedy(route, label.value.strip(), on),
            severity=Severity.WARNING if unset else None,
            fixes=_joined_network_fix(label, on),
        )


def _joined_network_fix(label: Label, on: tuple[Joined, ...]) -> tuple[Fix, ...]:
    """The one network of the service that is a slip away."""

    names = {name: network.shown for network in on for name in (network.key, network.shown)}
    meant = _fixes.sole(label.value.strip(), names, 2)
    return _fixes.written(label, names[meant], safe=False) if meant and "<" not in names[meant] else ()


def _remedy(route: Route, label: str, on: tuple[Joined, ...]) -> str:
    """What to do: join the network where the file declares it; otherwise the name to write."""
    for network in route.stack.networks.values():
        declared = Joined(network.key, network.place, False, network)
        if network.declared and declared.named_by(label):
            advice = f"add {network.key} to networks of {route.service.key}"
            return advice if label == declared.shown else f"{advice}, and write {declared.shown} here"
    names = " or ".join(network.shown for network in on if not network.local)
    return f"write {names}" if names else ""


@rule(on=Ingress, severity=Severity.ERROR, breaks=Breaks.ROUTE)
def network_label_without_prefix(ingress: Ingress) -> Iterator[Hit]:
    """The label network has the key of a network in the file instead of its name in Swarm.

    Docker names a network of a stack `<stack>_<key>`. Only external networks and those with `name:` keep their own
    name. The bare key matches none of the service's networks. With one network the route works anyway, because
    Interlock has no choice. With several networks the proxy may use the wrong one.
    """
    for route in ingress.routes:
        label, named_network = route.label("network"), named(route)
        if (
            label is None
            or named_network is None
            or named_network[1] is not Naming.KEY
            or named_network[0].network is None
        ):
            continue
        network = named_network[0]
        overlays = sum(not other.local for other in joined(route))
        alone = overlays == 1
        yield Hit(
            label.place,
            f'com.docker.lb.network: "{label.value}" is the key of the network in this file; its name in Swarm is '
            f"{network.shown}"
            + (
                ", and the route works only because the service is on no other overlay"
                if alone
                else f", and with {overlays} networks the proxy may use the wrong one"
            ),
            f"write {network.shown}",
            severity=Severity.WARNING if alone else None,
            breaks=Breaks.NOTHING if alone else None,
            fixes=_named(route, label, network),
        )


def _named(route: Route, label: Label, network: Joined) -> tuple[Fix, ...]:
    """The Swarm name, if the stack's name is known; it was given, or the fix is a guess."""
    return _fixes.written(label, network.name, route.stack.inferred_from is None) if network.name else ()


@rule(on=Ingress, severity=Severity.ERROR, breaks=Breaks.ROUTE)
def network_label_wrong_prefix(ingress: Ingress) -> Iterator[Hit]:
    """The label network has the prefix of another stack.

    The name of a stack's network begins with the name under which the stack is deployed. A label for another stack name
    matches none of the service's networks, and works only while the service has one network. Write the name for this
    stack, or use a variable: `com.docker.lb.network: ${STACK}_<key>`.
    """
    for route in ingress.routes:
        label, named_network = route.label("network"), named(route)
        if label is None or named_network is None or named_network[1] is not Naming.PREFIX:
            continue
        network = named_network[0]
        alone = sum(not other.local for other in joined(route)) == 1
        written = label.value.strip().removesuffix("_" + network.key)
        yield Hit(
            label.place,
            f'com.docker.lb.network: "{label.value}" is the name in a stack called {written}, but in '
            f"{route.stack.name} the network is {network.shown}",
            f"write {network.shown}",
            severity=Severity.WARNING if alone else None,
            breaks=Breaks.NOTHING if alone else None,
            fixes=_named(route, label, network),
        )


@rule(on=Ingress, severity=Severity.WARNING, breaks=Breaks.ROUTE)
def passthrough_without_network(ingress: Ingress) -> Iterator[Hit]:
    """A service with ssl_passthrough has no label network.

    Without `com.docker.lb.network` Interlock's extension wrote an incomplete stream block of nginx.conf for such
    services, even with one network (docker/docs issues 9001 and 9007). The documentation always sets the label.
    """
    for route in ingress.routes:
        label, networks = route.label("ssl_passthrough"), joined(route)
        if label is None or not route.ssl_passthrough or route.network or host_mode(route) or len(networks) > 1:
            continue

        name = networks[0].shown if networks else ""
        sure = route.stack.inferred_from is None
        yield Hit(
            label.key_place,
            f"{label.key} is set without {PREFIX}network, so the TLS part of the proxy's config may be incomplete",
            f"add {PREFIX}network: {name}" if name else f"add {PREFIX}network with the name of the service's network",
            fixes=_fixes.add_label(route.service, PREFIX + "network", name, sure)
            if networks and networks[0].name
            else (),
        )


@rule(on=Ingress, severity=Severity.INFO, breaks=Breaks.NOTHING)
def proxy_keeps_restarting(ingress: Ingress) -> Iterator[Hit]:
    """Before UCP 3.0.6 the proxy service may keep restarting.

    UCP 3.0.6 fixed this (its release notes, escalation 814). According to a report of 2018 it happens at deploys, also
    of services without labels. Each restart closes connections of all routes. Upgrade, or deploy when traffic is low.
    """
    if reached(ingress.version, PROXY_STAYS) is False:
        for stack in ingress.stacks[:1]:
            yield Hit(
                stack.place("services").on_key(),
                f"the proxies of {ingress.version} may keep restarting after a deploy of any stack",
                f"upgrade to {PROXY_STAYS} or later",
            )
