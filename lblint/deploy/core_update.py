"""A new config for Interlock's core: a config object of its own, an update of the service, and what becomes of it.

A config of the Swarm cannot be changed, so that the next one gets the next number. The update is rolled back by the
managers where the core does not start with it (docs, ee/ucp/interlock/config); the old object stays for that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from lblint.deploy.client import Docker, call
from lblint.deploy.convergence import Outcome, State, Trouble, Watch, watch
from lblint.interlock.config import InterlockConfig
from lblint.records import NamedTuple
from lblint.swarm.core_config import CoreConfig, core_config, leftovers, next_name, service_names
from lblint.swarm.errors import SwarmError
from lblint.swarm.model import Service, Snapshot

LISTEN_PORT = 8080
"""The port of `ListenAddr` where the config does not set one."""


ROLLBACK = 60.0
"""Seconds that are waited for a rollback."""


class CorePlan(NamedTuple):
    """What a rollout does: the config object that runs and the new one, the words for docker that make it and that
    update the core, the services that the new config makes, and those that it leaves behind."""

    running: CoreConfig
    name: str
    create: tuple[str, ...]
    update: tuple[str, ...]
    services: tuple[str, ...]
    left: tuple[Service, ...] = ()

    @property
    def core(self) -> str:
        """The service of the core."""
        return self.running.service.name


def plan_update(snapshot: Snapshot, running: CoreConfig, new: InterlockConfig, old: InterlockConfig | None) -> CorePlan:
    """Return what is to be done; asks nobody and changes nothing."""
    name = next_name(running.use.name, snapshot)
    labels = [word for key, value in sorted(running.labels.items()) for word in ("--label", f"{key}={value}")]
    port = port_to_publish(running.service, new, old)
    update = (
        "service", "update", "--detach", "--update-failure-action", "rollback",
        "--config-rm", running.use.name, "--config-add", f"source={name},target={running.use.target}",
        *(("--publish-add", f"mode=host,target={port}") if port else ()),
        running.service.name,
    )  # fmt: skip
    proxies = tuple(dict.fromkeys(str(e.value("ProxyServiceName")) for e in new.extensions if e.value("ProxyReplicas")))
    extensions = tuple(dict.fromkeys(str(extension.value("ServiceName")) for extension in new.extensions))
    left = tuple(s for s in leftovers(snapshot, new, old) if s.id != running.service.id)
    return CorePlan(running, name, ("config", "create", *labels, name, "-"), update, (*extensions, *proxies), left)


def port_to_publish(core: Service, config: InterlockConfig, old: InterlockConfig | None) -> int:
    """Return the port of the core that is to be published in host mode, as the page on host mode has it: where a proxy
    is in host mode, extensions reach the core through its node. 0 for none, if it is published already, or if the old
    config works without it."""
    new, before = (any(e.value("PublishMode") == "host" for e in c.extensions) if c else False for c in (config, old))
    if not new or before:
        return 0
    setting = config.core.get("listenaddr")
    number = str(setting.value).rpartition(":")[2] if setting is not None else ""
    port = int(number) if number.isascii() and number.isdecimal() and len(number) < 6 else LISTEN_PORT
    return 0 if any(own.target == port and own.mode == "host" for own in core.ports) else port


class Rollout(NamedTuple):
    """How a plan is carried out: `look` reads the managers and the tasks of services by name, `say` takes a line,
    `progress` one that the next replaces; `prune` removes what is left behind, `limit` is in seconds."""

    plan: CorePlan
    docker: Docker
    look: Callable[[Sequence[str]], State]
    say: Callable[[str], None]
    progress: Callable[[str], None]
    prune: bool = False
    limit: float = 300


class RolloutError(Exception):
    """Nothing was changed, or what was done is named; the text says which."""


class Result(NamedTuple):
    """What became of a rollout. `config` is the object that the core runs with in the end; `troubles` and `waiting` as
    in `Outcome`; `snapshot` is the last look. `removed` are services that were pruned, `kept` those that could not be,
    with docker's words."""

    config: str
    snapshot: Snapshot
    troubles: tuple[Trouble, ...] = ()
    waiting: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    kept: tuple[tuple[str, str], ...] = ()


