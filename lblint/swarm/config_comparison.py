"""A config.toml of Interlock beside what the managers have now: what the rules on its rollout are asked about."""

from __future__ import annotations

from lblint.interlock.config import Extension, InterlockConfig
from lblint.interlock.routes import Route, read_routes
from lblint.records import NamedTuple
from lblint.swarm.comparison import interlock_config
from lblint.swarm.core_config import leftovers, service_names
from lblint.swarm.model import Service, Snapshot
from lblint.swarm.service_as_stack import as_stack


class LiveConfig(NamedTuple):
    """A config, the snapshot, the config that the core runs with (None where it is not known), and the routes that
    running services ask for."""

    config: InterlockConfig
    snapshot: Snapshot
    running: InterlockConfig | None = None
    routes: tuple[Route, ...] = ()

    @property
    def leftovers(self) -> tuple[Service, ...]:
        """The services of extensions that the config no longer has."""
        return leftovers(self.snapshot, self.config, self.running)

    def holders(self, extension: Extension) -> list[tuple[str, Service]]:
        """The services that hold a port of an extension's proxies, each with the key that names the port. Services that
        the config itself makes do not count: they get its ports."""
        own = service_names(self.config)
        ports = {name: extension.value(name) for name in ("PublishedPort", "PublishedSSLPort")}
        return [
            (name, service)
            for name, port in ports.items()
            for service in self.snapshot.services
            if service.name not in own
            and any(held.published == port and held.protocol == "tcp" for held in service.published)
        ]


def config_beside(config: InterlockConfig, snapshot: Snapshot) -> LiveConfig:
    """Return the config beside the snapshot. Never raises."""
    names = snapshot.network_names()
    routes = read_routes([as_stack(service, names) for service in snapshot.services]).routes
    return LiveConfig(config, snapshot, interlock_config(snapshot), tuple(routes))
