"""docker takes over: it is run on the bytes that were checked, and what becomes of them is watched if asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from lblint import UncheckedError
from lblint.cli import cluster, output
from lblint.cli.deploy_check import Content
from lblint.deploy import client as clients
from lblint.deploy import docker_flags

if TYPE_CHECKING:
    from lblint.deploy.plan import Plan
    from lblint.stack import Stack


def run(docker: clients.Docker, given: Mapping[str, object], contents: Sequence[Content], stack: str) -> int:
    """Run docker on these bytes with these options; its exit code. Raises `UncheckedError` where it cannot be run."""
    from lblint.deploy.pinned_files import mirrored

    try:
        with mirrored(contents) as mirror:
            words = ["stack", "deploy", *docker_flags.words(given, mirror.names), "--", stack]
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
    from lblint.cli.wait import look, wait
    from lblint.swarm.errors import SwarmError

    with cluster.open_swarm(context, host) as swarm:
        try:
            before = look(swarm, str(stack.name))
        except SwarmError as error:
            raise UncheckedError(f"{error}; nothing is deployed") from None
        code = start()
        try:
            return code or wait(swarm, docker, stack, before, bool(change.hosts or change.attached), limit)
        except SwarmError as error:
            raise UncheckedError(f"{error}; {stack.name} is deployed, and what becomes of it is not known") from None
