"""Rules on the services, secrets and configs that the Swarm already has."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import count

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.rules._access import certainty, entries, setting
from lblint.rules._wording import owner
from lblint.stack.model import FileObject
from lblint.swarm.comparison import Live
from lblint.swarm.model import FileObject as Existing


@rule(on=Live, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE)
def service_name_taken(live: Live) -> Iterator[Hit]:
    """The name of a service already belongs to another one.

    Needs a running Swarm (`--live`). Names of services are unique in a Swarm, without regard to case. The client
    recognises the services of the stack by their label, so it tries to create this one, and the manager refuses it.

    The manager says `name conflicts with an existing object: service <name> already exists`.
    """
    existing = {service.name.lower(): service for service in live.snapshot.services}
    for service in live.stack.services:
        other = existing.get((service.name or "").lower())
        if other is None or live.replaced(other):
            continue
        yield Hit(
            service.place.on_key(),
            f"service {other.name} already exists, {owner(other.stack)}",
            "choose another key for the service, or another name for the stack",
            docker=f"name conflicts with an existing object: service {service.name} already exists",
        )


MODES = ("replicated", "global", "replicated-job", "global-job")


@rule(on=Live, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE)
def service_mode_changed(live: Live) -> Iterator[Hit]:
    """A running service would change its mode.

    Needs a running Swarm (`--live`). The mode of a service (replicated, global, or one of the jobs) is fixed when it is
    created; a manager refuses to update it. Remove the service first: it is down until the deploy has created it again.
    """
    existing = {service.name: service for service in live.snapshot.services if live.replaced(service)}
    for service in live.stack.services:
        running = existing.get(service.name or "")
        wanted = setting(service.config, "deploy", "mode") or "replicated"
        if running is not None and wanted in MODES and wanted != running.mode:
            yield Hit(
                live.stack.place("services", service.key, "deploy", "mode"),
                f"deploy.mode is {wanted}, but {running.name} runs as {running.mode}",
                f"run docker service rm {running.name} before the deploy, or write mode: {running.mode}",
                docker="service mode change is not allowed",
            )


@rule(on=Live, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.CLIENT_MIDWAY)
def external_file_missing(live: Live) -> Iterator[Hit]:
    """A service uses an external secret or config that does not exist.

    Needs a running Swarm (`--live`). The client looks for it after it has created the networks, secrets and configs of
    the stack, and stops there.

    Docker says `secret not found: <name>` or `config not found: <name>`. Create it with `docker secret create` or
    `docker config create`, or correct the name.
    """
    certain = certainty(live.stack)
    for declared, existing in _objects(live):
        names = {other.name for other in existing}
        for key, entry in declared.items():
            if f"{entry.kind}s" in live.snapshot.refused:
                continue  # the managers do not show them
            if entry.external and entry.name and entry.name not in names and _used(live, key, declared):
                yield Hit(
                    entry.place.on_key(),
                    f"external {entry.kind} {entry.name} does not exist",
                    f"run docker {entry.kind} create {entry.name} FILE",
                    severity=certain(entry.place),
                    docker=f"{entry.kind} not found: {entry.name}",
                )


def _objects(live: Live) -> Iterator[tuple[Mapping[str, FileObject], Sequence[Existing]]]:
    """Yield the secrets and then the configs: those that the stack declares, and those that exist."""
    yield live.stack.secrets, live.snapshot.secrets
    yield live.stack.configs, live.snapshot.configs


def _used(live: Live, key: str, declared: Mapping[str, FileObject]) -> bool:
    section = f"{declared[key].kind}s"
    return any(
        key == setting(use, "source") for service in live.stack.services for _, use in entries(service.config, section)
    )


@rule(
    on=Live,
    severity=Severity.WARNING,
    consequence="this stack takes it over, and docker stack rm of this stack removes it",
)
def file_of_other_stack(live: Live) -> Iterator[Hit]:
    """A secret or config of this name already exists and does not belong to this stack.

    Needs a running Swarm (`--live`). The client looks secrets and configs up by name alone. One that another stack
    owns, or that was created by hand, gets the label of this stack. With the same content docker gives no message,
    but `docker stack rm` of this stack then removes it although others use it.
    """
    for declared, existing in _objects(live):
        names = {other.name: other for other in existing}
        for entry in declared.values():
            other = names.get(entry.name or "")
            if not entry.external and other is not None and other.stack != live.stack.name:
                yield Hit(
                    entry.place.on_key(),
                    f"{entry.kind} {other.name} already exists, {owner(other.stack)}",
                    f"write external: true and name: {other.name} to use it, or choose another name",
                )


@rule(on=Live, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_OBJECT)
def file_name_differs_in_case(live: Live) -> Iterator[Hit]:
    """The name of a secret or config differs from an existing one only in case.

    Needs a running Swarm (`--live`). Managers compare names without regard to case. The client therefore finds the
    existing one and tries to change it, which managers refuse.
    """
    for declared, existing in _objects(live):
        names = {other.name for other in existing}
        lower = {other.name.lower(): other for other in existing}
        for entry in declared.values():
            other = lower.get((entry.name or "").lower())
            if entry.external or other is None or entry.name in names:
                continue
            yield Hit(
                entry.place.on_key(),
                f"{entry.kind} {entry.name} differs only in case from {other.name}, which already exists, "
                f"{owner(other.stack)}",
                f"write external: true and name: {other.name} to use it, or choose another name",
                docker="only updates to Labels are allowed",
            )


@rule(on=Live, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_OBJECT)
def config_content_changed(live: Live) -> Iterator[Hit]:
    """The file of a config has changed, but its name has not.

    Needs a running Swarm (`--live`). The content of a config is fixed when it is created. A manager refuses other
    content under the same name, and no service of the deploy is updated. Put a version into the name of the config, and
    change it together with the file.
    """
    existing = {config.name: config for config in live.snapshot.configs}
    for key, config in live.stack.configs.items():
        running = existing.get(config.name or "")
        own = live.data.get(key)
        if config.external or running is None or own is None or not running.sha256 or running.sha256 == own:
            continue
        yield Hit(
            live.stack.place("configs", key, "file"),
            f"config {running.name} already exists with other content",
            f"write name: {_next_name(running.name, existing)} (version 3.5 or later), or restore the old content",
            docker="only updates to Labels are allowed",
        )


def _next_name(name: str, existing: Collection[str]) -> str:
    """Return the name with a higher number at its end, or with one appended, that no config has yet."""
    head = name.rstrip("0123456789")
    number = name[len(head) :] if len(name) - len(head) < 10 else ""
    head, first = (head, int(number) + 1) if number else (f"{name}-", 2)
    return next(new for n in count(first) if (new := f"{head}{str(n).zfill(len(number))}") not in existing)


@rule(on=Live, severity=Severity.INFO)
def secret_content_unknown(live: Live) -> Iterator[Hit]:
    """lblint cannot know whether the file of a secret has changed.

    Needs a running Swarm (`--live`). Managers never show the content of a secret, and refuse other content under the
    same name (`only updates to Labels are allowed`). If the file has changed, the deploy stops there. To avoid that,
    put a version or a hash into the name of the secret, and change it together with the file.
    """
    existing = {secret.name for secret in live.snapshot.secrets}
    known = [s for s in live.stack.secrets.values() if s.file is not None and not s.external and s.name in existing]
    if known:
        names = ", ".join(str(secret.name) for secret in known)
        exist, files = ("exists", "its file has") if len(known) == 1 else ("exist", "their files have")
        yield Hit(
            known[0].place.on_key(),
            f"{names} already {exist}; the deploy stops midway if {files} changed",
            "rename the secrets whose files have changed",
        )


@rule(on=Live, severity=Severity.INFO)
def proxy_config_unread(live: Live) -> Iterator[Hit]:
    """lblint cannot compare the stack with the config that a proxy runs with.

    Needs a running Swarm (`--live`). The `nginx.conf` of a proxy is a config of the Swarm. It shows hosts that no label
    of a running service names, and the sizes that the proxy uses. If the managers do not show it, or lblint does not
    understand it, as with a custom template, lblint compares the stack only with the labels of running services.
    """
    for running in live.ingress.running:
        routes = (route for route in live.ingress.routes if route.stack is live.stack)
        first = next((route for route in routes if route.cluster == running.cluster), None)
        if running.proxy and running.unchecked and first:
            yield Hit(
                first.place,
                f"lblint cannot compare {running.file}, the config of {running.proxy}, which {running.unchecked}",
            )
