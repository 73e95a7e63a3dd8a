"""docker takes over: it is run on the bytes that were checked, and what becomes of them is watched if asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from lblint import UncheckedError
from lblint.cli import cluster_connection, output
from lblint.cli.deploy_check import Content
from lblint.cli.exit_codes import EXIT_UNSETTLED
from lblint.cli.progress import line as progress
from lblint.deploy import client as clients
from lblint.deploy import pflag
from lblint.deploy.client import Docker
from lblint.deploy.convergence import Outcome, State, Watch, watch
from lblint.deploy.culprit import culprit, last_words
from lblint.stack import Stack
from lblint.swarm.connection import Swarm
from lblint.swarm.proxies import is_proxy
from lblint.swarm.retry import patient

if TYPE_CHECKING:
    from lblint.deploy.plan import Plan
    from lblint.stack import Stack


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
