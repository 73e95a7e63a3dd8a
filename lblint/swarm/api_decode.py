"""The daemon's answers -> the values of a snapshot. What is not of the form that the API documents is refused.

Source: the Engine API's reference (Service, Network, Secret, Config, Node); fields that a daemon leaves out are read as
it documents their absence.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from lblint.swarm.model import Attachment, FileObject, Network, Node, Port, Service, Use


class OddAnswerError(ValueError):
    """The answer is not what the Engine API documents; the text says where."""


def service(answer: Any) -> Service:
    """One item of GET /services. Raises `OddAnswerError`."""
    spec = _spec(answer)
    task = part(spec, "TaskTemplate")
    container = part(task, "ContainerSpec")
    mode, replicas = _mode(part(spec, "Mode"))
    status = answer.get("ServiceStatus")
    endpoint = part(spec, "EndpointSpec")
    update = part(answer, "UpdateStatus")
    restart = part(task, "RestartPolicy")
    reserved = part(part(task, "Resources"), "Reservations")
    # Networks of the task template since API 1.29, of the service itself before.
    networks = items(task, "Networks") or items(spec, "Networks")
    return Service(
        id=_required(answer, "ID"),
        name=_required(spec, "Name"),
        version=number(part(answer, "Version"), "Index"),
        labels=texts(spec, "Labels"),
        container_labels=texts(container, "Labels"),
        networks=tuple(Attachment(text(at, "Target"), words(at, "Aliases")) for at in networks),
        ports=tuple(_ports(endpoint)),
        assigned=tuple(_ports(part(answer, "Endpoint"))),
        mode=mode,
        replicas=replicas,
        image=text(container, "Image").partition("@")[0],
        endpoint_mode=text(endpoint, "Mode") or "vip",
        constraints=words(part(task, "Placement"), "Constraints"),
        secrets=tuple(_use(use, "Secret") for use in items(container, "Secrets")),
        configs=tuple(_use(use, "Config") for use in items(container, "Configs")),
        update=text(update, "State"),
        update_message=text(update, "Message"),
        update_since=text(update, "StartedAt"),
        updated=text(answer, "UpdatedAt"),
        running=number(status, "RunningTasks") if isinstance(status, dict) else None,
        desired=number(status, "DesiredTasks") if isinstance(status, dict) else None,
        cpus=number(reserved, "NanoCPUs"),
        memory=number(reserved, "MemoryBytes"),
        restart=text(restart, "Condition") or "any",
        attempts=number(restart, "MaxAttempts"),
        delay=number(restart, "Delay") // 10**9 if "Delay" in restart else 5,
        iteration=number(part(part(answer, "JobStatus"), "JobIteration"), "Index"),
    )


def _mode(answer: Mapping[str, Any]) -> tuple[str, int | None]:
    if "Global" in answer:
        return "global", None
    if "GlobalJob" in answer:
        return "global-job", None
    if "ReplicatedJob" in answer:
        return "replicated-job", number(part(answer, "ReplicatedJob"), "TotalCompletions")
    replicated = part(answer, "Replicated")  # moby daemon/cluster/convert/service.go ServiceSpecToGRPC: one by default
    return "replicated", number(replicated, "Replicas") if replicated.get("Replicas") is not None else 1


def _ports(answer: Mapping[str, Any]) -> Iterator[Port]:
    for port in items(answer, "Ports"):
        protocol, mode = text(port, "Protocol") or "tcp", text(port, "PublishMode") or "ingress"
        yield Port(number(port, "TargetPort"), number(port, "PublishedPort"), protocol, mode)


def _use(answer: Mapping[str, Any], kind: str) -> Use:
    return Use(text(answer, f"{kind}Name"), text(answer, f"{kind}ID"), text(part(answer, "File"), "Name"))


def network(answer: Any) -> Network:
    """One item of GET /networks. Raises `OddAnswerError`.

    The managers do not tell of containers, the node itself does (moby daemon/cluster/convert/network.go
    BasicNetworkFromGRPC, daemon/network.go buildNetworkResource).
    """
    subnets = (text(pool, "Subnet") for pool in items(part(answer, "IPAM"), "Config"))
    return Network(
        id=_required(answer, "Id"),
        name=_required(answer, "Name"),
        scope=text(answer, "Scope"),
        driver=text(answer, "Driver"),
        labels=texts(answer, "Labels"),
        options=texts(answer, "Options"),
        subnets=tuple(subnet for subnet in subnets if subnet),
        ingress=answer.get("Ingress") is True,
        attachable=answer.get("Attachable") is True,
        internal=answer.get("Internal") is True,
        copied=answer.get("Containers", {}) is not None,
    )


def secret(answer: Any) -> FileObject:
    """One item of GET /secrets. Raises `OddAnswerError`."""
    spec = _spec(answer)
    created = text(answer, "CreatedAt")
    return FileObject(_required(answer, "ID"), _required(spec, "Name"), texts(spec, "Labels"), created=created)


def config(answer: Any, with_text: frozenset[str] = frozenset()) -> FileObject:
    """One item of GET /configs, with its text if its name is in `with_text`. Raises `OddAnswerError`."""
    whole = secret(answer)
    try:
        data = base64.b64decode(text(part(answer, "Spec"), "Data"), validate=True)
    except (ValueError, binascii.Error):
        raise OddAnswerError("Spec.Data of a config is not base64") from None
    shown = data.decode("utf-8", "replace") if whole.name in with_text else ""
    return whole._replace(sha256=hashlib.sha256(data).hexdigest(), size=len(data), text=shown)


def node(answer: Any) -> Node:
    """One item of GET /nodes. Raises `OddAnswerError`."""
    spec, description = _spec(answer), part(answer, "Description")
    engine, resources = part(description, "Engine"), part(description, "Resources")
    platform, status = part(description, "Platform"), part(answer, "Status")
    return Node(
        id=_required(answer, "ID"),
        hostname=text(description, "Hostname"),
        role=text(spec, "Role"),
        availability=text(spec, "Availability"),
        state=text(status, "State"),
        address=text(status, "Addr"),
        os=text(platform, "OS"),
        arch=text(platform, "Architecture"),
        labels=texts(spec, "Labels"),
        engine_labels=texts(engine, "Labels"),
        cpus=number(resources, "NanoCPUs"),
        memory=number(resources, "MemoryBytes"),
        plugins=frozenset((text(plugin, "Type"), text(plugin, "Name")) for plugin in items(engine, "Plugins")),
        generic=_generic(resources),
        engine=text(engine, "EngineVersion"),
    )


def _generic(answer: Mapping[str, Any]) -> dict[str, int]:
    """Generic resources by their kind: numbers of them, and those that have a name each."""
    resources: dict[str, int] = {}
    for resource in items(answer, "GenericResources"):
        counted, named = part(resource, "DiscreteResourceSpec"), part(resource, "NamedResourceSpec")
        kind = text(counted, "Kind") or text(named, "Kind")
        resources[kind] = resources.get(kind, 0) + (number(counted, "Value") if counted else 1)
    return resources


def identity(answer: Any) -> str:
    """The ID of an object, which each has. Raises `OddAnswerError`."""
    return _required(answer, "ID")


def _required(answer: Any, key: str) -> str:
    value = text(answer, key)
    if not value:
        raise OddAnswerError(f"an object has no {key}")
    return value


def _spec(answer: Any) -> Mapping[str, Any]:
    if _of(answer, "Spec") is None:
        raise OddAnswerError("an object has no Spec")
    return part(answer, "Spec")


def part(answer: Any, key: str) -> Mapping[str, Any]:
    """The object below a key; an empty one where it is missing or null."""
    value = _of(answer, key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise OddAnswerError(f"{key} is {_kind(value)}")
    return value


def items(answer: Any, key: str) -> list[Any]:
    """The list below a key; an empty one where it is missing or null."""
    value = _of(answer, key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise OddAnswerError(f"{key} is {_kind(value)}")
    return value


def text(answer: Any, key: str) -> str:
    """The text below a key; "" where it is missing or null."""
    value = _of(answer, key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise OddAnswerError(f"{key} is {_kind(value)}")
    return value


def number(answer: Any, key: str) -> int:
    """The integer below a key; 0 where it is missing or null."""
    value = _of(answer, key)
    if value is None:
        return 0
    if not isinstance(value, int) or isinstance(value, bool):
        raise OddAnswerError(f"{key} is {_kind(value)}")
    return value


def texts(answer: Any, key: str) -> Mapping[str, str]:
    """A mapping of text to text below a key."""
    values = part(answer, key)
    if not all(isinstance(value, str) for value in values.values()):
        raise OddAnswerError(f"{key} contains a value that is not a string")
    return values


def words(answer: Any, key: str) -> tuple[str, ...]:
    """A list of texts below a key."""
    values = items(answer, key)
    if not all(isinstance(value, str) for value in values):
        raise OddAnswerError(f"{key} contains a value that is not a string")
    return tuple(values)


def _of(answer: Any, key: str) -> Any:
    if not isinstance(answer, dict):
        raise OddAnswerError(f"what holds {key} is {_kind(answer)}")
    return answer.get(key)


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false", int: "a number"}
    return names.get(type(value), "of another type")
