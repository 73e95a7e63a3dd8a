"""Rules on the services, secrets and configs that the Swarm has already."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.rules._access import certainty, entries, setting
from lblint.rules._spelling import owner
from lblint.stack.model import FileObject
from lblint.swarm.comparison import Live
from lblint.swarm.proxies import proxy_of


@rule(on=Live, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE)
def service_name_taken(live: Live) -> Iterator[Hit]:
    """A service of another stack, or one made by hand, has the name already.

    Asked of a running Swarm (`--live`). A manager gives a name once, whatever the case of its letters. The client takes
    a service for the stack's own by its label alone, so it tries to create this one anew.

    The manager says `name conflicts with an existing object: service <name> already exists`.
    """
    there = {service.name.lower(): service for service in live.snapshot.services}
    for service in live.stack.services:
        found = there.get((service.name or "").lower())
        if found is None or live.replaced(found):
            continue
        yield Hit(
            service.place.on_key(),
            f"the service {found.name} is there already, {owner(found.stack)}",
            "another key for the service, or another name for the stack",
        )


MODES = ("replicated", "global", "replicated-job", "global-job")


@rule(on=Live, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_SERVICE)
def service_mode_changed(live: Live) -> Iterator[Hit]:
    """A service that runs would change its mode.

    Asked of a running Swarm (`--live`). A replicated service stays one, and a global one, and a job: a manager refuses
    the update (`service mode change is not allowed`). Remove the service first; it is away until the deploy is done.
    """
    there = {service.name: service for service in live.snapshot.services if live.replaced(service)}
    for service in live.stack.services:
        found = there.get(service.name or "")
        wanted = setting(service.config, "deploy", "mode") or "replicated"
        if found is not None and wanted in MODES and wanted != found.mode:
            yield Hit(
                live.stack.place("services", service.key, "deploy", "mode"),
                f"{found.name} runs as {found.mode}, and here it is {wanted}: managers refuse to change that",
                f"docker service rm {found.name}, and then the deploy; or mode: {found.mode}",
            )


@rule(on=Live, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.CLIENT_MIDWAY)
def external_file_missing(live: Live) -> Iterator[Hit]:
    """A service uses an external secret or config that is not there.

    Asked of a running Swarm (`--live`). The client looks for it when the networks, secrets and configs of the stack
    have been made, and stops there.

    Docker says `secret not found: <name>` or `config not found: <name>`. Create it with `docker secret create` or
    `docker config create`, or correct the name.
    """
    certain = certainty(live.stack)
    for declared, there in ((live.stack.secrets, live.snapshot.secrets), (live.stack.configs, live.snapshot.configs)):
        names = {found.name for found in there}
        for key, entry in declared.items():
            if f"{entry.kind}s" in live.snapshot.refused:
                continue  # nobody knows
            if entry.external and entry.name and entry.name not in names and _used(live, key, declared):
                yield Hit(
                    entry.place.on_key(),
                    f'external {entry.kind} "{entry.name}" is not there',
                    f"docker {entry.kind} create {entry.name} FILE",
                    severity=certain(entry.place),
                )


def _used(live: Live, key: str, declared: Mapping[str, FileObject]) -> bool:
    section = f"{declared[key].kind}s"
    return any(
        key == setting(use, "source") for service in live.stack.services for _, use in entries(service.config, section)
    )


@rule(
    on=Live,
    severity=Severity.WARNING,
    consequence="it becomes this stack's own, and docker stack rm of this stack removes it for both",
)
def file_of_other_stack(live: Live) -> Iterator[Hit]:
    """A secret or config of this name is there already, and is not this stack's.

    Asked of a running Swarm (`--live`). Secrets and configs are looked up by name alone: one that another stack owns,
    or that was made by hand, is taken over and gets the label of this stack. Where the content is the same nobody
    notices, until `docker stack rm` of this stack removes it under the other one.
    """
    for declared, there in ((live.stack.secrets, live.snapshot.secrets), (live.stack.configs, live.snapshot.configs)):
        names = {found.name: found for found in there}
        for entry in declared.values():
            found = names.get(entry.name or "")
            if not entry.external and found is not None and found.stack != live.stack.name:
                yield Hit(
                    entry.place.on_key(),
                    f"the {entry.kind} {found.name} is there already, {owner(found.stack)}",
                    f"external: true with name: {found.name} to use it, or another name",
                )


@rule(on=Live, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_OBJECT)
def file_name_differs_in_case(live: Live) -> Iterator[Hit]:
    """A secret or config has the name of one that is there, in other letters.

    Asked of a running Swarm (`--live`). Managers compare names without regard to case, so the client finds the one that
    is there and tries to change it, which is refused: `only updates to Labels are allowed`.
    """
    for declared, there in ((live.stack.secrets, live.snapshot.secrets), (live.stack.configs, live.snapshot.configs)):
        names = {found.name for found in there}
        lower = {found.name.lower(): found for found in there}
        for entry in declared.values():
            found = lower.get((entry.name or "").lower())
            if entry.external or found is None or entry.name in names:
                continue
            yield Hit(
                entry.place.on_key(),
                f"the {entry.kind} {found.name} is there already, {owner(found.stack)}, and managers take {entry.name} "
                "for it",
                f"external: true with name: {found.name} to use it, or another name",
            )


@rule(on=Live, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_OBJECT)
def config_content_changed(live: Live) -> Iterator[Hit]:
    """A config's file has changed, and its name has not.

    Asked of a running Swarm (`--live`). The data of a config is fixed when it is made; a manager refuses another
    content under the same name (`only updates to Labels are allowed`), and no service of the deploy is updated. Give
    the config a name with a version in it.
    """
    there = {config.name: config for config in live.snapshot.configs}
    for key, config in live.stack.configs.items():
        found = there.get(config.name or "")
        own = live.data.get(key)
        if config.external or found is None or own is None or not found.sha256 or found.sha256 == own:
            continue
        yield Hit(
            live.stack.place("configs", key, "file"),
            f"the config {found.name} is there with another content: managers never change it",
            f"name: {found.name}-2, from version 3.5 on, or the former content",
        )


@rule(on=Live, severity=Severity.INFO)
def secret_content_unknown(live: Live) -> Iterator[Hit]:
    """Whether a secret's file has changed cannot be known.

    Asked of a running Swarm (`--live`). Managers never tell the content of a secret, and refuse another one under the
    same name (`only updates to Labels are allowed`). Where the file has changed, the deploy stops at it. A name with a
    version or a hash in it, changed together with the file, avoids that.
    """
    there = {secret.name for secret in live.snapshot.secrets}
    known = [s for s in live.stack.secrets.values() if s.file is not None and not s.external and s.name in there]
    if known:
        names = ", ".join(str(secret.name) for secret in known)
        are, their = ("is", "its file has") if len(known) == 1 else ("are", "their files have")
        yield Hit(
            known[0].place.on_key(),
            f"{names} {are} there already: if {their} changed since, the deploy stops midway",
            "a new name for what has changed",
        )


@rule(on=Live, severity=Severity.INFO)
def proxy_config_unread(live: Live) -> Iterator[Hit]:
    """The config that a proxy runs with is not compared.

    Asked of a running Swarm (`--live`). Hosts that no label of a running service tells of, and the sizes that the proxy
    is set to, stand in the `nginx.conf` that it runs with: a config of the Swarm. Where that is not told, or cannot be
    followed, as one made by a template of your own may be, the stack is compared with the labels of running services
    alone.
    """
    for running in live.ingress.running:
        routes = (route for route in live.ingress.routes if route.stack is live.stack)
        first = next((route for route in routes if route.cluster == running.cluster), None)
        if running.proxy and running.unchecked and first:
            yield Hit(
                first.place,
                f"the config that {running.proxy} runs with, {running.file}, is not compared: it {running.unchecked}",
            )


@rule(on=Live, severity=Severity.INFO)
def proxy_keeps_older_config(live: Live) -> Iterator[Hit]:
    """The proxy did not take its last config, and runs with an older one.

    Asked of a running Swarm (`--live`). nginx did not start with the config that Interlock made last, and the managers
    put the former one back, or stopped in the middle. If a label of some service is the cause, the next config has it
    as well, and the routes of this deploy are not served until that label is corrected. `lblint status` looks for it.
    """
    told: set[str] = set()
    for route in live.ingress.routes:
        proxy = proxy_of(live.snapshot, route.cluster, live.ingress.config) if route.stack is live.stack else None
        if proxy is None or proxy.service.name in told:
            continue
        told.add(proxy.service.name)
        update, said = proxy.service.update, proxy.service.update_message
        if update.startswith(("rollback", "paused")):
            yield Hit(
                route.place,
                f"{proxy.service.name} runs with an older config, as it did not take the last one: {update}"
                + (f" ({said})" if said else ""),
                "lblint status, to see which label of a running service it may be",
            )
