"""A service, one that runs or the spec of one as a client sends it, as the stack file that would make it: in tuples
and as text, so that the same rules read it.

Source: the Engine API's reference (ServiceSpec). A client writes the names of networks, or their ids, and leaves out
what is as by default; swarmkit then has one replica.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lblint.finding import Path, Place, RunningService
from lblint.records import NamedTuple
from lblint.stack import model as stacks
from lblint.stack.model import Stack
from lblint.swarm import api_decode
from lblint.swarm.model import Service, Snapshot

DOCKERS_OWN = ("com.docker.stack.namespace", "com.docker.stack.image")
"""Labels that docker stack deploy adds to those of the file."""


SECTIONS = ("services", "networks", "secrets", "configs")
"""What a stack of a running service has at the top."""


def as_stack(service: Service, names: Mapping[str, str], file: str = "") -> stacks.Stack:
    """The stack of this one service, whose secrets and configs are external; so are networks without its prefix.

    `names` are those of all networks by their ids. Places lie in the service that runs, or in `file` if it is given.
    """
    top = Place(file or RunningService(service.name))
    here = top.child("services", service.name)
    prefix = f"{service.stack}_" if service.stack else ""
    networks = {(name := names.get(at.network, at.network)).removeprefix(prefix): name for at in service.networks}
    return stacks.Stack(
        name=service.stack or None,
        files=(str(top.file),),
        version="",
        config={},
        places={(section,): top.child(section) for section in SECTIONS},
        services=(
            stacks.Service(
                key=service.name,
                place=here,
                name=service.name,
                config={
                    "image": service.image,
                    "deploy": _deploy(service),
                    "secrets": [{"source": use.name} for use in service.secrets],
                    "configs": [{"source": use.name} for use in service.configs],
                },
                labels=_labels(service.labels, here.child("deploy", "labels")),
                container_labels=_labels(service.container_labels, here.child("labels")),
                networks=tuple(stacks.Attachment(key, here.child("networks", at)) for at, key in enumerate(networks)),
                ports=tuple(
                    stacks.Port(port.target, port.published, port.protocol, port.mode, here.child("ports", at))
                    for at, port in enumerate(service.ports)
                ),
            ),
        ),
        networks={key: _network(key, name, top) for key, name in networks.items()},
        secrets={use.name: _object("secret", use.name, top) for use in service.secrets},
        configs={use.name: _object("config", use.name, top) for use in service.configs},
        volumes={},
        faults=(),
    )


def _deploy(service: Service) -> dict[str, Any]:
    """`deploy:` with the tasks that run where the file would say how many: a global service has one on each node."""
    deploy: dict[str, Any] = {"mode": service.mode, "endpoint_mode": service.endpoint_mode}
    if service.mode == "replicated" and service.replicas is not None:
        deploy["replicas"] = service.replicas
    return deploy


def _labels(labels: Mapping[str, str], place: Place) -> tuple[stacks.Label, ...]:
    result = []
    for key, value in labels.items():
        if key in DOCKERS_OWN:
            continue
        at = place.child(key)
        result.append(stacks.Label(key, value, at.on_key(), at, raw=value, written=value))
    return tuple(result)


def _network(key: str, name: str, top: Place) -> stacks.Network:
    """A network as the stack's own file has it where its name is that of one, and else as an external one."""
    own = key != name
    config = {} if own else {"external": True}
    return stacks.Network(key, top.child("networks", key), name, not own, "", True, True, config)


def _object(kind: str, name: str, top: Place) -> stacks.FileObject:
    place = top.child(f"{kind}s", name)
    return stacks.FileObject(kind, name, place, name, True, None, None, "", {"external": True})


