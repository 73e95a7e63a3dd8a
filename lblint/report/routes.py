"""Routes as rows: which request goes to which service, over which network, and what the proxy joins for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lblint.interlock import Ingress
from lblint.interlock.route import Route
from lblint.report.table import table
from lblint.stack import Network

HEAD = ("host", "path", "tls", "service", "port", "over", "attached", "cluster")

_NODE_LOCAL = ("bridge", "host", "none")


def render_routes(ingress: Ingress, format_: str) -> str:
    """A table of all routes, sorted by host and path; `format_` as in `table`."""
    return table(HEAD, sorted(row for route in ingress.routes for row in rows(route)), format_)


def rows(route: Route) -> Iterator[tuple[str, ...]]:
    """One row for each host and path of a service.

    `host` is `*` for the default backend; `over` is the network that requests travel over, or `host` for a port that
    is published on the nodes; `attached` are the networks that the proxy joins for it.
    """
    hosts = [host.name for host in route.hosts] + ["*"] * route.default_backend
    root = route.context_root.text if route.context_root is not None and route.context_root.text else "/"
    paths = dict.fromkeys((root, *(endpoint.text for endpoint in route.websocket_endpoints)))
    over = list(joined(route))
    port = route.port.text if route.port is not None else "?"
    target = (route.service.name or route.service.key, port, "host" if on_nodes(route) else " or ".join(over) or "?")
    for host in hosts:
        for path in paths:
            yield (host, path, tls(route), *target, ", ".join(over) or "-", route.cluster or "-")


def tls(route: Route) -> str:
    """Who ends TLS: the `service` itself (passthrough), the `proxy` with a certificate, or nobody (`-`)."""
    if route.ssl_passthrough:
        return "service"
    return "proxy" if route.ssl_cert is not None and route.ssl_cert.text else "-"


def on_nodes(route: Route) -> bool:
    """Whether the label's port is published in host mode: the proxy then goes to the node and needs no network."""
    port = route.port.text if route.port is not None else ""
    return any(p.mode == "host" and str(p.target) == port for p in route.service.ports)


def joined(route: Route) -> Iterator[str]:
    """The networks that the proxy is attached to for a service: the label's, or without a label all overlays."""
    named = [_name(network) for network in _overlays(route)]
    if not route.network:
        yield from named
        return
    keys = {network.key: _name(network) for network in _overlays(route)}
    yield keys.get(route.network, route.network)


def _overlays(route: Route) -> Iterable[Network]:
    networks = route.stack.networks
    for attachment in route.service.networks:
        network = networks.get(attachment.network)
        if network is not None and not (network.external and network.name in _NODE_LOCAL):
            yield network


def _name(network: Network) -> str:
    """The name that Swarm calls it by; with the stack's left open where it is not known."""
    return network.name or f"<stack>_{network.key}"
