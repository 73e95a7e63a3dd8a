"""Which network a label names, whether a service is in host mode, what the proxy joins, and who shares a host."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from lblint.interlock import read_routes
from lblint.interlock.host_conflicts import alternative, shared_hosts
from lblint.interlock.networks import attached, host_mode, joined, named
from lblint.interlock.routes import Route
from lblint.source import read
from lblint.stack import load

DECLARED = """
networks:
  front: {driver: overlay}
  back: {driver: overlay}
  named: {name: front_office}
  outer: {external: true}
  renamed: {external: true, name: ingress_dev}
  old: {external: {name: ingress_old}}
  docker0: {external: true, name: bridge}
  node: {external: true, name: host}
"""


def route(on: str, label: str = "", stack: str | None = "demo", ports: str = "[]") -> Route:
    """The route of a service that is on these networks."""
    labels = {"hosts": "demo.example.org", "port": "8080", **({"network": label} if label else {})}
    lines = "".join(f"        com.docker.lb.{key}: '{value}'\n" for key, value in labels.items())
    text = f"version: '3.5'\nservices:\n  web:\n    image: a\n    ports: {ports}\n    networks: {on}\n"
    text += f"    deploy:\n      labels:\n{lines}{DECLARED}"
    return read_routes([load([read(text.encode(), "stack.yml")], stack, {})]).routes[0]


class Case(NamedTuple):
    on: str
    label: str
    named: str
    attached: str
    stack: str | None = "demo"


CASES = {
    "swarm-name": Case("[front, back]", "demo_front", "front name", "front"),
    "key": Case("[front, back]", "back", "back key", "back"),
    "prefix-of-another-stack": Case("[front, back]", "shop_front", "front prefix", "front"),
    "swarm-name-of-unknown-stack": Case("[front, back]", "shop_front", "front name", "front", None),
    "key-in-unknown-stack": Case("[front]", "front", "front key", "front", None),
    "prefix-alone": Case("[front, back]", "_front", "", "front back", None),
    "not-joined": Case("[front]", "demo_back", "", "front"),
    "nothing": Case("[front]", "proxy", "", "front"),
    "own-name": Case("[named, back]", "front_office", "named name", "named"),
    "own-name-has-no-prefix": Case("[named, back]", "demo_named", "", "named back"),
    "key-of-own-name": Case("[named, back]", "named", "named key", "named"),
    "external": Case("[outer, back]", "outer", "outer name", "outer"),
    "external-has-no-prefix": Case("[outer, back]", "demo_outer", "", "outer back"),
    "external-by-name": Case("[renamed, back]", "ingress_dev", "renamed name", "renamed"),
    "external-by-key": Case("[renamed, back]", "renamed", "renamed key", "renamed"),
    "external-by-old-name": Case("[old, back]", "ingress_old", "old name", "old"),
    "default": Case("[]", "demo_default", "default name", "default"),
    "default-key": Case("[]", "default", "default key", "default"),
    "map-form": Case("{front: {aliases: [x]}, back: }", "demo_back", "back name", "back"),
    "bridge": Case("[docker0, back]", "bridge", "docker0 name", ""),
    "no-label": Case("[front, back]", "", "", "front back"),
    "no-label-bridge": Case("[docker0]", "", "", ""),
    "spaces": Case("[front, back]", " demo_front ", "front name", "front"),
}


@pytest.mark.parametrize("case", [pytest.param(case, id=name) for name, case in CASES.items()])
def test_label_against_the_networks_of_the_service(case: Case) -> None:
    one = route(case.on, case.label, case.stack)
    found = named(one)
    assert (f"{found[0].key} {found[1].value}" if found else "") == case.named
    assert " ".join(network.key for network in attached(one)) == case.attached


def test_names_are_shown_as_far_as_they_are_known() -> None:
    on = "[front, named, outer, renamed]"
    assert [network.shown for network in joined(route(on))] == ["demo_front", "front_office", "outer", "ingress_dev"]
    assert joined(route(on, stack=None))[0].shown == "<stack>_front"


HOST = "[{target: 8080, mode: host}]"
MODES = {
    "published": ("[front]", "", HOST, True),
    "published-upper-case": ("[front]", "", "[{target: 8080, mode: HOST}]", True),
    "bridge": ("[docker0]", "", "[]", True),
    "bridge-by-label": ("[docker0, back]", "bridge", "[]", True),
    "host-network": ("[node]", "", "[]", True),
    "overlay-by-label": ("[front]", "demo_front", HOST, False),
    "overlay": ("[front]", "", "['8080:8080']", False),
    "another-port": ("[front]", "", "[{target: 9100, mode: host}]", False),
    "udp": ("[front]", "", "[{target: 8080, mode: host, protocol: udp}]", False),
}


@pytest.mark.parametrize(("on", "label", "ports", "meant"), [pytest.param(*v, id=k) for k, v in MODES.items()])
def test_host_mode(on: str, label: str, ports: str, meant: bool) -> None:
    assert host_mode(route(on, label, ports=ports)) is meant


def shared(*files: str) -> list[str]:
    """Who shares a host with whom. Each text is a file: `service=hosts`, divided by spaces."""
    stacks = []
    for number, file in enumerate(files, 1):
        text = "version: '3.5'\nservices:\n"
        for entry in file.split():
            service, _, hosts = entry.partition("=")
            labels = f"{{com.docker.lb.hosts: '{hosts}', com.docker.lb.port: '80'}}"
            text += f"  {service}: {{image: a, deploy: {{labels: {labels}}}}}\n"
        stacks.append(load([read(text.encode(), f"{number}.yml")], None, {}))
    return [f"{s.host.name} {s.route.service.key} {s.earlier_name}" for s in shared_hosts(read_routes(stacks))]


def test_hosts_that_services_share() -> None:
    assert shared("a=x.org,y.org b=y.org c=z.org") == ["y.org b a"]
    assert shared("a=x.org", "b=x.org", "c=x.org") == ["x.org b 1.yml:a", "x.org c 1.yml:a"]
    assert shared("a=x.org b=X.org") == [], "letter case is said by the trial of the config"
    assert shared("a=${A}.x.org b=${B}.x.org") == [], "variables that are not set may make two names of one"


@pytest.mark.parametrize(
    ("stacks", "meant"),
    [
        pytest.param(("demo", "shop"), False, id="two-stacks"),
        pytest.param(("demo", "demo"), True, id="one-stack-twice"),
        pytest.param((None, "demo"), True, id="not-known"),
    ],
)
def test_versions_of_one_file_are_alternatives(stacks: tuple[str | None, str | None], meant: bool) -> None:
    assert alternative(*(route("[front]", stack=name) for name in stacks)) is meant


def test_two_services_of_one_stack_are_no_alternatives() -> None:
    one = route("[front]")
    assert not alternative(one, one)
