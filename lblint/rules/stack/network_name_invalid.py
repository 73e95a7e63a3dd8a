"""A network would have a name that managers refuse.

A network is called `<stack>_<key>`, or what its `name` says: at most 63 characters, letters, digits, `-` and `_`, a
letter or digit at both ends. Names are unique without regard to case, and host, bridge, none, default, ingress and
docker_gwbridge exist already.
"""

from __future__ import annotations

from collections.abc import Iterator

from lblint.finding import Breaks, Hit, Severity, Stage
from lblint.rules import rule
from lblint.stack import Network, Stack
from lblint.swarm.name import is_stack_name, name_fault

_PREDEFINED = ("host", "bridge", "none", "default", "ingress", "docker_gwbridge")


@rule(on=Stack, severity=Severity.ERROR, breaks=Breaks.DEPLOY, stage=Stage.MANAGER_NETWORK)
def check(stack: Stack) -> Iterator[Hit]:
    first: dict[str, tuple[str, str]] = {}
    for network in stack.networks.values():
        if network.external or not network.used:
            continue
        own = str(network.config.get("name") or "")
        if not own and stack.name is not None and not is_stack_name(stack.name):
            continue
        name = own or f"{stack.name or 's'}_{network.key}"
        place = stack.place("networks", network.key, "name") if own else network.place.on_key()
        if network.key == "default" and not network.declared:
            place = next((a.place for s in stack.services for a in s.networks if a.network == "default"), place)
        told = _fault(own, name, first)
        if told:
            yield Hit(place, f'network "{name if stack.name or own else network.key}": {told}', _help(network, own))
        first.setdefault(name.lower(), (name, network.key))


def _fault(own: str, name: str, first: dict[str, tuple[str, str]]) -> str:
    if own in _PREDEFINED:
        return "operation is not permitted on predefined networks, which exist already"
    other = first.get(name.lower())
    if other is not None and other[0] != name:
        return f'name conflicts with an existing object, network "{other[1]}"'
    return name_fault(name)


def _help(network: Network, own: str) -> str:
    if own in ("host", "bridge"):
        return "`external: true` beside the name to use the predefined network"
    return "letters, digits and inner dashes, at most 63 characters" + ("" if own else " with the stack's name")
