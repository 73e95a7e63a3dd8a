"""What the managers have, at one moment: frozen values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lblint.records import NamedTuple

STACK_LABEL = "com.docker.stack.namespace"
"""The label by which docker knows the objects of a stack."""


class Attachment(NamedTuple):
    """A service's place on a network, by the network's id."""

    network: str
    aliases: tuple[str, ...] = ()


class Port(NamedTuple):
    """A published port; `published` 0 where the manager is to choose one."""

    target: int
    published: int
    protocol: str = "tcp"
    mode: str = "ingress"


class Use(NamedTuple):
    """A secret or config as a service uses it: its name, its id, and the path of the file in the container."""

    name: str
    id: str
    target: str


class Service(NamedTuple):
    """A service. `labels` are the service labels, `ports` what its spec asks for and `assigned` what it was given.

    `mode` is replicated, global, replicated-job or global-job; `replicas` is None for those that run once per node.
    `update` is the state of its last update ("" without one, else updating, paused, completed, rollback_started, …)
    `update_message` what the manager says of it and `update_since` its start; `updated` is when the service itself was
    changed last (both are times of the Engine API, in UTC). `running` and `desired` count tasks; None where the daemon
    does not tell (before 20.10). Each task reserves `cpus`, in billionths, and `memory`, in bytes.
    `restart` is when a task that ends is replaced: any, on-failure or none, `attempts` how often (0: without end), and
    `delay` how many seconds later; `iteration` counts the runs of a job.
    """

    id: str
    name: str
    version: int = 0
    labels: Mapping[str, str] = {}
    container_labels: Mapping[str, str] = {}
    networks: tuple[Attachment, ...] = ()
    ports: tuple[Port, ...] = ()
    assigned: tuple[Port, ...] = ()
    mode: str = "replicated"
    replicas: int | None = 1
    image: str = ""
    endpoint_mode: str = "vip"
    constraints: tuple[str, ...] = ()
    secrets: tuple[Use, ...] = ()
    configs: tuple[Use, ...] = ()
    update: str = ""
    update_message: str = ""
    update_since: str = ""
    updated: str = ""
    running: int | None = None
    desired: int | None = None
    cpus: int = 0
    memory: int = 0
    restart: str = "any"
    iteration: int = 0
    attempts: int = 0
    delay: int = 5

    @property
    def stack(self) -> str:
        """The stack that it belongs to, "" for none."""
        return self.labels.get(STACK_LABEL, "")

    @property
    def stuck(self) -> bool:
        """Whether its last update did not come to its end, so that it runs with what was before."""
        return self.update.startswith(("rollback", "paused"))

    @property
    def published(self) -> frozenset[Port]:
        """The ports that it holds: those of the spec with a number, and those that the manager chose."""
        return frozenset(port for port in (*self.ports, *self.assigned) if port.published)


class Network(NamedTuple):
    """A network of the Swarm, or one that the asked node alone has (`scope` local).

    `copied`: the node lists it from what it has itself, for its tasks, and not from the managers.
    `dying`: so it is, and the managers no longer know it: a service cannot join it.
    """

    id: str
    name: str
    scope: str = "swarm"
    driver: str = "overlay"
    labels: Mapping[str, str] = {}
    options: Mapping[str, str] = {}
    subnets: tuple[str, ...] = ()
    ingress: bool = False
    attachable: bool = False
    internal: bool = False
    copied: bool = False
    dying: bool = False

    @property
    def stack(self) -> str:
        """The stack that it belongs to, "" for none."""
        return self.labels.get(STACK_LABEL, "")


class FileObject(NamedTuple):
    """A secret or a config. `sha256` is that of a config's data, in hex; "" for secrets, which are never told.

    `text` is the data of configs that a proxy or Interlock's core runs with, "" for all others. `created` is a time of
    the Engine API, in UTC.
    """

    id: str
    name: str
    labels: Mapping[str, str] = {}
    sha256: str = ""
    size: int | None = None
    text: str = ""
    created: str = ""

    @property
    def stack(self) -> str:
        """The stack that it belongs to, "" for none."""
        return self.labels.get(STACK_LABEL, "")


class Node(NamedTuple):
    """A node. `cpus` in billionths, `memory` in bytes; `plugins` as (type, name), such as ("Log", "syslog"); `generic`
    counts its generic resources by their kind; `engine` is the version of its docker."""

    id: str
    hostname: str
    role: str = "worker"
    availability: str = "active"
    state: str = "ready"
    address: str = ""
    os: str = "linux"
    arch: str = "x86_64"
    labels: Mapping[str, str] = {}
    engine_labels: Mapping[str, str] = {}
    cpus: int = 0
    memory: int = 0
    plugins: frozenset[tuple[str, str]] = frozenset()
    generic: Mapping[str, int] = {}
    engine: str = ""

    @property
    def takes_tasks(self) -> bool:
        """Whether new tasks are put on it."""
        return self.availability == "active" and self.state == "ready"


class Proxy(NamedTuple):
    """A proxy of Interlock: its service, the config that it runs with, and that config's text (nginx.conf)."""

    service: Service
    config: str = ""
    text: str = ""

    @property
    def replicas(self) -> int:
        """How many tasks it has: as many as run, or else as many as are asked for."""
        counts = (self.service.desired, self.service.replicas, self.service.running)
        return next((count for count in counts if count is not None), 1)


class Interlock(NamedTuple):
    """Interlock's core: its service, and the config.toml that it runs with."""

    service: Service
    config: str = ""
    text: str = ""


class Snapshot(NamedTuple):
    """What the managers have. `daemon` is the address that told it, for messages; lists are sorted by name.

    `refused` has a sentence for each list that it did not tell, by its name here: that list then says nothing.
    """

    daemon: str = ""
    services: tuple[Service, ...] = ()
    networks: tuple[Network, ...] = ()
    secrets: tuple[FileObject, ...] = ()
    configs: tuple[FileObject, ...] = ()
    nodes: tuple[Node, ...] = ()
    proxies: tuple[Proxy, ...] = ()
    interlock: Interlock | None = None
    refused: Mapping[str, str] = {}

    def named(self, name: str) -> Iterator[Network]:
        """The networks that docker may mean by a name: there can be local ones beside that of the Swarm."""
        return (network for network in self.networks if name in (network.name, network.id))

    def network_names(self) -> dict[str, str]:
        """The names of all networks by their ids."""
        return {network.id: network.name for network in self.networks}
