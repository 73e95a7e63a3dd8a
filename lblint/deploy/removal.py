"""The removal of a stack, to the end: services, then the proxies' hold on its networks, then the networks.

`docker stack rm` stops where a proxy still is on a network of the stack; a deploy then meets half a network. Here every
step looks at what is left, so that it can be broken off and run again.

Source: docker/cli cli/command/stack/swarm/remove.go; a manager refuses to remove a network that a service or a task
uses (swarmkit manager/controlapi/network.go RemoveNetwork).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lblint.deploy.client import Docker
from lblint.record import NamedTuple
from lblint.swarm.model import Snapshot
from lblint.swarm.proxies import is_proxy
from lblint.swarm.tasks import OVER, Task

PAUSE = 1.0
"""Seconds between two looks."""
SILENCE = 60.0
"""Seconds that one docker command may take."""


class Left(NamedTuple):
    """What there still is of a stack, by name and id; `dying` networks are removed, but a node still lists them.

    `held` maps the id of a network to the names of the services of others on it, `proxies` are those of them that are
    Interlock's; `tasks` counts those that are not over.
    """

    services: Mapping[str, str] = {}
    networks: Mapping[str, str] = {}
    dying: tuple[str, ...] = ()
    secrets: Mapping[str, str] = {}
    configs: Mapping[str, str] = {}
    held: Mapping[str, tuple[str, ...]] = {}
    proxies: frozenset[str] = frozenset()
    tasks: int = 0

    @property
    def nothing(self) -> bool:
        """Whether all is gone."""
        return not (self.services or self.networks or self.dying or self.secrets or self.configs or self.tasks)

    @property
    def foreign(self) -> dict[str, tuple[str, ...]]:
        """The networks that services hold which are neither the stack's nor proxies: they will not let go."""
        others = {self.networks[net]: tuple(n for n in names if n not in self.proxies) for net, names in
                  self.held.items()}  # fmt: skip
        return {net: names for net, names in others.items() if names}

    def lines(self) -> list[str]:
        """What is left, a line for each kind."""
        kinds = (("service", self.services), ("secret", self.secrets), ("config", self.configs))
        found = [f"{kind} {', '.join(sorted(names))}" for kind, names in kinds if names]
        for net, name in sorted(self.networks.items(), key=lambda item: item[1]):
            held = self.held.get(net)
            found.append(f"network {name}" + (f", held by {', '.join(held)}" if held else ""))
        found += [f"network {name}, until the node has let it go" for name in self.dying]
        return found + ([f"{self.tasks} {'task' if self.tasks == 1 else 'tasks'}, stopping"] if self.tasks else [])


def left(live: Snapshot, tasks: tuple[Task, ...], stack: str) -> Left:
    """What there is of a stack."""
    own = [network for network in live.networks if network.stack == stack]
    held: dict[str, tuple[str, ...]] = {}
    for network in own:
        users = (s for s in live.services if s.stack != stack and any(at.network == network.id for at in s.networks))
        names = tuple(service.name for service in users)
        if names:
            held[network.id] = names
    return Left(
        services={s.name: s.id for s in live.services if s.stack == stack},
        networks={network.id: network.name for network in own if not network.dying},
        dying=tuple(network.name for network in own if network.dying),
        secrets={one.name: one.id for one in live.secrets if one.stack == stack},
        configs={one.name: one.id for one in live.configs if one.stack == stack},
        held={net: names for net, names in held.items() if net in {n.id for n in own if not n.dying}},
        proxies=frozenset(service.name for service in live.services if is_proxy(service)),
        tasks=sum(task.state not in OVER for task in tasks),
    )


class Removal(NamedTuple):
    """How a removal is done: `look` tells what is left, `say` takes a line, `progress` one that the next replaces;
    `detach` takes the proxies off the networks instead of waiting for Interlock to do it; `limit` in seconds."""

    stack: str
    docker: Docker
    look: Callable[[], Left]
    say: Callable[[str], None]
    progress: Callable[[str], None]
    detach: bool = False
    limit: float = 300


def remove(removal: Removal) -> Left:
    """Remove what is left of a stack and wait until it is gone; what is left when the time is over.

    Raises what `look` raises.
    """
    from time import monotonic, sleep

    end = monotonic() + removal.limit
    now = removal.look()
    _docker(removal, "service", now.services, "removing service")
    asked: set[tuple[str, str]] = set()
    while True:
        now = removal.look()
        _docker(removal, "secret", now.secrets, "removing secret")
        _docker(removal, "config", now.configs, "removing config")
        if removal.detach and not now.services:
            _detach(removal, now, asked)
        free = {name: net for net, name in now.networks.items() if net not in now.held}
        if not now.services:
            _docker(removal, "network", free, "removing network", quiet=True)
        if not (now.services or free or now.secrets or now.configs):
            now = removal.look() if now.networks or now.dying or now.tasks else now
        if now.nothing or monotonic() >= end:
            return now
        removal.progress("waiting for " + "; ".join(now.lines()))
        sleep(PAUSE)


def _docker(removal: Removal, kind: str, things: Mapping[str, str], said: str, quiet: bool = False) -> None:
    """`docker KIND rm`, one by one; what is refused is tried again at the next look."""
    for name, number in sorted(things.items()):
        done = _run(removal, kind, "rm", number)
        if not done:
            removal.say(f"{said} {name}")
        elif not quiet:
            removal.progress(f"{kind} {name}: {done}")


def _detach(removal: Removal, now: Left, asked: set[tuple[str, str]]) -> None:
    """Take each proxy off all networks of the stack in one update, once."""
    for proxy in sorted(now.proxies):
        nets = [net for net, names in now.held.items() if proxy in names and (proxy, net) not in asked]
        if nets:
            asked.update((proxy, net) for net in nets)
            names = ", ".join(sorted(now.networks[net] for net in nets))
            words = [word for net in nets for word in ("--network-rm", now.networks[net])]
            done = _run(removal, "service", "update", "--detach", *words, proxy)
            removal.say(f"detaching {proxy} from {names}" + (f": {done}" if done else ""))


def _run(removal: Removal, *words: str) -> str:
    """Run docker without a terminal; "" or what it says against it."""
    import subprocess

    try:
        done = subprocess.run(removal.docker.command(*words), capture_output=True, text=True, check=False,
                              errors="replace", stdin=subprocess.DEVNULL, timeout=SILENCE)  # fmt: skip
    except subprocess.TimeoutExpired:
        return f"docker {words[0]} {words[1]} has not ended in {SILENCE:g} seconds"
    except OSError as error:
        return f"docker cannot be run: {error.strerror or error}"
    return (done.stderr.strip() or f"exit code {done.returncode}") if done.returncode else ""
