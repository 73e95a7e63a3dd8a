"""Rules on keys, labels and list items that are written twice, or that docker drops."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lblint.finding import Breaks, Edit, Fix, Hit, Place, Severity, of_kind
from lblint.rules import _fixes, rule
from lblint.rules._access import entries, setting
from lblint.rules._spelling import shown
from lblint.source import Source
from lblint.source.faults import DuplicateKey
from lblint.stack import Stack
from lblint.stack.faults import DuplicateItem, UnsetVariable


@rule(on=Source, severity=Severity.ERROR, breaks=Breaks.DEPLOY)
def duplicate_key(source: Source) -> Iterator[Hit]:
    """A key stands twice in one mapping.

    Docker 28.0 and newer refuse the file. Older clients take the last one and say nothing: what the first one held, a
    whole service perhaps, is lost.
    """
    for fault in of_kind(source.faults, DuplicateKey):
        said = f"{shown(fault.key)} stands in this mapping already, on line {fault.first}"
        advice = "one of the two, with what both hold"
        if fault.docker:
            yield Hit(fault.place, said, advice)
        else:
            said += ": this client takes the last one, the first is lost"
            yield Hit(fault.place, said, advice, Severity.WARNING, Breaks.NOTHING)


@rule(on=Source, severity=Severity.WARNING, consequence="docker goes on without it and does not say so")
def dropped_key(source: Source) -> Iterator[Hit]:
    """A key is dropped by docker without a word.

    These keys are valid, and nothing of them arrives: depends_on (services start in any order), tmpfs of a service,
    ipv4_address and ipv6_address, oom_score_adj, create_host_path of a bind and mode of a tmpfs.
    """
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


@rule(on=Source, severity=Severity.WARNING, consequence="docker takes the last one, with no word")
def label_twice(source: Source) -> Iterator[Hit]:
    """A label stands twice in a list, with two values.

    In a map YAML refuses that; a list `- key=value` is turned into a map by docker, and the last entry wins without a
    word. For two hosts write one label with both names: `com.docker.lb.hosts=a.example.org,b.example.org`.
    """
    services = setting(_mapping(source.data), "services")
    for name, service in _mapping(services).items():
        for path in (("deploy", "labels"), ("labels",)):
            yield from _twins(source, ("services", name, *path), _mapping(service), path)


def _twins(source: Source, where: tuple[str, ...], service: dict[str, Any], path: tuple[str, ...]) -> Iterator[Hit]:
    last: dict[str, int] = {}
    for index, item in entries(service, *path):
        key, _, value = item.partition("=") if isinstance(item, str) else ("", "", "")
        if key in last:
            earlier = last[key]
            text = setting(service, *path)[earlier]
            if text != item:
                place = Place(source.name, (*where, earlier))
                said = f'"{key}" stands again further down: docker takes "{value}"'
                yield Hit(place, said, "one of the two", fixes=_joined(place, index, key, text, value))
        if key:
            last[key] = index


def _joined(place: Place, index: int, key: str, first: str, value: str) -> tuple[Fix, ...]:
    """All host names in one label; which of two other values is meant cannot be told."""
    if not key.endswith(".lb.hosts") or "$" in first + value:
        return ()
    both = f"{key}={first.partition('=')[2]},{value}"
    last = Place(place.file, (*place.path[:-1], index))
    return (Fix(f"write {both}", (Edit("write", last, both), Edit("remove", place)), safe=False),)


def _mapping(data: object) -> dict[str, Any]:
    return data if isinstance(data, dict) else {}


_LISTS = ("environment", "sysctls")


@rule(on=Source, severity=Severity.WARNING, consequence="the earlier value is lost")
def list_key_twice(source: Source) -> Iterator[Hit]:
    """A variable stands twice in a list.

    Where environment or sysctls are a list, `- KEY=value`, docker takes the last entry of a key and says nothing of the
    others.
    """
    services = setting(source.data, "services") if isinstance(source.data, dict) else None
    for name, service in services.items() if isinstance(services, dict) else ():
        for part in _LISTS if isinstance(service, dict) else ():
            first: dict[str, str] = {}
            for index, item in entries(service, part):
                if not isinstance(item, str):
                    continue
                key = item.partition("=")[0]
                if first.get(key, item) != item:
                    place = Place(source.name, ("services", name, part, index), chars=(0, len(key)))
                    told = f'{key} stands twice: docker takes the last one, not "{first[key]}"'
                    yield Hit(place, told, "one of them")
                first[key] = item


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY)
def list_item_twice(stack: Stack) -> Iterator[Hit]:
    """An item stands in a list twice.

    Docker refuses a list of ports, labels, networks, constraints and the like in which two items are the same. Items
    with different variables are the same only if these have the same values, which the deployer knows.
    """
    for fault in of_kind(stack.faults, DuplicateItem):
        said = f"{shown(fault.value)} stands in this list twice; docker: {fault.docker}"
        if fault.same_text:
            yield Hit(fault.place, said, "it once", fixes=_fixes.remove(fault.place, "the second one"))
            continue
        first = (*fault.place.path[:-1], fault.first)
        unset = any(
            variable.place.path in (first, fault.place.path) for variable in of_kind(stack.faults, UnsetVariable)
        )
        if stack.deploying or not unset:
            yield Hit(fault.place, said, "other values for the variables of the two items")
