"""The managers as a judge of calls asks them: each time anew, or once and again when something has changed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lblint.finding import Finding
from lblint.lint import Options
from lblint.lint.service_check import Neighbours, findings_on
from lblint.swarm.connection import Swarm
from lblint.swarm.errors import SwarmError
from lblint.swarm.snapshot import snapshot

PAUSE = 1.0
"""Seconds between two tries to hear of changes."""
SUBSCRIBED = 0.2
"""Seconds after its answer begins in which a daemon surely hears of changes (moby api/server/router/system getEvents
answers first)."""
KINDS = ["service", "network", "secret", "config", "node"]
"""The kinds of events after which the managers have something else."""


class AskedManagers:
    """Managers that are asked for each call: where the calls of one command build on each other, nothing is kept."""

    def __init__(self, connect: Callable[[], Swarm], options: Options) -> None:
        self._connect, self._options = connect, options

    def judge(self, spec: Mapping[str, Any]) -> Sequence[Finding]:
        """Return the findings on a spec beside what runs now."""
        swarm = self._connect()
        try:
            live = snapshot(swarm)
        finally:
            swarm.close()
        return findings_on(spec, live, self._options)

    def service(self, name: str) -> Mapping[str, Any]:
        """Return a service as the managers have it."""
        swarm = self._connect()
        try:
            return inspected(swarm, name)
        finally:
            swarm.close()


def inspected(swarm: Swarm, name: str) -> Mapping[str, Any]:
    """Return a service by its name or id, as `GET /services/ID` does. Raises `SwarmError`."""
    with swarm.asking(f"the service {name}"):
        answer: Mapping[str, Any] = swarm.client.inspect_service(name)
        return answer


class WatchedManagers:
    """Managers that tell when something changes: what they have is read again only then, or when it is older than
    `most_seconds`. While their events are not heard, it is read for each call."""

    def __init__(self, connect: Callable[[], Swarm], options: Options, most_seconds: float) -> None:
        self._connect, self._options, self._most = connect, options, most_seconds
        self._lock = threading.Lock()
        self._swarm: Swarm | None = None
        self._neighbours: Neighbours | None = None
        self._read = 0.0
        self._seen = self._mark = object()
        self._listens = False

    def judge(self, spec: Mapping[str, Any]) -> Sequence[Finding]:
        """Return the findings on a spec beside what runs now."""
        with self._lock:  # who waits here gets what the one before has read
            return findings_on(spec, self._current(), self._options)

    def service(self, name: str) -> Mapping[str, Any]:
        """Return a service as the managers have it."""
        with self._lock:
            try:
                return inspected(self._connected(), name)
            except SwarmError:
                self._drop()
                raise

    def changed(self) -> None:
        """Take note that the managers have, or are about to have, something else."""
        self._mark = object()  # of which no other thread has the same, as it might of a number

    @property
    def age(self) -> float | None:
        """Seconds since what the managers have was read; None before it was."""
        return time.monotonic() - self._read if self._neighbours else None

    @property
    def listens(self) -> bool:
        """Whether events are heard."""
        return self._listens

    def _current(self) -> Neighbours:
        mark, now = self._mark, time.monotonic()
        known = self._neighbours
        if known and self._listens and self._seen is mark and now - self._read <= self._most:
            return known
        try:
            live = snapshot(self._connected())
        except SwarmError:
            self._drop()
            raise
        self._neighbours = Neighbours(live, self._options, known)
        self._read, self._seen = now, mark
        return self._neighbours

    def _connected(self) -> Swarm:
        if self._swarm is None:
            self._swarm = self._connect()
        return self._swarm

    def _drop(self) -> None:
        if self._swarm is not None:
            self._swarm.close()
            self._swarm = None

    def listen(self, stopped: threading.Event) -> None:
        """Hear of changes until it is `stopped`, over a connection of its own that is made again when it breaks."""
        while not stopped.is_set():
            try:
                swarm = self._connect()
                try:
                    self._hear(swarm, stopped)
                finally:
                    self._listens = False
                    swarm.close()
            except SwarmError:
                pass  # whoever is to be judged hears of it, from a connection of his own
            stopped.wait(PAUSE)

    def _hear(self, swarm: Swarm, stopped: threading.Event) -> None:
        with swarm.asking("its events"):
            events = swarm.client.events(decode=True, filters={"type": KINDS})
            stopped.wait(SUBSCRIBED)
            self.changed()
            self._listens = True
            for _ in events:
                self.changed()
                if stopped.is_set():
                    return
