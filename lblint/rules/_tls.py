"""How a label names a secret of the stack."""

from __future__ import annotations

import enum
from collections.abc import Iterator

from lblint.stack import FileObject, Stack


class Fit(enum.Enum):
    """By its Swarm name, by its key in the file, with a prefix that is not the stack's, or not at all."""

    NAME = "name"
    KEY = "key"
    PREFIX = "prefix"
    NONE = "none"


def fit(stack: Stack, value: str) -> tuple[Fit, FileObject | None]:
    """How a text names a secret of the stack, and which."""
    for secret in stack.secrets.values():
        if value == secret.name or (secret.name is None and _prefixed(secret, value)):
            return Fit.NAME, secret
    if value in stack.secrets:
        return Fit.KEY, stack.secrets[value]
    for secret in stack.secrets.values():
        if _scoped(secret) and _prefixed(secret, value):
            return Fit.PREFIX, secret
    return Fit.NONE, None


def names(stack: Stack) -> Iterator[str]:
    """The Swarm names of the secrets, as far as they are known."""
    for secret in stack.secrets.values():
        if secret.name:
            yield secret.name


def _scoped(secret: FileObject) -> bool:
    return not secret.external and not secret.config.get("name")


def _prefixed(secret: FileObject, value: str) -> bool:
    return value.endswith("_" + secret.key) and len(value) > len(secret.key) + 1
