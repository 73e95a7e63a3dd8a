"""The spec of a service, as the API takes it to create or update one: read as a stack, and its paths.

Source: the Engine API's reference (ServiceSpec). A client writes the names of networks, or their ids, and leaves out
what is as by default; swarmkit then has one replica.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lblint.finding import Path
from lblint.records import NamedTuple
from lblint.stack.model import Stack
from lblint.swarm import api_decode
from lblint.swarm.model import Snapshot
from lblint.swarm.service_as_stack import as_stack

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
