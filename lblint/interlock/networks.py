"""The networks of a routed service under their Swarm names, which of them its label names, and host mode.

Sources: Docker's pages on publishing a service and on host mode (ee/ucp/interlock/usage/index.md,
config/host-mode-networking.md); what the label must hold was settled in docker/docs issue 7699.
"""

from __future__ import annotations

import enum

from lblint.finding import Place
from lblint.interlock.routes import Route
from lblint.records import NamedTuple
from lblint.stack.model import Network, Port

LOCAL = ("bridge", "host")
"""The networks of each node that a service may join as external ones: no proxy is ever attached to them."""


class Naming(enum.Enum):
    """How a label names a network: by its Swarm name, by its key in the file, or with a prefix of another stack."""

    NAME = "name"
    KEY = "key"
    PREFIX = "prefix"


class Joined(NamedTuple):
    """A network that a service is on. `network` is None where the file does not declare it."""

    key: str
    place: Place
    implicit: bool
    network: Network | None

    @property
    def name(self) -> str | None:
        """What Swarm calls it; None while that is not known."""
        return self.network.name if self.network else None

    @property
    def shown(self) -> str:
        """Its Swarm name as far as it is known, for messages."""
        return self.name or f"<stack>_{self.key}"

    @property
    def local(self) -> bool:
        """Whether it is the node's own `bridge` or `host`."""
        return self.network is not None and self.network.external and self.name in LOCAL

    @property
    def scoped(self) -> bool:
        """Whether its Swarm name is `<stack>_<key>`."""
        return self.network is not None and not self.network.external and not self.network.config.get("name")

    def named_by(self, label: str) -> Naming | None:
        """How the text of a label names it, None where it names something else."""
        prefixed = self.scoped and label.endswith("_" + self.key) and len(label) > len(self.key) + 1
        if label == self.name or (prefixed and self.name is None):
            return Naming.NAME
        if label == self.key:
            return Naming.KEY
        return Naming.PREFIX if prefixed else None


def joined(route: Route) -> tuple[Joined, ...]:
    """The networks of the service, in the order of the file."""
    networks = route.stack.networks
    return tuple(Joined(at.network, at.place, at.implicit, networks.get(at.network)) for at in route.service.networks)


def named(route: Route) -> tuple[Joined, Naming] | None:
    """The network of the service that its label names, and how; None without a label or where it names no such one."""
    label = route.network.strip()
    named_by_label = [(network, network.named_by(label)) for network in joined(route)] if label else []
    for how in Naming:
        for network, naming in named_by_label:
            if naming is how:
                return network, how
    return None


def host_port(route: Route) -> Port | None:
    """The port in host mode behind which Interlock finds the service: its target is the label's port."""
    if route.port is None or not (route.port.text.isascii() and route.port.text.isdecimal()):
        return None
    number = int(route.port.text)
    ports = route.service.ports
    return next((p for p in ports if (p.mode, p.protocol, p.target) == ("host", "tcp", number)), None)


def host_mode(route: Route) -> bool:
    """Whether the service is reached through the addresses of the nodes: it publishes the label's port on them, or is
    on `bridge`. A label that names an overlay of the service says otherwise."""
    network = named(route)
    if network is not None and not network[0].local:
        return False
    return host_port(route) is not None or any(network.local for network in joined(route))


def attached(route: Route) -> tuple[Joined, ...]:
    """The networks that the proxy is attached to for this route: the one that the label names, or else all of them
    (before UCP 3.0.8 all in any case)."""
    network = named(route)
    if network is not None:
        return () if network[0].local else (network[0],)
    return tuple(network for network in joined(route) if not network.local)
