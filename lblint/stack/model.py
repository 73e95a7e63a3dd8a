"""A stack as the docker client understands it: frozen values, each knowing where it was written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lblint.finding import Fault, Path, Place
from lblint.records import NamedTuple


class Label(NamedTuple):
    """One label. `value` is the text docker sends; `raw` what YAML read (an int for `0777`, None for nothing);
    `written` the text before interpolation; `unset` the variables in it that have no value and no default."""

    key: str
    value: str
    key_place: Place
    place: Place
    raw: object = None
    written: str = ""
    unset: tuple[str, ...] = ()


class Attachment(NamedTuple):
    """A service's place on a network, by the network's key in the file. `implicit`: docker adds it (`default`)."""

    network: str
    place: Place
    implicit: bool = False
    config: Mapping[str, Any] | None = None


class Port(NamedTuple):
    """A published port, after docker's defaults: tcp, ingress. `published` 0 means that the manager picks one."""

    target: int
    published: int
    protocol: str
    mode: str
    place: Place


class Network(NamedTuple):
    """A network of the stack. `name` is what Swarm will call it; None while the stack's name is unknown.

    `declared` is False for the implicit `default`; `used` says that a service is on it, so docker creates it.
    """

    key: str
    place: Place
    name: str | None
    external: bool
    driver: str
    used: bool
    declared: bool
    config: Mapping[str, Any]


class FileObject(NamedTuple):
    """A secret or a config. `size` is the file's, in bytes, as the deployer's disk has it; `error` why it cannot be
    read (the operating system's words)."""

    kind: str
    key: str
    place: Place
    name: str | None
    external: bool
    file: str | None
    size: int | None
    error: str
    config: Mapping[str, Any]


class Volume(NamedTuple):
    """A named volume, created by the node when a task starts."""

    key: str
    place: Place
    name: str | None
    external: bool
    config: Mapping[str, Any]


class Service(NamedTuple):
    """A service: `config` is decoded as docker decodes it, `labels` are the service labels (`deploy.labels`)."""

    key: str
    place: Place
    name: str | None
    config: Mapping[str, Any]
    labels: tuple[Label, ...]
    container_labels: tuple[Label, ...]
    networks: tuple[Attachment, ...]
    ports: tuple[Port, ...]

    def label(self, key: str) -> Label | None:
        """The service label of this key, which is there once: of two in a list docker takes the last."""
        return next((label for label in self.labels if label.key == key), None)


class Stack(NamedTuple):
    """One stack, of one or several merged files.

    `name` is None when it was not given and cannot be inferred. `config` is the whole resolved file as
    `docker stack config` prints it, `places` says where its parts were written when that is not the same path in the
    first file (merges, list-form mappings, short syntax). `faults` are what the loader noticed; those whose `told` is
    not empty make docker refuse the stack. `inferred_from` is the label that gave the name away, where none was given.
    `deploying`: it was read where it is deployed, so a variable that has no value there has none.
    `client_given`: `client` was chosen, and is not the newest for want of another.
    `values` are those that came from the environment, by the names of the variables: no report shows them.
    `unchecked` says why a part of it was not looked at, if so. `keys` are those of all mappings in its files, also in
    small letters, as open mappings are read in any case; None where it was not read from files.
    """

    name: str | None
    files: tuple[str, ...]
    version: str
    config: Mapping[str, Any]
    places: Mapping[Path, Place]
    services: tuple[Service, ...]
    networks: Mapping[str, Network]
    secrets: Mapping[str, FileObject]
    configs: Mapping[str, FileObject]
    volumes: Mapping[str, Volume]
    faults: tuple[Fault, ...]
    client: str = ""
    inferred_from: Label | None = None
    unchecked: str = ""
    deploying: bool = False
    client_given: bool = False
    values: Mapping[str, str] = {}

    def place(self, *path: str | int) -> Place:
        """Where the part of `config` at `path` was written: the nearest place known for it or a part around it."""
        for end in range(len(path), 0, -1):
            place = self.places.get(path[:end])
            if place is not None:
                return place if end == len(path) or place.chars or place.key else place.child(*path[end:])
        return Place(self.files[0], path)

    @property
    def refused(self) -> bool:
        """Whether the docker client refuses to load it."""
        return any(fault.docker for fault in self.faults)
