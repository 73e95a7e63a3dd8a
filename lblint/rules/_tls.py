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


class Secrets:
    """The secrets of a stack, to be looked up by the texts of labels."""

    def __init__(self, stack: Stack) -> None:
        self.by_key = stack.secrets
        self.by_name: dict[str | None, FileObject] = {}
        for secret in stack.secrets.values():
            self.by_name.setdefault(secret.name, secret)
        self.by_name.pop(None, None)
        self._order = {key: number for number, key in enumerate(stack.secrets)}

    def fit(self, value: str) -> tuple[Fit, FileObject | None]:
        """How a text names a secret, and which: the first in the file, of several."""
        ending = self._ending(value)
        named = [secret for secret in ending if secret.name is None]
        if value in self.by_name:
            named.append(self.by_name[value])
        if named:
            return Fit.NAME, self._first(named)
        if value in self.by_key:
            return Fit.KEY, self.by_key[value]
        scoped = [secret for secret in ending if not secret.external and not secret.config.get("name")]
        return (Fit.PREFIX, self._first(scoped)) if scoped else (Fit.NONE, None)

    def _ending(self, value: str) -> list[FileObject]:
        """The secrets whose keys follow an underline, and a prefix before it."""
        keys = (value[at + 1 :] for at in range(1, len(value)) if value[at] == "_")
        return [self.by_key[key] for key in keys if key in self.by_key]

    def _first(self, secrets: list[FileObject]) -> FileObject:
        return min(secrets, key=lambda secret: self._order[secret.key])


def names(stack: Stack) -> Iterator[str]:
    """The Swarm names of the secrets, as far as they are known."""
    for secret in stack.secrets.values():
        if secret.name:
            yield secret.name
