"""`lblint interlock apply`: a config.toml is checked, becomes the next config object, and the core runs with it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from lblint import UncheckedError
from lblint.cli import cluster_connection, inputs, interlock_config, output
from lblint.cli.check import split_names
from lblint.cli.exit_codes import EXIT_FINDINGS, EXIT_UNCHECKED, EXIT_UNSETTLED
from lblint.cli.options import DEFAULT_FAIL_ON
from lblint.cli.progress import line as progress
from lblint.finding import Severity
from lblint.lint import Options, make_options
from lblint.settings import Variables

if TYPE_CHECKING:
    from lblint.deploy.client import Docker
    from lblint.deploy.convergence import State
    from lblint.deploy.core_update import CorePlan, Result
    from lblint.interlock.config import InterlockConfig
    from lblint.source.toml import TomlSource
    from lblint.swarm.connection import Swarm
    from lblint.swarm.core_config import CoreConfig
    from lblint.swarm.model import Snapshot


def apply(
    file: str,
    host: str | None,
    context: str | None,
    service: str,
    fail_on: str | None,
    ignore: tuple[str, ...],
    config: str,
    no_config: bool,
    prune: bool,
    dry_run: bool,
    yes: bool,
    timeout: float,
    color: str,
) -> int:
    """Run Interlock with the config in FILE.

    Checks FILE, alone and against the Swarm, under the .lblint.yml above it, and shows what changes. Then it creates
    the next config object, with the labels of the running one, updates ucp-interlock so that it is rolled back if it
    fails, and waits for it and its proxies. If the core or a proxy does not run, the old config is in force again.
    Nothing is removed without --prune.

    Exit code: 0 applied, or nothing to do; 1 nothing was changed because of findings, or nobody agreed; 2 could not
    check or start; 3 rolled back, or not all proxies run.
    """
    from lblint.deploy.core_update import plan_update

    source = interlock_config.read_file(file)
    options, least = _under(file, inputs.config_of(config, no_config), fail_on, ignore)
    snapshot, running = interlock_config.running_config(host, context, service)
    code = _check(source, snapshot, running, options, least, color)
    if code:
        output.say(f"{file} is not applied: {running.service.name} still runs with {running.use.name}")
        return code
    new = interlock_config.config_of(source)
    old = _read(running)
    plan = plan_update(snapshot, running, new, old)
    if source.text == running.text:
        output.write(output.shown(f"{plan.core} already runs with this config, {running.use.name}\n"))
        return 0
    output.write(output.shown(_render_plan(plan, old, new, file, prune)))
    if dry_run:
        return 0
    if not yes and not _agreed(plan):
        output.say("nothing is changed")
        return EXIT_FINDINGS
    return _apply(plan, source, new, cluster_connection.docker(host, context), host, context, prune, timeout)


def _under(file: str, config: str | None, fail_on: str | None, ignore: Sequence[str]) -> tuple[Options, Severity]:
    """Return the options of the check, and the severity that keeps a config from being applied, with what the settings
    say above the file. Their own `interlock: config` is left out: it is this file that is to be applied."""
    options = inputs.with_rules(make_options(suppress="own"), (), split_names(ignore))
    settings = inputs.settings_of([file], config)
    if settings is not None:
        from lblint.cli.settings import options_under

        options = options_under(settings._replace(config="", variables=Variables(), stacks=()), options, [])
        fail_on = fail_on or settings.fail_on
    return options, Severity[(fail_on or DEFAULT_FAIL_ON).upper()]


def _check(
    source: TomlSource,
    snapshot: Snapshot,
    running: CoreConfig,
    options: Options,
    least: Severity,
    color: str,
) -> int:
    """Write what is found in a config beside the Swarm; 0, or the exit code that keeps it from being applied."""
    from lblint.report import render_text
    from lblint.swarm.model import Interlock

    known = snapshot._replace(interlock=Interlock(running.service, running.use.name, running.text))
    options = options._replace(surroundings=options.surroundings._replace(live=lambda stacks: known))
    result = inputs.check_all([[source]], options)
    output.write(render_text(result, output.colored(color), output.width()))
    if result.unchecked:
        return EXIT_UNCHECKED
    return EXIT_FINDINGS if any(finding.severity >= least for finding in result.findings) else 0


def _read(running: CoreConfig) -> InterlockConfig | None:
    """Return the config that runs, read; None for what is not one of Interlock 2 or 3."""
    from lblint.interlock.config import read_config
    from lblint.source.toml import read_toml

    old = read_config(read_toml(running.text.encode(), running.use.name))
    return old if old.sound else None


def _render_plan(plan: CorePlan, old: InterlockConfig | None, new: InterlockConfig, file: str, prune: bool) -> str:
    """Return what changes, and the commands that docker is run with."""
    import shlex

    from lblint.interlock.config_changes import compare_configs
    from lblint.report.config_changes import render_changes

    lines = [f"{plan.core}: {plan.running.use.name} -> {plan.name}\n"]
    lines.append(render_changes(compare_configs(old, new)) if old else "the running config cannot be read\n")
    if plan.running.others:
        lines.append(f"{', '.join(plan.running.others)} keeps {plan.running.use.name}\n")
    lines.append(f"\ndocker {shlex.join(plan.create[:-1])} {shlex.quote(file)}\ndocker {shlex.join(plan.update)}\n")
    if plan.left:
        names = " ".join(service.name for service in plan.left)
        lines.append(f"{'' if prune else '# with --prune: '}docker service rm {names}\n")
    return "".join(lines)


def _agreed(plan: CorePlan) -> bool:
    if sys.stdin is not None and sys.stdin.isatty():
        output.say(f"this changes the proxies that all stacks are reached through ({plan.core})")
    return cluster_connection.agree(
        "apply?", "apply asks before it acts, and there is no terminal: add --yes; nothing is changed"
    )


def _apply(
    plan: CorePlan,
    source: TomlSource,
    new: InterlockConfig,
    docker: Docker,
    host: str | None,
    context: str | None,
    prune: bool,
    limit: float,
) -> int:
    from lblint.deploy.core_update import Rollout, RolloutError, roll_out
    from lblint.swarm.errors import SwarmError

    with cluster_connection.open_swarm(context, host) as swarm:
        try:
            rollout = Rollout(plan, docker, _look(swarm), _line, progress, prune, limit)
            result = roll_out(rollout, source.text.encode())
        except RolloutError as error:
            progress("")
            raise UncheckedError(str(error)) from None
        except SwarmError as error:
            progress("")
            raise UncheckedError(
                f"{error}; what became of {plan.name} is not known: see lblint interlock show and lblint status"
            ) from None
        except KeyboardInterrupt:
            progress("")
            output.say(f"the wait is over, and the update of {plan.core} goes on: see lblint interlock show")
            raise
    return _tell(plan, new, result, docker, limit)


def _look(swarm: Swarm) -> Callable[[Sequence[str]], State]:
    from lblint.deploy.convergence import State
    from lblint.swarm.retry import patient
    from lblint.swarm.snapshot import snapshot
    from lblint.swarm.tasks import tasks_of_services

    def look(names: Sequence[str]) -> State:
        def once() -> State:
            now = snapshot(swarm)
            return State(now, tasks_of_services(swarm, [s.id for s in now.services if s.name in names]))

        return patient(once)()

    return look


def _tell(plan: CorePlan, new: InterlockConfig, result: Result, docker: Docker, limit: float) -> int:
    """Say what became of it; the exit code."""
    from lblint.deploy.core_update import made_by
    from lblint.deploy.culprit import last_words
    from lblint.swarm.core_config import service_names

    for trouble in result.troubles:
        output.say(f"{trouble.service.name}: {trouble.said}")
        words = last_words(docker, trouble.task) if trouble.task else ""
        if words:
            output.say(f"{trouble.service.name} says: {words}")
    if result.waiting and not result.troubles:
        output.say(f"after {limit:g} seconds still waiting: {'; '.join(result.waiting)}")
    if result.config != plan.name:
        output.say(f"{result.config} is in force; {plan.name} is not used: docker config rm {plan.name} removes it")
        old = _read(plan.running)
        there = service_names(old) if old else frozenset[str]()
        extra = [service.name for service in made_by(new, result.snapshot) if service.name not in there]
        if extra:
            output.say(f"left over from {plan.name}: docker service rm {' '.join(extra)}")
        if result.removed:
            output.say(f"{', '.join(result.removed)} was removed: the core creates it again")
        return EXIT_UNSETTLED
    for service in made_by(new, result.snapshot):
        wanted = service.desired if service.desired is not None else service.replicas
        _line(f"{service.name}: {'?' if service.running is None else service.running} of "
              f"{'?' if wanted is None else wanted} tasks run")  # fmt: skip
    left = [service.name for service in plan.left if service.name not in result.removed]
    for name, refused in result.kept:
        output.say(f"service {name} is not removed:\ndocker: {refused}")
    if left:
        output.say(f"left over, and no longer in the config: docker service rm {' '.join(left)}")
    if not result.troubles and not result.waiting:
        _line(f"{plan.core} runs with {plan.name}; to go back: docker service rollback {plan.core}")
        return 0
    output.say(f"{plan.name} is in force; to go back to {plan.running.use.name}: docker service rollback {plan.core}")
    return EXIT_UNSETTLED


def _line(text: str) -> None:
    progress("")
    output.write(output.shown(text + "\n"))