def roll_out(rollout: Rollout, text: bytes) -> Result:
    """Make the config object, update the core, and wait for it and its proxies; roll the core back where one fails.

    Raises `RolloutError` where docker refuses a step, and `SwarmError` where the managers cannot be asked any more.
    """
    plan = rollout.plan
    try:
        before = rollout.look((plan.core, *plan.services))
        now = core_config(before.snapshot, plan.core)
    except SwarmError as error:
        raise RolloutError(f"{error}; nothing is changed") from None
    if (now.use.id, now.service.version) != (plan.running.use.id, plan.running.service.version):
        raise RolloutError(f"{plan.core} was changed meanwhile: nothing is applied, run it again")
    _start(rollout, text)
    outcome = _watch(rollout, before, (plan.core,)) if rollout.prune and plan.left else Outcome()
    removed, kept = [], []
    if rollout.prune and not outcome.troubles and not outcome.waiting:
        for service in plan.left:
            refused = call(rollout.docker, "service", "rm", service.id)
            rollout.say(f"removing service {service.name}" + (f" failed: {refused}" if refused else ""))
            kept += [(service.name, refused)] if refused else []
            removed += [] if refused else [service.name]
    if not outcome.troubles and not outcome.waiting:
        outcome = _watch(rollout, before, (plan.core, *plan.services))
    if _failed(plan, before, rollout.look((plan.core,)), outcome):
        outcome = _roll_back(rollout, outcome)
    last = rollout.look((plan.core,)).snapshot
    config = core_config(last, plan.core).use.name
    return Result(config, last, outcome.troubles, outcome.waiting, tuple(removed), tuple(kept))


def _failed(plan: CorePlan, before: State, now: State, outcome: Outcome) -> bool:
    """Whether the new config is to blame: the core fails, or a service that it makes does not run although it ran
    before or is new. What did not run before may fail for another reason, and the new config may mend it."""
    if not outcome.troubles and not outcome.waiting:
        return False
    if any(trouble.service.name == plan.core for trouble in outcome.troubles):
        return True
    old = {service.name: service for service in before.snapshot.services}
    there = {service.name: service for service in now.snapshot.services}
    well = [name for name in (plan.core, *plan.services) if name not in old or _runs(old[name])]
    failing = {trouble.service.name for trouble in outcome.troubles}
    return any(name in failing or name not in there or not _runs(there[name]) for name in well)


def _runs(service: Service) -> bool:
    """Whether all tasks of a service run, as far as the managers tell."""
    wanted = service.desired if service.desired is not None else service.replicas
    return service.running is None or service.running >= (wanted or 0)


def _start(rollout: Rollout, text: bytes) -> None:
    """Make the config object and update the core; where the managers refuse the update, the object is removed again."""
    plan = rollout.plan
    refused = call(rollout.docker, *plan.create, stdin=text)
    if refused:
        raise RolloutError(f"config {plan.name} is not created, and nothing is changed\ndocker: {refused}")
    rollout.say(f"created config {plan.name}")
    refused = call(rollout.docker, *plan.update)
    if not refused:
        rollout.say(f"updating {plan.core}")
        return
    try:
        used = core_config(rollout.look((plan.core,)).snapshot, plan.core).use.name
    except SwarmError as error:
        raise RolloutError(
            f"config {plan.name} is created, and whether {plan.core} was updated is not known ({error}): see lblint "
            f"interlock show\ndocker: {refused}"
        ) from None
    if used == plan.name:  # the manager took it, and the answer was lost
        rollout.say(f"updating {plan.core}")
        return
    left = call(rollout.docker, "config", "rm", plan.name)
    end = (
        f"config {plan.name} is left: docker config rm {plan.name}" if left else f"config {plan.name} is removed again"
    )
    raise RolloutError(
        f"{plan.core} is not updated and still runs with {plan.running.use.name}; {end}\ndocker: {refused}"
    )


def _watch(rollout: Rollout, before: State, names: tuple[str, ...]) -> Outcome:
    watched = Watch("", before, only=names)
    outcome = watch(watched, lambda: rollout.look(names), rollout.progress, rollout.limit)
    rollout.progress("")
    return outcome


def _roll_back(rollout: Rollout, outcome: Outcome) -> Outcome:
    """Roll the core back where the managers have not done it, as where it dies later or a proxy does not run."""
    plan = rollout.plan
    now = rollout.look((plan.core,))
    if core_config(now.snapshot, plan.core).use.name != plan.name:
        return outcome
    refused = call(rollout.docker, "service", "update", "--detach", "--rollback", plan.core)
    rollout.say(f"rolling {plan.core} back" + (f" failed: {refused}" if refused else ""))
    if not refused:
        _watch(rollout._replace(limit=min(rollout.limit, ROLLBACK)), rollout.look((plan.core,)), (plan.core,))
    return outcome


def made_by(config: InterlockConfig, snapshot: Snapshot) -> list[Service]:
    """Return the services that there are of those that a config makes, in the order of their names."""
    names = service_names(config)
    return [service for service in snapshot.services if service.name in names]
