"""Which proxy carries a route, and which networks it joins, by Interlock's own config."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lblint.interlock.networks import Joined, Naming, attached, joined, named
from lblint.interlock.routes import Ingress, Route
from lblint.interlock.version import INTERLOCK_3, reached

if TYPE_CHECKING:
    from lblint.interlock.config import Extension


def extension_of(ingress: Ingress, route: Route) -> Extension | None:
    """The extension that serves the route's service cluster; None without a config, or where it has none."""
    return ingress.config.extension(route.cluster) if ingress.config else None


def only_networks(ingress: Ingress, route: Route) -> tuple[str, ...] | None:
    """The networks that the route's proxy joins, by their Swarm names, whatever labels say; None where it joins those
    of its services: without `Networks`, and before Interlock 3.0, which brought the key."""
    extension = extension_of(ingress, route)
    networks = extension.value("Networks") if extension else None
    return None if networks is None or reached(ingress.version, INTERLOCK_3) is False else tuple(networks)


def joined_by_proxy(ingress: Ingress, route: Route) -> tuple[str, ...]:
    """The networks that the proxy joins for a route, by their Swarm names as far as they are known: those of its
    extension's `Networks` that lead to the service, and without `Networks` those of `attached`."""
    only = only_networks(ingress, route)
    names = [network.shown for network in attached(route) if only is None or network.name in only
             or (network.name is None and _may_be(network, only))]  # fmt: skip
    return tuple(names)


def reachable(route: Route, networks: tuple[str, ...]) -> bool | None:
    """Whether one of these networks leads to the service; None where a name is not known yet.

    It is the network that the label names, or without a label any that the service is on.
    """
    network = named(route)
    if route.network.strip() and network is None:
        return None
    on = [network[0]] if network else [network for network in joined(route) if not network.local]
    if any(network.name in networks for network in on):
        return True
    return None if not on or any(_may_be(network, networks) for network in on) else False


def _may_be(network: Joined, networks: tuple[str, ...]) -> bool:
    """Whether a network whose stack has no name yet may turn out to be one of these."""
    return network.name is None and any(network.named_by(name) is Naming.NAME for name in networks)
