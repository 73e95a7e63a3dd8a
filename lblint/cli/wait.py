"""`lblint deploy --wait`: watches the services and the proxies after the deploy."""

from __future__ import annotations

from lblint.cli import output
from lblint.cli.exit_codes import EXIT_UNSETTLED
from lblint.cli.progress import line as progress
from lblint.deploy.blame import culprit, last_words
from lblint.deploy.client import Docker
from lblint.deploy.convergence import Outcome, State, Watch, watch
from lblint.stack import Stack
from lblint.swarm.connection import Swarm
from lblint.swarm.proxies import is_proxy
from lblint.swarm.retry import patient


def look(swarm: Swarm, stack: str) -> State:
    """The managers, and the tasks that matter. Raises `SwarmError`."""
    from lblint.swarm.snapshot import snapshot
    from lblint.swarm.tasks import tasks_of_services

    now = snapshot(swarm, [stack])
    watched = [service.id for service in now.services if service.stack == stack or is_proxy(service)]
    return State(now, tasks_of_services(swarm, watched))


def wait(swarm: Swarm, docker: Docker, stack: Stack, before: State, routes: bool, limit: float) -> int:
    """Watch until all is at rest, and say what became of it; 0, or 3 if it is not well. Raises `SwarmError`."""
    name = str(stack.name)
    again = patient(lambda: look(swarm, name))
    found = watch(Watch(name, before, routes), again, progress, limit)
    progress("")
    if not found.troubles and not found.waiting:
        proxies = [service.name for service in again().snapshot.services if is_proxy(service)]
        with_them = f", and {', '.join(proxies)}" if proxies else "; there is no proxy of Interlock to watch"
        output.write(output.shown(f"{name} is at rest{with_them}\n"))
        return 0
    _tell(found, docker, stack, limit)
    return EXIT_UNSETTLED


def _tell(found: Outcome, docker: Docker, stack: Stack, limit: float) -> None:
    for trouble in found.troubles:
        output.say(f"{trouble.service.name}: {trouble.said}")
        words = last_words(docker, trouble.task) if trouble.task else ""
        if words:
            output.say(f"{trouble.service.name} says: {words}")
        guilty = culprit(stack, words) if is_proxy(trouble.service) and words else None
        if guilty:
            output.say(f"most likely by {guilty.label.key}: {guilty.label.value} of service {guilty.service.key}")
    if not found.troubles:
        output.say(f"{stack.name} is not at rest after {limit:g} seconds: waiting for {'; '.join(found.waiting)}")
