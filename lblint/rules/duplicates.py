"""Rules on keys, labels and list items that are written twice, and on keys that docker drops."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lblint.finding import Breaks, Edit, Fix, Hit, Place, Severity, of_kind
from lblint.rules import _fixes, rule
from lblint.rules._access import entries, setting
from lblint.rules._wording import shown
from lblint.source import Source
from lblint.source.faults import DuplicateKey
from lblint.stack import Stack
from lblint.stack.faults import DuplicateItem, UnsetVariable


@rule(on=Source, severity=Severity.ERROR, breaks=Breaks.DEPLOY)
def duplicate_key(source: Source) -> Iterator[Hit]:
    """A mapping has the same key twice.

    Docker 28.0 and newer refuse the file. Older clients take the last one without a warning: the value of the first,
    perhaps a whole service, is lost.
    """
    for fault in of_kind(source.faults, DuplicateKey):
        message = f"the key {shown(fault.key)} is already on line {fault.first}"
        help = "merge the two into one"
        if fault.docker:
            yield Hit(fault.place, message, help, docker=fault.docker.rpartition("\n")[2].strip())
        else:
            message += "; this client takes the last one, and the first is lost"
            yield Hit(fault.place, message, help, Severity.WARNING, Breaks.NOTHING)


@rule(on=Source, severity=Severity.WARNING, consequence="docker drops it without a warning")
def dropped_key(source: Source) -> Iterator[Hit]:
    """Docker drops a key without a warning.

    These keys are valid and have no effect in a stack: depends_on (services start in any order), tmpfs of a service,
    ipv4_address and ipv6_address, oom_score_adj, create_host_path of a bind mount and mode of a tmpfs mount.
    """
    services = setting(source.data, "services")
    for name, service in services.items() if isinstance(services, dict) else ():
        top = Place(source.name, ("services", name))
        if isinstance(service, dict):
            yield from _service(top, service)


def _service(top: Place, service: dict[str, Any]) -> Iterator[Hit]:
    if service.get("depends_on") and isinstance(service["depends_on"], list):
        message = "depends_on has no effect: services start in any order"
        help = "remove it; let the service wait for what it needs, or fail and be restarted"
        yield Hit(top.child("depends_on").on_key(), message, help, severity=Severity.INFO)
    if "oom_score_adj" in service:
        place = top.child("oom_score_adj").on_key()
        yield Hit(place, "oom_score_adj has no effect", "remove it", severity=Severity.INFO)
    if service.get("tmpfs"):
        lost = (
            ", and the root file system is read-only: nothing can be written there"
            if service.get("read_only") is True
            else ""
        )
        written = service["tmpfs"] if isinstance(service["tmpfs"], list) else [service["tmpfs"]]
        first = next((path for path in written if isinstance(path, str) and path.startswith("/")), "/run")
        target = first.partition(":")[0]
        yield Hit(
            top.child("tmpfs").on_key(),
            f"tmpfs of a service has no effect{lost}",
            f"write volumes: [{{type: tmpfs, target: {target if len(target) < 60 else '/run'}}}]",
            severity=None if lost else Severity.INFO,
        )
    networks = service.get("networks")
    for key, network in networks.items() if isinstance(networks, dict) else ():
        for address in ("ipv4_address", "ipv6_address"):
            if isinstance(network, dict) and network.get(address):
                yield Hit(
                    top.child("networks", key, address).on_key(),
                    f"{address} {network[address]} has no effect: a task gets any address of the network",
                    "remove it, and reach the service by its name",
                )
    for index, mount in entries(service, "volumes"):
        for kind, key in (("bind", "create_host_path"), ("tmpfs", "mode")):
            if isinstance(mount, dict) and setting(mount, kind, key) is not None:
                place = top.child("volumes", index, kind, key).on_key()
                yield Hit(place, f"{kind}.{key} has no effect", "remove it", severity=Severity.INFO)


@rule(on=Source, severity=Severity.WARNING, consequence="docker takes the last one without a warning")
def label_twice(source: Source) -> Iterator[Hit]:
    """A list has the same label twice, with two values.

    In a mapping, docker refuses that. A list of `- key=value` becomes a mapping, and the last entry wins without a
    warning. For two hosts, write one label with both names: `com.docker.lb.hosts=a.example.org,b.example.org`.
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
                fixes = _joined(place, index, key, text, value)
                help = fixes[0].title if fixes else f"keep one of the two {key} labels"
                yield Hit(place, f'{key} is set again below, and docker takes "{value}"', help, fixes=fixes)
        if key:
            last[key] = index


def _joined(place: Place, index: int, key: str, first: str, value: str) -> tuple[Fix, ...]:
    """All host names in one label; which of two other values is meant is not known."""
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
    """A list of environment or sysctls has the same key twice.

    In a list of `- KEY=value`, docker takes the last entry of a key and drops the others without a warning.
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
                    message = f'{key} is set twice, and docker takes the last one, not "{first[key]}"'
                    yield Hit(place, message, f"keep one of the {key} entries")
                first[key] = item


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY)
def list_item_twice(stack: Stack) -> Iterator[Hit]:
    """A list has the same item twice.

    Docker refuses a list of ports, labels, networks, constraints and the like with two equal items. Items with
    different variables are equal only if the variables have the same values, which are known where you deploy.
    """
    for fault in of_kind(stack.faults, DuplicateItem):
        message = f"{shown(fault.value)} is in this list twice"
        if fault.same_text:
            fixes = _fixes.remove(fault.place, "the second one")
            yield Hit(fault.place, message, "remove the second one", fixes=fixes, docker=fault.docker)
            continue
        first = (*fault.place.path[:-1], fault.first)
        unset = any(
            variable.place.path in (first, fault.place.path) for variable in of_kind(stack.faults, UnsetVariable)
        )
        if stack.deploying or not unset:
            help = "give the variables of the two items different values"
            yield Hit(fault.place, message, help, docker=fault.docker)
