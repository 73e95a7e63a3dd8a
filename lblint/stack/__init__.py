"""What the docker client makes of one stack file, or of several merged with `-c`. The kinds of faults: faults.py."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from lblint.finding import Fault, Path, Place
from lblint.source import Source
from lblint.stack import deprecated_keys, swarm_names
from lblint.stack.docker_versions import Client, client, parse
from lblint.stack.environment import Context, Lookups
from lblint.stack.faults import (
    DuplicateItem,
    MissingKey,
    MissingVersion,
    NotAMapping,
    UnsupportedVersion,
    VersionMismatch,
)
from lblint.stack.go_printing import sprint
from lblint.stack.interpolation import interpolate
from lblint.stack.labels import Origins
from lblint.stack.loader import Loaded, load_sections
from lblint.stack.merge import merge
from lblint.stack.model import (
    Attachment,
    FileObject,
    Label,
    Network,
    Port,
    Service,
    Stack,
    Volume,
)
from lblint.stack.resolved import dump, printed
from lblint.stack.schema import validate
from lblint.stack.structs import SECTIONS
from lblint.stack.transforms import BUDGET, Mode
from lblint.stack.variables import Use

__all__ = [
    "Attachment",
    "Client",
    "FileObject",
    "Label",
    "Network",
    "Port",
    "Service",
    "Stack",
    "Volume",
    "client",
    "dump",
    "load",
    "parse",
]


def load(
    sources: Sequence[Source],
    name: str | None = None,
    env: Mapping[str, str] | None = None,
    client: str = "",
    interpolate: bool = True,
    base: str | None = None,
    written: Collection[str] = (),
) -> Stack:
    """Load one stack from the files that `docker stack deploy -c FILE [-c FILE]…` would merge, in order.

    `name` is the stack's; `env` the deployer's environment (None: this process's); `client` the docker client's
    version ("" is the newest); without `interpolate` as `docker stack config --skip-interpolation`; `base` the folder
    that env files, bind mounts and secret files are relative to (None: that of the first file, for `-` the current);
    `written` the names in `env` whose values files of the repository have.

    Never raises on what the files hold: it goes on past everything that docker refuses, and says so in `faults`.
    """
    lookups = Lookups(os.environ if env is None else env, written)
    return _Loader(sources, lookups, client, interpolate, base).load(name)


class _Loader:
    def __init__(self, sources: Sequence[Source], env: Lookups, text: str, interpolate: bool, base: str | None) -> None:
        self.sources = sources
        self.env = env
        self.client = client(text)
        self.client_given = bool(text.strip())
        self.interpolates = interpolate
        self.base = os.path.abspath(base if base is not None else _folder(sources[0].name))
        self.faults: list[Fault] = []
        self.unset: dict[str, dict[Path, tuple[Use, ...]]] = {}
        self.version = ""
        self.mode = Mode(self.client.release < (23, 0), self.client.counts_errors, [BUDGET])

    def load(self, name: str | None) -> Stack:
        loaded: Loaded | None = None
        for source in self.sources:
            one_file = self.one(source)
            loaded = one_file if loaded is None else merge(loaded, one_file, self.client)
        if loaded is None:
            raise ValueError("a stack has at least one file")
        self.faults += loaded.faults
        self.version = self.version or self.client.default
        out = printed(loaded, self.version)
        config = out.config
        naming = swarm_names.Naming(name, loaded.file)
        origins = Origins({source.name: source for source in self.sources}, self.unset)
        services = tuple(swarm_names.services(loaded.sections["services"], config["services"], naming, origins))
        sections = loaded.sections
        return Stack(
            name=name,
            files=tuple(source.name for source in self.sources),
            version=self.version,
            config=config,
            places=out.places,
            services=services,
            networks=swarm_names.networks(sections["networks"], config.get("networks", {}), services, naming),
            secrets=swarm_names.file_objects("secret", sections["secrets"], config.get("secrets", {}), naming),
            configs=swarm_names.file_objects("config", sections["configs"], config.get("configs", {}), naming),
            volumes=swarm_names.volumes(sections["volumes"], config.get("volumes", {}), naming),
            faults=tuple(self.faults),
            client=self.client.text,
            client_given=self.client_given,
            values=self.env.used,
            unchecked=f"more than {BUDGET} ports and env file variables" if self.mode.budget[0] < 0 else "",
        )

    def one(self, source: Source) -> Loaded:
        """One file through all that docker does before it merges."""
        self.faults += [fault for fault in source.faults if fault.docker]
        data = source.data
        if not isinstance(data, dict):
            if not any(fault.docker for fault in source.faults):
                message = "top-level object must be a mapping"
                message = message if self.client.dialect == "v3" else message.capitalize()
                self.faults.append(NotAMapping(place=Place(source.name), docker=message, empty=data is None))
            return Loaded(source.name, {name: {} for name in SECTIONS}, {}, [])
        version = self.read_version(data, source.name)
        self.faults += deprecated_keys.keys(data, source.name, self.client.release)
        done = interpolate(data, self.env if self.interpolates else None, source.name)
        self.unset[source.name] = done.unset
        self.faults += done.faults
        flawed = list(self.schema_faults(done.data, version, source.name, data))
        self.faults += flawed
        context = Context(source.name, self.version, self.base, self.env, self.mode)
        loaded = load_sections(done.data, context)
        known = {fault.place.path for fault in (*flawed, *done.faults) if fault.docker}
        around = {path[:end] for path in known for end in range(len(path) + 1)}
        loaded.faults[:] = [f for f in loaded.faults if not (f.docker and _covered(f.place.path, known, around))]
        return loaded

    def read_version(self, data: Mapping[str, Any], file: str) -> str:
        """The version of a file, which must be that of the first one and one that the client knows."""
        written = data.get("version")
        text = "" if "version" not in data else sprint(written)
        version = self.client.version(text) if "version" in data else self.client.default
        place = Place(file, ("version",)) if "version" in data else Place(file)
        if not self.version:
            self.version = version
        if version != self.version:
            message = f"version mismatched between two composefiles : {self.version} and {version}"
            self.faults.append(
                VersionMismatch(
                    place=place, docker=message, version=version, first=self.version, written="version" in data
                )
            )
        if not self.client.knows(version):
            message, highest = f"unsupported Compose file version: {version}", f"3.{self.client.highest}"
            self.faults.append(
                UnsupportedVersion(place=place, docker=message, version=written, highest=highest)
                if "version" in data
                else MissingVersion(place=place, docker=message, highest=highest)
            )
            return highest
        return version

    def schema_faults(
        self, data: Mapping[str, Any], version: str, file: str, written: Mapping[str, Any]
    ) -> Iterator[Fault]:
        """What the schema refuses in the data of a file; `written` is the data before interpolation."""
        known = any(isinstance(fault, MissingVersion | UnsupportedVersion) for fault in self.faults)
        for fault in validate(data, version, file, self.client.release < (28, 0)):
            path = fault.place.path
            if known and (path == ("version",) or (isinstance(fault, MissingKey) and not path)):
                continue
            if isinstance(fault, DuplicateItem):
                fault.same_text = _at(written, (*path[:-1], fault.first)) == _at(written, path)
            yield fault


def _at(data: Any, path: Path) -> Any:
    """What is at a path that the data has."""
    for step in path:
        data = data[step]
    return data


def _covered(path: Path, known: set[Path], around: set[Path]) -> bool:
    """Whether a fault at a path only says again what the schema said of it, of a part or of what is around.

    `known` are the paths that the schema spoke of, `around` those and all that lead to them.
    """
    return path in around or any(path[:end] in known for end in range(len(path) + 1))


def _folder(file: str) -> str:
    return os.path.dirname(file) if file != "-" else ""
