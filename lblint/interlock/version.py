"""Versions of UCP and MKE: which of them can do what, and how older ones read labels that they do not know.

Facts are written as in the release notes: `3.0.8 / 3.1.2` is "from 3.0.8 on in the 3.0 line, from 3.1.2 on in the 3.1
line, and in all later lines". Sources: the release notes of Docker EE UCP 3.0 to 3.2 (ee/ucp/release-notes.md) and of
Mirantis MKE 3.9.6, the pages on the features, and the NGINX page of MKE 3.8.
"""

from __future__ import annotations

import re

from lblint.interlock.label_table import LABELS
from lblint.interlock.routes import Ingress, Route, replicas
from lblint.lazy_re import pattern
from lblint.records import NamedTuple

_NUMBER = r"([0-9]{1,4})"
_NAME = r"(?:(?:UCP|MKE)[ /-]?)?v?"
_VERSION = pattern(rf"{_NAME}{_NUMBER}\.{_NUMBER}(?:\.{_NUMBER})?(?:[-+][0-9A-Z.+-]*)?", re.IGNORECASE)


class Version(NamedTuple):
    """A version of UCP (up to 3.2) or MKE (from 3.3); `patch` is None where only the line is known."""

    major: int
    minor: int
    patch: int | None = None

    def __str__(self) -> str:
        name = "UCP" if (self.major, self.minor) < (3, 3) else "MKE"
        return f"{name} {self.major}.{self.minor}" + (f".{self.patch}" if self.patch is not None else "")

    @property
    def line(self) -> tuple[int, int]:
        """`3.2` of `3.2.3`."""
        return self.major, self.minor


def parse_version(text: str) -> Version | None:
    """Read `3.2.3`, `UCP 3.2.3`, `MKE 3.8`, `v3.8.16`, `3.0.0-2e21c4d`; None for anything else."""
    match = _VERSION.fullmatch(text.strip())
    return Version(int(match[1]), int(match[2]), int(match[3]) if match[3] else None) if match else None


def without_interlock(version: Version) -> str:
    """Why a version has no Interlock; "" for one that may have it (MKE 3.9 is the last line)."""
    if version.major < 4:
        return ""
    return "MKE 4 has no Swarm; the last line with Interlock is 3.9 (the documentation under /mke4/3.9/ is of MKE 3.9)"


_ENGINES = {
    (3, 0): ((17, 6), (17, 6)),
    (3, 1): ((18, 9), (18, 9)),
    (3, 2): ((19, 3), (19, 3)),
    (3, 3): ((19, 3), (20, 10)),
    (3, 4): ((19, 3), (23, 0)),
    (3, 5): ((19, 3), (23, 0)),
    (3, 6): ((23, 0), (29, 7)),
    (3, 7): ((23, 0), (29, 7)),
    (3, 8): ((23, 0), (29, 7)),
    (3, 9): ((25, 0), (29, 7)),
}
"""The oldest and the newest engine that a line runs on: Docker Enterprise 2.0 to 3.0 (each UCP came with one engine),
the defaults of launchpad (MKE 3.3), the matrix of MSR 2.10 (MKE 3.6 to 3.9) and the release notes of MKE 3.9. No source
names the engines of 3.4 and 3.5, whose support ended before engine 25.0 came."""


def engines(version: Version | None) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """The oldest and the newest engine that a version runs on, each as (major, minor); None where that is not known."""
    return _ENGINES.get(version.line) if version is not None else None


def reached(version: Version | None, since: str) -> bool | None:
    """Whether a version has what came with `since`; None where that cannot be told: no version, or only its line.

    `since` is one version per line, separated by slashes; "" has always been there.
    """
    if not since:
        return True
    if version is None:
        return None
    marks = [mark for part in since.split("/") if (mark := parse_version(part)) is not None]
    for mark in marks:
        if mark.line == version.line:
            if version.patch is None:
                return None if mark.patch else True
            return version.patch >= (mark.patch or 0)
    return all(mark.line < version.line for mark in marks)


INTERLOCK_3 = "3.1.11 / 3.2.3"
"""Interlock 3.0: `Networks`, updates without a restart (`HitlessServiceUpdate`), a check of `HTTPVersion`."""

NETWORK_LABEL_RESPECTED = "3.0.8"
"""Before, the proxy was attached to all networks of a service whatever its label said (interlock 169). Not known of
3.1.0 and 3.1.1: the notes of the 3.1 line do not list it."""

PROXY_STAYS = "3.0.6"
"""Before, the service of the proxies kept restarting (escalation 814)."""

HASH_SIZED_BY_ITSELF = "3.4.2"
"""Since then `server_names_hash_bucket_size` fits the names, and `ServerNamesHashBucketSize` is gone."""

LABELS_VALIDATED = "3.1.5"
"""Since then UCP validates label values to some extent, and an update of the proxies that fails is rolled back
(ENGCORE-114, -117); before it was paused, Swarm's default."""

NAMES_OF_SEVERAL_SERVICES = Version(3, 0, 1)
"""In this version the proxy may not start when two services have two hosts each (its known issues)."""


def as_read_by(ingress: Ingress, version: Version | None) -> Ingress:
    """The ingress without what the version does not know; as it is where the version is not known."""
    if version is None or all(reached(version, spec.since) is not False for spec in LABELS.values()):
        return ingress
    return ingress._replace(routes=tuple(_route(route, version) for route in ingress.routes))


def _route(route: Route, version: Version) -> Route:
    def knows(name: str) -> bool:
        return reached(version, LABELS[name].since) is not False

    if route.vip and not knows("backend_mode"):
        route = route._replace(vip=False, targets=replicas(route.service.config))
    if not knows("max_fails"):
        route = route._replace(max_fails=None)
    if not knows("fail_timeout"):
        route = route._replace(fail_timeout=None)
    return route
