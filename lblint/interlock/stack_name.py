"""The one thing that lblint guesses, the stack's name, where the labels leave only one: they have its prefix."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lblint.interlock.label_table import PREFIX
from lblint.lazy_re import pattern
from lblint.stack.model import Label, Service, Stack

_NAME = pattern(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


def infer_name(stack: Stack) -> tuple[str, Label] | None:
    """The name under which all labels of the stack that name its own networks and secrets are right, and the first
    such label; None if no label or no name is left.

    Swarm's name of a stack's own object is <stack>_<key> (docker/cli cli/compose/convert, Namespace.Scope).
    """
    names: set[str] | None = None
    first: Label | None = None
    for label, possible in _possible(stack):
        if possible:
            names = possible if names is None else names & possible
            first = first or label
    if names is None or first is None or len(names) != 1:
        return None
    return names.pop(), first


def _possible(stack: Stack) -> Iterator[tuple[Label, set[str]]]:
    """Per label, the stack names for which it names an object of the stack."""
    networks = {key for key, network in stack.networks.items() if not network.external and not _named(network.config)}
    secrets = {key for key, secret in stack.secrets.items() if not secret.external and not _named(secret.config)}
    outer = {key for key, network in stack.networks.items() if network.external or _named(network.config)}
    outer |= {str(network.config.get("name")) for network in stack.networks.values() if _named(network.config)}
    for service in stack.services:
        label = service.label(PREFIX + "network")
        if label is not None and label.value not in outer and label.value not in networks:
            yield label, _names(label.value, _attached(service) & networks)
        for name in ("ssl_cert", "ssl_key"):
            label = service.label(PREFIX + name)
            if label is not None and label.value not in stack.secrets:
                yield label, _names(label.value, secrets)


def _attached(service: Service) -> set[str]:
    return {attachment.network for attachment in service.networks}


def _names(value: str, keys: set[str]) -> set[str]:
    """The part before `_<key>` of the value, for each of the keys that it ends with."""
    prefixes = {value.removesuffix("_" + key) for key in keys if value.endswith("_" + key)}
    return {name for name in prefixes if _NAME.fullmatch(name)}


def _named(config: Mapping[str, Any]) -> bool:
    """Whether the file gives the object a name of its own, which docker takes without prefix."""
    return bool(config.get("name"))
