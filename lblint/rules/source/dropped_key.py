"""A key is dropped by docker without a word.

These keys are valid, and nothing of them arrives: depends_on (services start in any order), tmpfs of a service,
ipv4_address and ipv6_address, oom_score_adj, create_host_path of a bind and mode of a tmpfs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lblint.finding import Hit, Place, Severity
from lblint.rules import rule
from lblint.rules._setting import entries, setting
from lblint.source import Source


@rule(
    on=Source,
    severity=Severity.WARNING,
    consequence="docker goes on without it and does not say so",
    needs=("depends_on", "oom_score_adj", "tmpfs", "ipv4_address", "ipv6_address", "create_host_path"),
)
def check(source: Source) -> Iterator[Hit]:
    services = setting(source.data, "services")
    for name, service in services.items() if isinstance(services, dict) else ():
        top = Place(source.name, ("services", name))
        if isinstance(service, dict):
            yield from _service(top, service)


def _service(top: Place, service: dict[str, Any]) -> Iterator[Hit]:
    if service.get("depends_on") and isinstance(service["depends_on"], list):
        told = "depends_on is dropped: services start in any order"
        help = "nothing; let the service wait for what it needs, or be restarted until it is there"
        yield Hit(top.child("depends_on").on_key(), told, help, severity=Severity.INFO)
    if "oom_score_adj" in service:
        place = top.child("oom_score_adj").on_key()
        yield Hit(place, "oom_score_adj is dropped", "nothing in its place", severity=Severity.INFO)
    if service.get("tmpfs"):
        lost = " and the root is read-only: nothing can be written there" if service.get("read_only") is True else ""
        written = service["tmpfs"] if isinstance(service["tmpfs"], list) else [service["tmpfs"]]
        first = next((path for path in written if isinstance(path, str) and path.startswith("/")), "/run")
        target = first.partition(":")[0]
        yield Hit(
            top.child("tmpfs").on_key(),
            f"tmpfs of a service is dropped{lost}",
            f"volumes: [{{type: tmpfs, target: {target if len(target) < 60 else '/run'}}}]",
            severity=None if lost else Severity.INFO,
        )
    networks = service.get("networks")
    for key, network in networks.items() if isinstance(networks, dict) else ():
        for address in ("ipv4_address", "ipv6_address"):
            if isinstance(network, dict) and network.get(address):
                yield Hit(
                    top.child("networks", key, address).on_key(),
                    f"{address} {network[address]} is dropped: a task gets any address of the network",
                    "nothing; reach the service by its name",
                )
    for index, mount in entries(service, "volumes"):
        for kind, key in (("bind", "create_host_path"), ("tmpfs", "mode")):
            if isinstance(mount, dict) and setting(mount, kind, key) is not None:
                place = top.child("volumes", index, kind, key).on_key()
                yield Hit(place, f"{kind}.{key} is dropped", "nothing in its place", severity=Severity.INFO)
