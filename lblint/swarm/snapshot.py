"""The managers -> a snapshot, by a number of calls that does not grow with what they hold."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

from lblint.swarm import api_decode
from lblint.swarm.api_decode import OddAnswerError
from lblint.swarm.connection import Swarm, within
from lblint.swarm.connection_errors import leaderless, not_a_manager, without_leader
from lblint.swarm.errors import RefusedError, SwarmError
from lblint.swarm.model import FileObject, Network, Node, Service, Snapshot
from lblint.swarm.proxies import wanted, with_interlock

Item = TypeVar("Item")

LIMIT = 60
"""Seconds that a snapshot may last."""
MOST_SUSPECTS = 20
"""So many networks are asked after one by one, at most."""
PREDEFINED = ("host", "bridge")
"""Networks of the Swarm that no list holds (moby daemon/cluster/networks.go filterPredefinedNetworks)."""


def snapshot(swarm: Swarm, stacks: Collection[str] = (), *, limit: float = LIMIT) -> Snapshot:
    """What the managers have now.

    Six calls at the same time, two more where a service is on the predefined `host` or `bridge`, and one for each
    network of `stacks` that no service uses: only so is it known whether the managers have already removed it.
    Whoever may not see secrets, configs or nodes, or not look at single networks, gets the rest, and is told in
    `refused`; nothing is known without services and networks.
    Raises `SwarmError` where something else is not told, or not within `limit` seconds.
    """
    return within(limit, swarm.endpoint, lambda: _snapshot(swarm, frozenset(stacks)))


def _snapshot(swarm: Swarm, stacks: frozenset[str]) -> Snapshot:
    client = swarm.client
    status = {"status": True} if swarm.api >= (1, 41) else {}
    answers = _ask_all(
        {
            "info": client.info,
            "services": lambda: client.services(**status),
            "networks": client.networks,
            "secrets": client.secrets,
            "configs": client.configs,
            "nodes": client.nodes,
        }
    )
    with swarm.asking("its state"):
        info = answers["info"]()
        own = api_decode.part(info, "Swarm")
        manager = own.get("ControlAvailable") is True
        error = (
            api_decode.text(own, "Error")
            or f"it is {api_decode.text(own, 'LocalNodeState') or 'inactive'} in the Swarm"
        )
    if not manager:
        at = f"the daemon at {swarm.shown}"
        raise SwarmError(leaderless(at, error) if without_leader(error) else not_a_manager(at, error))
    services = _list(swarm, answers, "services", api_decode.service)
    networks = _list(swarm, answers, "networks", api_decode.network)
    texts = wanted(services)
    secrets: list[FileObject] = []
    configs: list[FileObject] = []
    nodes: list[Node] = []
    refused: dict[str, str] = {}
    with _noting(refused, "secrets"):
        secrets = _list(swarm, answers, "secrets", api_decode.secret)
    with _noting(refused, "configs"):
        configs = _list(swarm, answers, "configs", lambda answer: api_decode.config(answer, texts))
    with _noting(refused, "nodes"):
        nodes = _list(swarm, answers, "nodes", api_decode.node)
    with _noting(refused, "networks"):
        networks += _predefined(swarm, services, networks)
        networks = _dying(swarm, services, networks, stacks)
    snapshot = Snapshot(
        daemon=swarm.endpoint.host or "the local socket",
        services=tuple(sorted(services, key=lambda service: service.name)),
        networks=tuple(sorted(networks, key=lambda network: network.name)),
        secrets=tuple(sorted(secrets, key=lambda secret: secret.name)),
        configs=tuple(sorted(configs, key=lambda config: config.name)),
        nodes=tuple(sorted(nodes, key=lambda node: node.hostname)),
        refused=refused,
    )
    return with_interlock(snapshot, {config.name: config.text for config in configs})


@contextmanager
def _noting(refused: dict[str, str], name: str) -> Iterator[None]:
    """Go on without what the daemon refuses to tell."""
    try:
        yield
    except RefusedError as error:
        refused[name] = str(error)


def _ask_all(questions: Mapping[str, Callable[[], Any]]) -> dict[str, Callable[[], Any]]:
    """Ask questions at the same time, each over a connection of its own, and wait until all are answered. What is
    returned for each gives the answer, or raises what was raised."""
    from threading import Thread

    answers: dict[str, Callable[[], Any]] = {}

    def ask(name: str, question: Callable[[], Any]) -> None:
        try:
            answer = question()
            answers[name] = lambda: answer
        except BaseException as error:
            answers[name] = partial(_raise, error)

    threads = [Thread(target=ask, args=question, daemon=True) for question in questions.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def _raise(error: BaseException) -> None:
    raise error


def _list(swarm: Swarm, answers: Mapping[str, Callable[[], Any]], name: str, read: Callable[[Any], Item]) -> list[Item]:
    with swarm.asking(f"the list of {name}"):
        answer = answers[name]()
        if answer is None:  # Go's empty list
            return []
        if not isinstance(answer, list):
            raise OddAnswerError("it is no list")
        return [read(item) for item in answer]


def _predefined(swarm: Swarm, services: list[Service], networks: list[Network]) -> list[Network]:
    """The networks of the Swarm by these names, if a service is on a network that the list lacks."""
    known = {network.id for network in networks}
    if all(at.network in known for service in services for at in service.networks):
        return []
    predefined = (of_the_swarm(swarm, name) for name in PREDEFINED)
    return [network for network in predefined if network is not None]


def _dying(swarm: Swarm, services: list[Service], networks: list[Network], stacks: frozenset[str]) -> list[Network]:
    """The networks, with those marked that the node still lists and the managers have removed.

    A node keeps a network until its last task has left. A deploy meanwhile takes it for there, and every service that
    is to join it is refused.
    """
    used = {at.network for service in services for at in service.networks}
    suspects = [n for n in networks if n.scope == "swarm" and n.copied and n.stack in stacks and n.id not in used]
    # What the node has of it is of the scope swarm, too: asked for one of scope local, it leaves the answer to the
    # managers, who tell by the whole id whatever the scope (moby api/server/router/network/network_routes.go
    # getNetwork). Asked for one of scope swarm, it would answer for itself.
    gone = {network.id for network in suspects[:MOST_SUSPECTS] if _found(swarm, network.id, "local") is None}
    return [network._replace(dying=True) if network.id in gone else network for network in networks]


def of_the_swarm(swarm: Swarm, name: str) -> Network | None:
    """A network of the Swarm by its name or id; None where there is none."""
    return _found(swarm, name, "swarm")


def _found(swarm: Swarm, name: str, scope: str) -> Network | None:
    with swarm.asking(f"the network {name}"):
        from docker.errors import NotFound

        try:
            return api_decode.network(swarm.client.inspect_network(name, scope=scope))
        except NotFound:
            return None
