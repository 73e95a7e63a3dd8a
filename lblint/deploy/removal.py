"""The removal of a stack, to the end: services, then the proxies' hold on its networks, then the networks.

`docker stack rm` stops where a proxy still is on a network of the stack; a deploy then meets half a network. Here every
step looks at what is left, so that it can be broken off and run again.

Source: docker/cli cli/command/stack/swarm/remove.go; a manager refuses to remove a network that a service or a task
uses (swarmkit manager/controlapi/network.go RemoveNetwork).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lblint.deploy.client import Docker, call
from lblint.records import NamedTuple
from lblint.swarm.model import Snapshot
from lblint.swarm.proxies import is_proxy
from lblint.swarm.tasks import OVER, Task

PAUSE = 1.0
"""Seconds between two looks."""


class Left(NamedTuple):
    """What there still is of a stack, by name and id; `dying` networks are removed, but a node still lists them.

    `held` maps the id of a network to the names of the services of others on it, `proxies` are those of them that are
    Interlock's; `used` maps secrets and configs to the services of others that use them ("secret shop_key"); `tasks`
    counts those that are not over. `reasons` has docker's words for what it did not remove ("network shop_front").
    """

    services: Mapping[str, str] = {}
    networks: Mapping[str, str] = {}
    dying: tuple[str, ...] = ()
    secrets: Mapping[str, str] = {}
    configs: Mapping[str, str] = {}
    held: Mapping[str, tuple[str, ...]] = {}
    proxies: frozenset[str] = frozenset()
    used: Mapping[str, tuple[str, ...]] = {}
    tasks: int = 0
    reasons: Mapping[str, str] = {}

    @property
    def nothing(self) -> bool:
        """Whether all is gone."""
        return not (self.services or self.networks or self.dying or self.secrets or self.configs or self.tasks)

    @property
    def things(self) -> set[str]:
        """All objects that are left, by their kind and name ("network shop_front")."""
        kinds = (("service", self.services), ("secret", self.secrets), ("config", self.configs))
        named = {f"{kind} {name}" for kind, names in kinds for name in names}
        return named | {f"network {name}" for name in (*self.networks.values(), *self.dying)}

    def only(self, ids: frozenset[str]) -> Left:
        """Of what is left, the objects with these ids."""
        return self._replace(
            services={name: number for name, number in self.services.items() if number in ids},
            networks={number: name for number, name in self.networks.items() if number in ids},
            secrets={name: number for name, number in self.secrets.items() if number in ids},
            configs={name: number for name, number in self.configs.items() if number in ids},
            held={number: names for number, names in self.held.items() if number in ids},
        )

    @property
    def foreign(self) -> dict[str, tuple[str, ...]]:
        """What services hold that are neither the stack's nor proxies, by its kind and name: they will not let go."""
        others = {f"network {self.networks[net]}": tuple(n for n in names if n not in self.proxies) for net, names in
                  self.held.items()}  # fmt: skip
        return {thing: names for thing, names in {**others, **self.used}.items() if names}

    def lines(self) -> list[str]:
        """What is left, a line for each kind."""
        kinds = (("service", self.services), ("secret", self.secrets), ("config", self.configs))
        result = [f"{kind} {', '.join(sorted(names))}" for kind, names in kinds if names]
        for net, name in sorted(self.networks.items(), key=lambda item: item[1]):
            held = self.held.get(net)
            result.append(f"network {name}" + (f", held by {', '.join(held)}" if held else ""))
        result += [f"network {name}, until the node has let it go" for name in self.dying]
        return result + ([f"{self.tasks} {'task' if self.tasks == 1 else 'tasks'}, stopping"] if self.tasks else [])


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
        secrets={secret.name: secret.id for secret in live.secrets if secret.stack == stack},
        configs={config.name: config.id for config in live.configs if config.stack == stack},
        held={net: names for net, names in held.items() if net in {n.id for n in own if not n.dying}},
        proxies=frozenset(service.name for service in live.services if is_proxy(service)),
        used=_used(live, stack),
        tasks=sum(task.state not in OVER for task in tasks),
    )


def _used(live: Snapshot, stack: str) -> dict[str, tuple[str, ...]]:
    """The secrets and configs of a stack that services of others use, with their names."""
    own = {("secret", secret.id): secret.name for secret in live.secrets if secret.stack == stack}
    own |= {("config", config.id): config.name for config in live.configs if config.stack == stack}
    users: dict[str, list[str]] = {}
    for service in live.services if own else ():
        uses = {("secret", use.id) for use in service.secrets} | {("config", use.id) for use in service.configs}
        for kind, number in sorted(uses & own.keys()) if service.stack != stack else ():
            users.setdefault(f"{kind} {own[kind, number]}", []).append(service.name)
    return {thing: tuple(names) for thing, names in users.items()}


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

    What is not there at the first look belongs to a deploy that somebody makes meanwhile: that ends it. Raises what
    `look` raises.
    """
    from time import monotonic, sleep

    end = monotonic() + removal.limit
    now = removal.look()
    mine = frozenset((*now.services.values(), *now.networks, *now.secrets.values(), *now.configs.values()))
    asked: set[tuple[str, str]] = set()
    printed: set[str] = set()
    reasons: dict[str, str] = {}
    _docker(removal, "service", now.services, reasons, printed)
    while True:
        now = removal.look()
        if not mine.issuperset(now.services.values()):
            removal.say(f"{removal.stack} is deployed anew meanwhile: no more is removed")
            return now._replace(reasons=reasons)
        own = now.only(mine)
        for kind, things in (("service", own.services), ("secret", own.secrets), ("config", own.configs)):
            _docker(removal, kind, things, reasons, printed)
        if removal.detach and not now.services:
            _detach(removal, own, asked)
        free = {name: net for net, name in own.networks.items() if net not in now.held}
        if not now.services:
            _docker(removal, "network", free, reasons, None)
        if not (now.services or free or own.secrets or own.configs):
            now = removal.look() if now.networks or now.dying or now.tasks else now
        if now.nothing or monotonic() >= end:
            return now._replace(reasons=reasons)
        removal.progress("waiting for " + "; ".join(now.lines()))
        sleep(PAUSE)


def _docker(
    removal: Removal, kind: str, things: Mapping[str, str], reasons: dict[str, str], printed: set[str] | None
) -> None:
    """`docker KIND rm`, one by one; what is refused is tried again at the next look, and told of once, if at all.
    `reasons` takes docker's last words on each."""
    for name, number in sorted(things.items()):
        done = call(removal.docker, kind, "rm", number)
        reasons[f"{kind} {name}"] = done
        line = f"{kind} {name} is not removed: {done}" if done else f"removing {kind} {name}"
        if not done or (printed is not None and line not in printed):
            removal.say(line)
        if done and printed is not None:
            printed.add(line)


def _detach(removal: Removal, now: Left, asked: set[tuple[str, str]]) -> None:
    """Take each proxy off all networks of the stack in one update, once."""
    for proxy in sorted(now.proxies):
        nets = [net for net, names in now.held.items() if proxy in names and (proxy, net) not in asked]
        if nets:
            asked.update((proxy, net) for net in nets)
            names = ", ".join(sorted(now.networks[net] for net in nets))
            words = [word for net in nets for word in ("--network-rm", now.networks[net])]
            done = call(removal.docker, "service", "update", "--detach", *words, proxy)
            removal.say(f"detaching {proxy} from {names}" + (f": {done}" if done else ""))