def as_text(stack: stacks.Stack) -> str:
    """The YAML that the places of a running service lie in, for a report to quote from."""
    import json

    lines: list[str] = []

    def write(path: Path, value: Any, indent: str) -> None:
        if isinstance(value, dict) and value:
            for key, below in value.items():
                inner = isinstance(below, dict | list) and below
                lines.append(f"{indent}{json.dumps(key)}:" if inner else f"{indent}{json.dumps(key)}: {_scalar(below)}")
                if inner:
                    write((*path, key), below, indent + "  ")
        elif isinstance(value, list):
            lines.extend(f"{indent}- {_scalar(item)}" for item in value)

    def _scalar(value: Any) -> str:
        return json.dumps(value)

    (service,) = stack.services
    deploy = {**service.config["deploy"], "labels": {label.key: label.value for label in service.labels}}
    write((), {
        "services": {
            service.key: {
                "image": service.config["image"],
                "labels": {label.key: label.value for label in service.container_labels},
                "deploy": deploy,
                "networks": [at.network for at in service.networks],
                "ports": [f"{port.published}:{port.target}/{port.protocol}" for port in service.ports],
            }
        },
        "networks": {network.key: network.config for network in stack.networks.values()},
        "secrets": {name: {"external": True} for name in stack.secrets},
        "configs": {name: {"external": True} for name in stack.configs},
    }, "")  # fmt: skip
    return "\n".join(lines) + "\n"


_CONTAINER = ("TaskTemplate", "ContainerSpec")
_PARTS: dict[Path, Path] = {
    ("deploy", "labels"): ("Labels",),
    ("labels",): (*_CONTAINER, "Labels"),
    ("deploy", "replicas"): ("Mode", "Replicated", "Replicas"),
    ("deploy", "mode"): ("Mode",),
    ("deploy", "endpoint_mode"): ("EndpointSpec", "Mode"),
    ("ports",): ("EndpointSpec", "Ports"),
    ("image",): (*_CONTAINER, "Image"),
    ("secrets",): (*_CONTAINER, "Secrets"),
    ("configs",): (*_CONTAINER, "Configs"),
}
"""The parts of a service in a stack file, and where a spec has them."""


class ServiceSpec(NamedTuple):
    """A service that somebody wants: its spec, and the stack file that would say the same, in `file`."""

    spec: Mapping[str, Any]
    stack: Stack

    @property
    def file(self) -> str:
        """What stands for the file in places and findings: `service web`."""
        return self.stack.files[0]

    def path(self, path: Path) -> Path:
        """The path in the spec of what a path in the stack file leads to: the nearest part around it."""
        if path[:1] == ("services",):
            own = path[2:]
            if own[:1] == ("networks",):
                return (*_networks(self.spec), *own[1:])
            for end in range(len(own), 0, -1):
                part = _PARTS.get(own[:end])
                if part is not None:
                    return (*part, *own[end:])
        elif len(path) > 1 and path[0] in ("networks", "secrets", "configs"):
            names = [at.network for at in self.stack.services[0].networks] if path[0] == "networks" else [
                use["source"] for use in self.stack.services[0].config[str(path[0])]
            ]  # fmt: skip
            if path[1] in names:
                return self.path(("services", "", path[0], names.index(str(path[1]))))
        return ()


def read_spec(spec: Any, snapshot: Snapshot) -> ServiceSpec:
    """Read a spec. `snapshot` has the names of the networks that it may give by their ids.

    Raises `OddAnswerError` where it is not of the form that the API documents.
    """
    service = api_decode.service({"ID": "new", "Spec": spec})
    return ServiceSpec(spec, as_stack(service, snapshot.network_names(), f"service {service.name}"))


def shown_path(path: Path) -> str:
    """A path in a spec for people: `Labels["com.docker.lb.hosts"]`, `TaskTemplate.Networks[0]`."""
    text = ""
    for at, step in enumerate(path):
        if isinstance(step, int):
            text += f"[{step}]"
        elif at and path[at - 1] == "Labels":
            text += f'["{step}"]'
        else:
            text += f".{step}" if text else step
    return text


def _networks(spec: Mapping[str, Any]) -> Path:
    """Where the networks are: in the task template since API 1.29, in the service itself before."""
    return ("TaskTemplate", "Networks") if api_decode.part(spec, "TaskTemplate").get("Networks") else ("Networks",)
