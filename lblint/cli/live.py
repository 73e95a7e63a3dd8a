"""The managers, for commands that ask them: connected to at most once, and only when they are needed."""

from __future__ import annotations

from collections.abc import Callable

from lblint.swarm.model import Snapshot


def reader(context: str | None, host: str | None) -> Callable[[frozenset[str]], Snapshot]:
    """A function that reads what the managers have, given the names of the stacks; asked again, it says the same.

    It raises `lblint.swarm.errors.SwarmError`.
    """
    known: dict[frozenset[str], Snapshot] = {}

    def read(stacks: frozenset[str]) -> Snapshot:
        from lblint.swarm.connection import connect
        from lblint.swarm.snapshot import snapshot

        if stacks not in known:
            swarm = connect(context, host)
            try:
                known[stacks] = snapshot(swarm, stacks)
            finally:
                swarm.close()
        return known[stacks]

    return read
