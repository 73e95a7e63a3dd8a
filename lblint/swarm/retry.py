"""Managers that are away for a moment, as one that restarts or a new leader that is elected, are asked again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from lblint.swarm.errors import RefusedError, SwarmError

Seen = TypeVar("Seen")

AWAY = 30.0
"""Seconds for which they may be away."""
PAUSE = 1.0
"""Seconds between two tries."""


def patient(look: Callable[[], Seen]) -> Callable[[], Seen]:
    """The same look, tried again for `AWAY` seconds while it raises `SwarmError`; a refusal is not tried again."""

    def tried() -> Seen:
        from time import monotonic, sleep

        begun = monotonic()
        while True:
            try:
                return look()
            except RefusedError:
                raise
            except SwarmError:
                if monotonic() - begun >= AWAY:
                    raise
                sleep(PAUSE)

    return tried
