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

_BRIDGE = """networks: [docker0] in the service, and at the top
networks:
  docker0:
    external: true
    name: bridge"""


@rule(
    on=Ingress,
    severity=Severity.WARNING,
    breaks=Breaks.NOTHING,
    consequence="the proxy is attached to one more overlay: slower updates for everybody, and docker stack rm fails "
    "until it has left",
)
def default_network_attached(ingress: Ingress) -> Iterator[Hit]:
    """A routed service has no networks, so docker puts it on the stack's default network and the proxy joins that.

    Docker makes `<stack>_default` for services without `networks`. The proxy is then attached to an overlay that it
    shares with everything else of the stack; attaching it takes time, and `docker stack rm` fails while it is there. In
    host mode the proxy needs no overlay at all: an external network whose name is `bridge` keeps docker from making
    one.
    """
    for route in ingress.routes:
        for network in joined(route):
            if not network.implicit or route.network.strip() or only_networks(ingress, route) is not None:
                continue
            says = f"{route.service.key} has no networks: docker puts it on {network.shown}, and the proxy is attached"
            if host_mode(route):
                message = f"{says} to it, though host mode needs no overlay"
                yield Hit(network.place.on_key(), message, _BRIDGE, fixes=_own_network_fix(route))
            else:
                yield Hit(
                    network.place.on_key(),
                    f"{says} to it, together with all services that have none",
                    "networks: [frontend] in the service, with an external overlay that is made once",
                    severity=Severity.INFO if _publishes_on_nodes(route) else None,  # host mode has a rule of its own
                )


def _publishes_on_nodes(route: Route) -> bool:
    """Whether the service publishes a port in host mode."""
    ports = (port for _, port in entries(route.service.config, "ports"))
    return any(setting(port, "mode") == "host" for port in ports)


def _own_network_fix(route: Route) -> tuple[Fix, ...]:
    """The workaround: a network of the nodes in place of the overlay."""
    place = route.service.place
    known = next((key for key, one in route.stack.networks.items() if one.external and one.name == "bridge"), "")
    key = known or "docker0"
    if (not known and key in route.stack.networks) or "networks" in route.service.config:
        return ()
    edits = [Edit("insert", Place(place.file, place.path), [key], "networks")]
    if not known:
        edits.append(Edit("insert", Place(place.file, ("networks",)), {"external": True, "name": "bridge"}, key))
    return (Fix(f"put it on {key}, the nodes' own bridge", tuple(edits), False),)


@rule(
    on=Ingress,
    severity=Severity.WARNING,
    breaks=Breaks.NOTHING,
    consequence="slower updates of the proxy for everybody, and docker stack rm fails until it has left",
)
def all_networks_attached(ingress: Ingress) -> Iterator[Hit]:
    """Before UCP 3.0.8 the proxy is attached to all networks of a routed service, whatever its label names.

    The label `com.docker.lb.network` was not respected (interlock 169): the proxy joins networks of databases and
    queues too. Each takes it one to two seconds at every update, and `docker stack rm` fails while it is there.
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
                f"{ingress.version} does not respect this label: the proxy is attached to {names}",
                f"an upgrade to {NETWORK_LABEL_RESPECTED}; or a service on the proxy's network alone, in front of the "
                "others",
            )


@rule(on=Ingress, severity=Severity.INFO, breaks=Breaks.NOTHING)
def ingress_network_owned_by_stack(ingress: Ingress) -> Iterator[Hit]:
    """The proxy is attached to a network that belongs to the stack, so `docker stack rm` fails at first.

    Interlock attaches the proxy to the network of the route. When the stack is removed the proxy still holds the
    network: docker says that it has active endpoints, and leaves it until the proxy has been updated. Deploying again
    meanwhile fails too. A network that is made once and declared as external outlives the stack; several stacks can
    share it, which also keeps the proxy's updates quick.
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
                f"the proxy is attached to {network.shown}, which this stack owns: docker stack rm fails until the "
                "proxy has left it",
                "external: true, and docker network create --driver overlay once, for all stacks",
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
    title = f"external: true, after docker network create --driver overlay {network.name}"
    return (Fix(title, tuple(edits), False),)


