"""Which daemon: the order in which the docker client chooses one.

Source: docker/cli cli/command/cli.go resolveContextName and resolveDefaultDockerEndpoint, cli/flags/options.go,
cli/context/store (contexts lie in folders named after the SHA-256 of their names).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from lblint.records import NamedTuple
from lblint.swarm.errors import SwarmError

DEFAULT = "default"
"""The context that stands for DOCKER_HOST or the local socket."""
LARGEST = 1024 * 1024
"""Most bytes that are read of a file of the client's configuration."""


_PEMS = ("ca", "cert", "key")


class Tls(NamedTuple):
    """Paths of PEM files, "" for those that are not there, and whether the daemon's certificate is verified."""

    ca: str
    cert: str
    key: str
    verify: bool


class Endpoint(NamedTuple):
    """A daemon: its address as the client would take it ("" is the local socket), TLS, and what chose it."""

    host: str
    tls: Tls | None
    chosen_by: str

    @property
    def shown(self) -> str:
        """The address with what chose it, for messages."""
        return f"{self.host or 'the local socket'} ({self.chosen_by})"


def choose(context: str | None, host: str | None, env: Mapping[str, str]) -> Endpoint:
    """The daemon that `docker --context CONTEXT --host HOST` would talk to in this environment.

    Raises `SwarmError` for options that exclude each other and for a context that is not there: never does an unknown
    context become the local socket.
    """
    if context and host is not None:
        raise SwarmError("--host and --context exclude each other")
    name, by = _context(context, host, env)
    if name == DEFAULT:
        return Endpoint(host if host is not None else env.get("DOCKER_HOST", ""), _tls_of_environment(env), by)
    folder = os.path.join(config_folder(env), "contexts")
    return _stored(folder, name, by)


def config_folder(env: Mapping[str, str]) -> str:
    """The folder of the client's configuration: DOCKER_CONFIG, or `.docker` at home."""
    return env.get("DOCKER_CONFIG") or os.path.join(env.get("HOME") or os.path.expanduser("~"), ".docker")


def _context(context: str | None, host: str | None, env: Mapping[str, str]) -> tuple[str, str]:
    if context:
        return context, f"--context {context}"
    if host is not None:
        return DEFAULT, "--host"
    if env.get("DOCKER_HOST"):
        return DEFAULT, "DOCKER_HOST"
    if env.get("DOCKER_CONTEXT"):
        return env["DOCKER_CONTEXT"], f"DOCKER_CONTEXT={env['DOCKER_CONTEXT']}"
    file = os.path.join(config_folder(env), "config.json")
    settings = _json(file) if os.path.exists(file) else {}
    current = settings.get("currentContext")
    if isinstance(current, str) and current:
        return current, f"context {current} of {file}"
    return DEFAULT, "the default"


def _tls_of_environment(env: Mapping[str, str]) -> Tls | None:
    """DOCKER_TLS_VERIFY, DOCKER_TLS and DOCKER_CERT_PATH; a certificate or key that is not there is left out."""
    verify = bool(env.get("DOCKER_TLS_VERIFY"))
    if not verify and not env.get("DOCKER_TLS"):
        return None
    folder = env.get("DOCKER_CERT_PATH") or config_folder(env)
    ca, cert, key = (os.path.join(folder, f"{part}.pem") for part in _PEMS)
    if verify and not os.path.exists(ca):
        raise SwarmError(f"DOCKER_TLS_VERIFY is set, and there is no {ca}: see DOCKER_CERT_PATH")
    return Tls(_existing(ca), _existing(cert), _existing(key), verify)


def _existing(path: str) -> str:
    return path if os.path.exists(path) else ""


def _stored(folder: str, name: str, by: str) -> Endpoint:
    import hashlib

    own = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()
    file = os.path.join(folder, "meta", own, "meta.json")
    if not os.path.isfile(file):
        raise SwarmError(f"the docker context {name!r} ({by}) does not exist: docker context ls lists those that do")
    endpoints = _json(file).get("Endpoints")
    docker = endpoints.get("docker") if isinstance(endpoints, dict) else None
    if not isinstance(docker, dict) or not isinstance(docker.get("Host", ""), str):
        raise SwarmError(f"the docker context {name!r} ({by}) has no docker endpoint: docker context inspect shows it")
    verify = not docker.get("SkipTLSVerify")
    ca, cert, key = (_existing(os.path.join(folder, "tls", own, "docker", f"{part}.pem")) for part in _PEMS)
    tls = Tls(ca, cert, key, verify) if ca or cert or key or not verify else None
    return Endpoint(docker.get("Host", ""), tls, by)


def _json(file: str) -> dict[str, Any]:
    """A file of the client's configuration. Raises `SwarmError` where it is not to be read."""
    import json

    try:
        with open(file, "rb") as opened:
            read = json.loads(opened.read(LARGEST))
    except OSError as error:
        raise SwarmError(f"{file} cannot be read: {error.strerror or error}") from None
    except (ValueError, RecursionError):
        read = None
    if not isinstance(read, dict):
        raise SwarmError(f"{file} is not JSON as docker writes it, so the daemon is unknown")
    return read
