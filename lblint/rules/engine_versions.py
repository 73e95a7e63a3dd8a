"""Rules on what the docker client and the engines of a version of UCP or MKE make of each other."""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.interlock import Ingress
from lblint.interlock.version import Version, engines
from lblint.rules import rule
from lblint.rules._access import setting
from lblint.stack import Stack, client
from lblint.stack.deprecated_keys import SENT_SINCE
from lblint.stack.docker_versions import highest_api, lowest_api, lowest_engine_api


@rule(on=Ingress, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.CLIENT_BEFORE)
def client_refused_by_manager(ingress: Ingress) -> Iterator[Hit]:
    """The docker client and the managers have no version of the API in common.

    Clients 29.0 to 29.2 need API 1.44 (engine 25.0), later ones 1.40 (engine 19.03). Engines 29.0 to 29.2 want a
    client of API 1.44 (25.0), later ones 1.40 (19.03). `--client` and `--interlock-version` say which meet. It is an
    error for UCP, whose engines are older; a warning for MKE, of which one version runs on several engines.
    """
    known = engines(ingress.version)
    if ingress.version is None or known is None:
        return
    oldest, newest = known
    for stack in ingress.stacks:
        if not stack.client_given:
            continue
        release = client(stack.client).release
        place = stack.place("services").on_key()
        needs, speaks = lowest_api(release), highest_api(release)
        if highest_api(oldest) < needs:
            sure = highest_api(newest) < needs
            engine = newest if sure else oldest
            may, has = "refuses" if sure else "may refuse", _api(highest_api(engine))
            yield Hit(
                place,
                f"docker {stack.client} {may} the managers of {ingress.version}: it needs API {_api(needs)}, and "
                f"engine {_release(engine)} has {has}",
                _client_advice(engine),
                severity=None if sure else Severity.WARNING,
            )
        elif speaks < lowest_engine_api(newest):
            yield Hit(
                place,
                f"the managers of {ingress.version} may refuse docker {stack.client}: it speaks API {_api(speaks)}, "
                f"and engine {newest[0]} needs {_api(lowest_engine_api(newest))}",
                "deploy with docker 19.03 or later",
                severity=Severity.WARNING,
            )


def _client_advice(engine: tuple[int, int]) -> str:
    return "deploy with docker 28" if highest_api(engine) < (1, 40) else "deploy with docker 28, or 29.3 or later"


def _api(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"


def _release(release: tuple[int, int]) -> str:
    return f"{release[0]}.{release[1]:02}" if release[0] < 23 else str(release[0])


_SINCE: dict[tuple[str, ...], tuple[int, int]] = {
    **{(key,): since for key, since in SENT_SINCE.items()},
    ("deploy", "resources", "limits", "pids"): (20, 10),
    ("deploy", "placement", "max_replicas_per_node"): (19, 3),
}
"""Settings of a service, and the engine that reads them first: API 1.40 and 1.41 (moby adjustForAPIVersion)."""


@rule(on=Ingress, severity=Severity.WARNING, consequence="the service runs without it")
def setting_newer_than_engine(ingress: Ingress) -> Iterator[Hit]:
    """A setting of a service is newer than the engines of this version of UCP.

    Managers ignore what they do not know. `cap_add`, `cap_drop`, `ulimits` and a limit of `pids` came with engine
    20.10, `sysctls` and `max_replicas_per_node` with 19.03: UCP 3.2 ignores the former, UCP 3.1 and 3.0 all of them.
    `--interlock-version` says which version it is.
    """
    known = engines(ingress.version)
    if known is None:
        return
    for stack in ingress.stacks:
        release = client(stack.client).release if stack.client_given else None
        for service in stack.services:
            for path, since in _SINCE.items():
                unsent = release is not None and path[0] in SENT_SINCE and release < since
                if known[1] < since and not unsent and setting(service.config, *path):
                    yield _ignored(stack, service.key, path, ingress.version)


def _ignored(stack: Stack, service: str, path: tuple[str, ...], version: Version | None) -> Hit:
    place = stack.place("services", service, *path).on_key()
    message = f"the managers of {version} ignore {'.'.join(path)}"
    return Hit(place, message, "remove it, or upgrade the managers")