@rule(on=Ingress, severity=Severity.ERROR, breaks=Breaks.ROUTE)
def network_label_missing(ingress: Ingress) -> Iterator[Hit]:
    """A service on several networks does not say which one the proxy shall use.

    The label `com.docker.lb.network` may be left out only where the service has one network. With more, Interlock
    attaches the proxy to all of them, backends included, and which of the tasks' addresses it routes to is not defined.
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
            f"{service} is on {len(on)} networks ({', '.join(on)}) and no com.docker.lb.network says which one the "
            "proxy shall use: it is attached to all of them and may route to the wrong one",
            f"com.docker.lb.network: {next(iter(on))}",
        )


@rule(on=Ingress, severity=Severity.ERROR, breaks=Breaks.ROUTE)
def network_label_not_joined(ingress: Ingress) -> Iterator[Hit]:
    """The network label names a network that the service is not on.

    Interlock looks for the tasks' addresses on the network of the label. On a network that the service has not joined
    there are none: Interlock 3.0 logs an error, and UCP since 3.0.8 and 3.1.2 complains when such a service is created.
    Put the network under `services.<service>.networks` too, or name one that is there.
    """
    for route in ingress.routes:
        label = route.label("network")
        if label is None or not label.value.strip() or named(route) is not None:
            continue
        if any(KEYS[label.key].problems(label.value)) or "networks" in lost_sections(route.stack):
            continue  # no name at all, or networks that stand elsewhere, which other rules say
        on = joined(route)
        names = " and ".join(network.shown for network in on)
        unset = ", ".join(dict.fromkeys(label.unset))
        yield Hit(
            label.place,
            f'com.docker.lb.network names "{label.value}", but {route.service.key} is on {names}: '
            "the proxy finds no task there" + (f" ({unset}: not set)" if unset else ""),
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
    """The network to join, where the file declares it; otherwise the name to write."""
    for network in route.stack.networks.values():
        declared = Joined(network.key, network.place, False, network)
        if network.declared and declared.named_by(label):
            where = f"networks: [{network.key}] in the service {route.service.key}"
            return f"{where}, and com.docker.lb.network: {declared.shown}"
    return " or ".join(f"com.docker.lb.network: {network.shown}" for network in on if not network.local)


@rule(on=Ingress, severity=Severity.ERROR, breaks=Breaks.ROUTE)
def network_label_without_prefix(ingress: Ingress) -> Iterator[Hit]:
    """The network label holds the key of a network in the file, not the name that Swarm gives it.

    Docker calls a network of a stack `<stack>_<key>`; only external networks and those with a `name:` go by their own
    name. A label with the bare key matches no network of the service. On a service with one network that works all the
    same, as Interlock then has no choice, and many files have it; with several networks the proxy may take the wrong
    one.
    """
    for route in ingress.routes:
        label, found = route.label("network"), named(route)
        if label is None or found is None or found[1] is not Naming.KEY or found[0].network is None:
            continue
        network = found[0]
        overlays = sum(not other.local for other in joined(route))
        alone = overlays == 1
        yield Hit(
            label.place,
            f'com.docker.lb.network: "{label.value}" is the key of the network in this file; Swarm calls it '
            f"{network.shown}"
            + (
                ", and it is found only because the service has no other overlay"
                if alone
                else f", and with {overlays} networks the proxy may take the wrong one"
            ),
            f"com.docker.lb.network: {network.shown}",
            severity=Severity.WARNING if alone else None,
            breaks=Breaks.NOTHING if alone else None,
            fixes=_named(route, label, network),
        )


def _named(route: Route, label: Label, network: Joined) -> tuple[Fix, ...]:
    """The Swarm name, if the stack's name is known; it was given, or the fix is a guess."""
    return _fixes.written(label, network.name, route.stack.inferred_from is None) if network.name else ()


@rule(on=Ingress, severity=Severity.ERROR, breaks=Breaks.ROUTE)
def network_label_wrong_prefix(ingress: Ingress) -> Iterator[Hit]:
    """The network label has the prefix of another stack.

    The name of a stack's network begins with the name under which the stack is deployed. A label that was written for
    another name matches no network of the service: it works only while the service has no second network. Write the
    name for this stack, or make it follow the deploy: `com.docker.lb.network: ${STACK}_<key>`.
    """
    for route in ingress.routes:
        label, found = route.label("network"), named(route)
        if label is None or found is None or found[1] is not Naming.PREFIX:
            continue
        network = found[0]
        alone = sum(not other.local for other in joined(route)) == 1
        written = label.value.strip().removesuffix("_" + network.key)
        yield Hit(
            label.place,
            f'com.docker.lb.network: "{label.value}" is right for a stack called {written}, but this one is '
            f"{route.stack.name} and its network {network.shown}",
            f"com.docker.lb.network: {network.shown}",
            severity=Severity.WARNING if alone else None,
            breaks=Breaks.NOTHING if alone else None,
            fixes=_named(route, label, network),
        )


@rule(on=Ingress, severity=Severity.WARNING, breaks=Breaks.ROUTE)
def passthrough_without_network(ingress: Ingress) -> Iterator[Hit]:
    """TLS is passed through, and no label names the network.

    Without `com.docker.lb.network` the extension rendered an incomplete stream part of nginx.conf for such services,
    even with a single network (docker/docs issues 9001 and 9007); the documented way is to name it always.
    """
    for route in ingress.routes:
        label, networks = route.label("ssl_passthrough"), joined(route)
        if label is None or not route.ssl_passthrough or route.network or host_mode(route) or len(networks) > 1:
            continue

        name = networks[0].shown if networks else "the service's network"
        sure = route.stack.inferred_from is None
        yield Hit(
            label.key_place,
            f"{label.key} without {PREFIX}network: the TLS part of the proxy's config may be incomplete",
            f"{PREFIX}network: {name}",
            fixes=_fixes.add_label(route.service, PREFIX + "network", name, sure)
            if networks and networks[0].name
            else (),
        )


@rule(on=Ingress, severity=Severity.INFO, breaks=Breaks.NOTHING)
def proxy_keeps_restarting(ingress: Ingress) -> Iterator[Hit]:
    """Before UCP 3.0.6 the proxy service may keep restarting.

    UCP 3.0.6 fixed that (its release notes, escalation 814). A report of 2018 saw it at deploys, also of services
    without labels: each restart cuts connections of everybody. Deploy when that hurts least, or upgrade.
    """
    if reached(ingress.version, PROXY_STAYS) is False:
        for stack in ingress.stacks[:1]:
            yield Hit(
                Place(stack.files[0], ("services",), key=True),
                f"the proxies of {ingress.version} may keep restarting, which a deploy of any stack may set off",
                f"upgrade to {PROXY_STAYS} or later",
            )
