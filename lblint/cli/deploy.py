"""`lblint deploy`: `docker stack deploy` behind a check of the files and of the cluster.

docker is run on the bytes that were checked, and what becomes of them is watched if asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lblint import UncheckedError
from lblint.cli import cluster_connection, deploy_check, inputs, output
from lblint.cli.check import split_names
from lblint.cli.deploy_check import Content
from lblint.cli.exit_codes import EXIT_FINDINGS, EXIT_UNSETTLED
from lblint.cli.options import DEFAULT_MAX_FINDINGS, DOCKER_DEPLOY
from lblint.cli.progress import line as progress
from lblint.deploy import client as clients
from lblint.deploy import pflag
from lblint.deploy.client import Docker
from lblint.deploy.convergence import Outcome, State, Watch, watch
from lblint.deploy.culprit import culprit, last_words
from lblint.lint import make_options
from lblint.stack import Stack
from lblint.swarm.connection import Swarm
from lblint.swarm.proxies import is_proxy
from lblint.swarm.retry import patient

if TYPE_CHECKING:
    from lblint.deploy.plan import Plan


def deploy(
    stack: str,
    compose_files: tuple[str, ...],
    host: str | None,
    context: str | None,
    config: str,
    no_config: bool,
    client: str,
    interlock_config: str,
    interlock_version: str,
    nginx: str,
    running: tuple[str, ...],
    fail_on: str | None,
    ignore: tuple[str, ...],
    suppress: str,
    offline: bool,
    dry_run: bool,
    wait_: bool,
    wait_timeout: float,
    color: str,
    **docker_options: Any,
) -> int:
    """Check a stack and the cluster, show what will change, and only then run docker stack deploy.

    Takes the options of docker stack deploy, and hands them on. Every file is read once: docker gets the bytes that
    were checked.

    Exit code: that of docker; 1 findings at or above --fail-on, 2 could not check: then docker was not started. With
    --wait 3, where the services or the proxies do not come to rest.
    """
    from lblint.deploy.pinned_files import folder
    from lblint.report import render_text

    cluster_connection.named(stack)
    if wait_ and offline:
        raise UncheckedError("--wait and --offline exclude each other")
    contents = deploy_check.contents(compose_files)
    docker = cluster_connection.docker(host, context)
    live = None if offline else deploy_check.managers(host, context)
    options = make_options(
        stack,
        client=client or docker.version,
        base=folder(contents[0][0]),
        nginx=nginx,
        deploying=True,
        prune=bool(docker_options["prune"]),
        live=live,
        suppress=suppress,
    )
    options = inputs.with_rules(options, (), split_names(ignore))
    options = inputs.with_interlock(inputs.with_running(options, running), interlock_config, interlock_version)
    options, fails = deploy_check.under(
        [name for name, _ in contents], inputs.config_of(config, no_config), options, fail_on
    )
    result = deploy_check.check(contents, options)
    output.write(render_text(result._replace(most=DEFAULT_MAX_FINDINGS), output.colored(color), output.width()))
    if any(finding.severity >= fails for finding in result.findings):
        output.say(f"{stack} is not deployed: docker was not started")
        return EXIT_FINDINGS
    change = deploy_check.planned(result, live(frozenset([stack])), bool(docker_options["prune"])) if live else None
    output.write(deploy_check.shown(change, stack, result))
    if dry_run:
        return 0
    words = {option.names[-1].removeprefix("--"): docker_options[option.parameter] for option in DOCKER_DEPLOY}

    def start() -> int:
        return run(docker, words, contents, stack)

    if not wait_ or change is None:
        return start()
    return run_and_wait(start, docker, result.checked.stacks[0], change, context, host, wait_timeout)


def run(docker: clients.Docker, options: Mapping[str, object], contents: Sequence[Content], stack: str) -> int:
    """Run docker on these bytes with these options; its exit code. Raises `UncheckedError` where it cannot be run."""
    from lblint.deploy.pinned_files import mirrored

    try:
        with mirrored(contents) as mirror:
            words = ["stack", "deploy", *pflag.words(options, mirror.names), "--", stack]
            code = clients.run(docker.command(*words), mirror.descriptors)
    except clients.ClientError as error:
        raise UncheckedError(f"{error}; nothing is deployed") from None
    except OSError as error:
        raise UncheckedError(f"the files cannot be handed to docker: {error}; nothing is deployed") from None
    if code:
        output.say(f"docker stack deploy ended with {code}: what it had done of {stack} until then stays")
    return code


def run_and_wait(
    start: Callable[[], int],
    docker: clients.Docker,
    stack: Stack,
    change: Plan,
    context: str | None,
    host: str | None,
    limit: float,
) -> int:
    """Run docker by `start`, and watch the stack and the proxies for at most `limit` seconds if it went well.

    Raises `UncheckedError`.
    """
    from lblint.swarm.errors import SwarmError

    with cluster_connection.open_swarm(context, host) as swarm:
        try:
            before = look(swarm, str(stack.name), change.proxies)
        except SwarmError as error:
            raise UncheckedError(f"{error}; nothing is deployed") from None
        code = start()
        try:
            return code or wait(swarm, docker, stack, before, change.proxies, limit)
        except KeyboardInterrupt:
            progress("")
            output.say(f"{stack.name} is deployed; whether it comes to rest was not awaited")
            raise
        except SwarmError as error:
            raise UncheckedError(f"{error}; {stack.name} is deployed, and what becomes of it is not known") from None


def look(swarm: Swarm, stack: str, proxies: tuple[str, ...] = ()) -> State:
    """The managers, and the tasks of the stack and of the proxies, also of those that only Interlock's config calls so.
    Raises `SwarmError`."""
    from lblint.swarm.snapshot import snapshot
    from lblint.swarm.tasks import tasks_of_services

    now = snapshot(swarm, [stack])
    watched = [s.id for s in now.services if s.stack == stack or is_proxy(s) or s.name in proxies]
    return State(now, tasks_of_services(swarm, watched))


def wait(swarm: Swarm, docker: Docker, stack: Stack, before: State, proxies: tuple[str, ...], limit: float) -> int:
    """Watch until all is at rest, and say what became of it; 0, or 3 if it is not well. Raises `SwarmError`."""
    name = str(stack.name)
    again = patient(lambda: look(swarm, name, proxies))
    outcome = watch(Watch(name, before, proxies), again, progress, limit)
    progress("")
    if not outcome.troubles and not outcome.waiting:
        there = [s.name for s in again().snapshot.services if is_proxy(s) or s.name in proxies]
        with_them = f", and {', '.join(there)}" if there else "; there is no proxy of Interlock to watch"
        output.write(output.shown(f"{name} is at rest{with_them}\n"))
        return 0
    _tell(outcome, docker, stack, limit)
    return EXIT_UNSETTLED


def _tell(outcome: Outcome, docker: Docker, stack: Stack, limit: float) -> None:
    """Say what became of a stack, without the values of environment variables, which labels and images may have."""
    from lblint.lint.redaction import Redactor

    shown = Redactor(stack.values, (), [str(stack.name)]).text
    for trouble in outcome.troubles:
        output.say(shown(f"{trouble.service.name}: {trouble.said}"))
        words = last_words(docker, trouble.task) if trouble.task else ""
        if words:
            output.say(shown(f"{trouble.service.name} says: {words}"))
        guilty = culprit(stack, words) if is_proxy(trouble.service) and words else None
        if guilty:
            label = guilty.label
            output.say(shown(f"most likely by {label.key}: {label.value} of service {guilty.service.key}"))
    if not outcome.troubles:
        output.say(f"{stack.name} is not at rest after {limit:g} seconds: waiting for {'; '.join(outcome.waiting)}")
