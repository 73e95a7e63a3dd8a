"""`lblint rm`: a stack is removed to the end, the proxies' hold on its networks included."""

from __future__ import annotations

import sys
from collections.abc import Callable

from lblint import UncheckedError
from lblint.cli import output
from lblint.cli.cluster_connection import agree, docker, named, open_swarm
from lblint.cli.exit_codes import EXIT_FINDINGS, EXIT_UNSETTLED
from lblint.cli.progress import line as progress
from lblint.deploy.removal import Left, Removal, left, remove
from lblint.swarm.connection import Swarm


def rm(stack: str, host: str | None, context: str | None, detach_proxy: bool, yes: bool, timeout: float) -> int:
    """Remove a stack and wait until all of it is gone, so that it can be deployed again.

    Services first; then Interlock lets go of the stack's networks (or --detach-proxy makes it); then the networks. It
    can be broken off at any time and run again.

    Exit code: 0 all gone, 1 nothing was done, as others use what is the stack's, or nobody agreed, 2 the cluster could
    not be read, 3 something is left when the time is over.
    """
    named(stack)
    client = docker(host, context)
    with open_swarm(context, host) as swarm:
        look = _look(swarm, stack)
        now = look()
        if now.nothing:
            output.say(f"there is nothing of a stack {stack}")
            return 0
        for thing, names in sorted(now.foreign.items()):
            output.say(f"nothing is removed: {thing} is used by {', '.join(names)}, which is not of this stack")
        containers = _containers(swarm, now)
        for network, names in containers.items():
            output.say(
                f"nothing is removed: network {now.networks[network]} is used by container {', '.join(names)}, which "
                f"is not of this stack: docker network disconnect {now.networks[network]} {names[0]}, or remove it"
            )
        if now.foreign or containers:
            return EXIT_FINDINGS
        _tell(now)
        if detach_proxy and now.held and not yes and not _agreed(now):
            output.say("nothing is removed")
            return EXIT_FINDINGS
        now = remove(Removal(stack, client, look, _line, progress, detach_proxy, timeout))
        progress("")
    for line in now.lines():
        output.say(f"left of {stack}: {line}")
    for thing, words in sorted(now.reasons.items()):
        if words and thing in now.things:
            output.say(f"{thing} is not removed:\ndocker: {words}")
    if now.nothing:
        _line(f"{stack} is gone")
        return 0
    hint = "" if detach_proxy or not now.held else ", or --detach-proxy to take the proxies off its networks"
    output.say(f"{stack} is not gone after {timeout:g} seconds: run lblint rm {stack} again{hint}")
    return EXIT_UNSETTLED


def _containers(swarm: Swarm, now: Left) -> dict[str, tuple[str, ...]]:
    """The networks of the stack (by id) that containers are on which nobody's service runs; those of the node that is
    asked, where the daemon tells them."""
    from lblint.swarm.errors import RefusedError, SwarmError
    from lblint.swarm.tasks import containers_on

    try:
        return containers_on(swarm, now.networks)
    except RefusedError as error:
        output.say(f"{error}; whether containers are on the networks is not known")
        return {}
    except SwarmError as error:
        raise UncheckedError(f"{error}; nothing is removed") from None


def _look(swarm: Swarm, stack: str) -> Callable[[], Left]:
    from lblint.swarm.errors import RefusedError, SwarmError
    from lblint.swarm.retry import patient
    from lblint.swarm.snapshot import snapshot
    from lblint.swarm.tasks import tasks_of_stack

    def look() -> Left:
        live = snapshot(swarm, [stack])
        for name in live.refused.keys() - {"nodes"}:
            raise RefusedError(live.refused[name])
        return left(live, tasks_of_stack(swarm, stack), stack)

    def patiently() -> Left:
        try:
            return patient(look)()
        except SwarmError as error:
            raise UncheckedError(f"{error}; what is left of {stack} is not known: run it again") from None

    return patiently


def _tell(now: Left) -> None:
    for net, names in sorted(now.held.items(), key=lambda item: now.networks[item[0]]):
        _line(f"network {now.networks[net]} is held by {', '.join(names)}")


def _agreed(now: Left) -> bool:
    proxies = sorted({name for names in now.held.values() for name in names})
    if sys.stdin is not None and sys.stdin.isatty():
        _line(f"detaching restarts {', '.join(proxies)}, through which the requests of all stacks come")
    return agree("detach?", "--detach-proxy asks before it acts, and there is no terminal: add -y")


def _line(text: str) -> None:
    progress("")
    output.write(output.shown(text + "\n"))
