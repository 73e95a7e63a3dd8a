"""The objects of a stack under the names that Swarm will give them: what is created, what is external, who uses what.

Source: docker/cli cli/compose/convert/compose.go, convert/service.go; cli/command/stack/swarm/deploy_composefile.go.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lblint.finding import Place
from lblint.records import NamedTuple
from lblint.stack import safe_read
from lblint.stack.decoder import Node
from lblint.stack.labels import Origins, read_labels
from lblint.stack.loader import Section
from lblint.stack.model import Attachment, FileObject, Network, Port, Service, Stack, Volume

DEFAULT = "default"
"""The key of the network that services without networks of their own are on."""


class Naming(NamedTuple):
    """The stack's name, None while it is unknown, and the first file of the stack."""

    stack: str | None
    file: str

    def scoped(self, key: str) -> str | None:
        """`<stack>_<key>`."""
        return None if self.stack is None else f"{self.stack}_{key}"

    def named(self, key: str, config: Mapping[str, Any]) -> str | None:
        """The real name of a network, volume, secret or config: its `name` verbatim, or the stack's prefix and key."""
        name = config.get("name")
        if name:
            return str(name)
        return key if config.get("external") else self.scoped(key)


def rename(stack: Stack, name: str) -> Stack:
    """The same stack under another name: everything that carries the stack's prefix is called anew."""
    naming = Naming(name, stack.files[0])

    def objects(entries: Mapping[str, FileObject]) -> dict[str, FileObject]:
        return {key: entry._replace(name=naming.named(key, entry.config)) for key, entry in entries.items()}

    networks = {key: entry._replace(name=naming.named(key, entry.config)) for key, entry in stack.networks.items()}
    volumes = {key: entry._replace(name=naming.named(key, entry.config)) for key, entry in stack.volumes.items()}
    return stack._replace(
        name=name,
        services=tuple(service._replace(name=naming.scoped(service.key)) for service in stack.services),
        networks=networks,
        secrets=objects(stack.secrets),
        configs=objects(stack.configs),
        volumes=volumes,
    )


def services(section: Section, configs: Mapping[str, Any], naming: Naming, origins: Origins) -> Iterator[Service]:
    """Yield the services in the order in which they were written."""
    for key, node in section.items():
        deploy = node.value.get("deploy")
        yield Service(
            key=key,
            place=node.place,
            name=naming.scoped(key),
            config=configs[key],
            labels=tuple(read_labels(deploy.value.get("labels") if deploy is not None else None, origins)),
            container_labels=tuple(read_labels(node.value.get("labels"), origins)),
            networks=tuple(_attachments(node, configs[key])),
            ports=tuple(_ports(node)),
        )


def _attachments(node: Node, config: Mapping[str, Any]) -> Iterator[Attachment]:
    networks = node.value.get("networks")
    if networks is None or not networks.value:
        yield Attachment(DEFAULT, node.place if networks is None else networks.place, implicit=True)
        return
    for key, entry in networks.value.items():
        yield Attachment(key, entry.place, False, config["networks"][key])


def _ports(node: Node) -> Iterator[Port]:
    ports = node.value.get("ports")
    for entry in ports.value if ports is not None else ():
        fields = entry.value
        protocol = _scalar(fields, "protocol", "").lower()
        mode = _scalar(fields, "mode", "").lower()
        yield Port(
            target=_scalar(fields, "target", 0),
            published=_scalar(fields, "published", 0),
            protocol=protocol if protocol in ("tcp", "udp", "sctp") else "tcp",
            mode=mode if mode in ("ingress", "host") else "ingress",
            place=entry.place,
        )


def _scalar(fields: Mapping[str, Node], key: str, default: Any) -> Any:
    return fields[key].value if key in fields else default


def networks(
    section: Section, configs: Mapping[str, Any], users: tuple[Service, ...], naming: Naming
) -> dict[str, Network]:
    """All networks: the declared ones, and `default` where a service is on it."""
    used = {attachment.network: attachment for service in users for attachment in service.networks}
    result = {}
    for key, node in section.items():
        config = configs[key]
        external = bool(config.get("external"))
        driver = str(config.get("driver") or ("" if external else "overlay"))
        result[key] = Network(key, node.place, naming.named(key, config), external, driver, key in used, True, config)
    if DEFAULT in used and DEFAULT not in result:
        place = used[DEFAULT].place
        result[DEFAULT] = Network(DEFAULT, place, naming.scoped(DEFAULT), False, "overlay", True, False, {})
    return result


def volumes(section: Section, configs: Mapping[str, Any], naming: Naming) -> dict[str, Volume]:
    """All declared volumes; the nodes make them, when a task starts."""
    return {
        key: Volume(key, node.place, naming.named(key, configs[key]), bool(configs[key].get("external")), configs[key])
        for key, node in section.items()
    }


def file_objects(kind: str, section: Section, configs: Mapping[str, Any], naming: Naming) -> dict[str, FileObject]:
    """All secrets or configs, with a look at the file that each is made of."""
    result = {}
    for key, node in section.items():
        config = configs[key]
        external = bool(config.get("external"))
        file = None if external or config.get("driver") else str(config.get("file") or "")
        seen = safe_read.look(file) if file is not None else safe_read.Seen(None)
        place: Place = node.place
        name = naming.named(key, config)
        result[key] = FileObject(kind, key, place, name, external, file, seen.size, seen.error, config)
    return result
