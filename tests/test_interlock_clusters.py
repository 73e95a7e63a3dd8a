"""Stacks under Interlock's config and in a version: which proxy carries a route, and what of its labels it knows."""

from __future__ import annotations

import pytest

from lblint.interlock import read_routes
from lblint.interlock.clusters import extension_of, only_networks, reachable
from lblint.interlock.config import apart
from lblint.interlock.routes import Ingress
from lblint.interlock.version import parse_version
from lblint.lint import check_stacks, known_to, make_options
from lblint.source import read
from lblint.source.toml import read_toml

CONFIG = """
[Extensions.east]
ProxyReplicas = 1
ServiceCluster = "east"
Networks = ["eastnet", "shop_front"]
[Extensions.default]
ProxyReplicas = 1
ServiceName = "e"
ProxyServiceName = "p"
PublishedPort = 81
PublishedSSLPort = 82
"""
STACK = """\
services:
  web:
    image: example/web:1.4
    networks: [%s]
    deploy:
      replicas: 3
      labels:
        com.docker.lb.hosts: shop.example.com
        com.docker.lb.port: 8080
%s
networks:
  eastnet: {external: true}
  front: {}
  back: {}
"""


def ingress(networks: str, *labels: str, version: str = "", config: str = CONFIG, name: str | None = "shop") -> Ingress:
    text = STACK % (networks, "\n".join(f"        com.docker.lb.{label}" for label in labels))
    toml = read_toml(config.encode(), "config.toml") if config else None
    options = make_options(stack_name=name, env={}, interlock=toml, version=parse_version(version))
    result = check_stacks([[read(text.encode(), "stack.yml")]], options)
    return known_to(read_routes(result.checked.stacks), options)


def rules(*words: str, **options: str) -> set[str]:
    text = STACK % (words[0], "\n".join(f"        com.docker.lb.{label}" for label in words[1:]))
    toml = read_toml(CONFIG.encode(), "config.toml")
    chosen = make_options(stack_name="shop", env={}, interlock=toml, version=parse_version(options.get("version", "")))
    found = check_stacks([[read(text.encode(), "stack.yml")]], chosen).findings
    return {f.rule for f in found if f.file == "stack.yml" and "cluster" in f.rule}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param(["eastnet", "service_cluster: east"], set(), id="served"),
        pytest.param(["eastnet", "service_cluster: west"], {"service-cluster-unknown"}, id="unknown"),
        pytest.param(["eastnet", "service_cluster: $SITE"], set(), id="not known yet"),
        pytest.param(["eastnet"], set(), id="default"),
        pytest.param(["back"], set(), id="default joins all"),
        pytest.param(["back", "service_cluster: east"], {"network-not-of-cluster"}, id="other network"),
        pytest.param(["front", "service_cluster: east"], set(), id="network of the stack"),
        pytest.param(["front, back", "service_cluster: east", "network: shop_back"], {"network-not-of-cluster"},
                     id="label names another"),
        pytest.param(["front, back", "service_cluster: east", "network: shop_front"], set(), id="label names it"),
        pytest.param(["back", "service_cluster: east", "network: $NET"], set(), id="network not known yet"),
    ],
)  # fmt: skip
def test_rules_on_clusters(words: list[str], expected: set[str]) -> None:
    assert rules(*words) == expected


def test_before_interlock_3_networks_are_not_read() -> None:
    assert rules("back", "service_cluster: east", version="3.2.2") == set()
    old = ingress("back", "service_cluster: east", version="3.2.2")
    assert only_networks(old, old.routes[0]) is None


def test_the_extension_of_a_route() -> None:
    found = ingress("eastnet", "service_cluster: east")
    extension = extension_of(found, found.routes[0])
    assert extension is not None
    assert extension.name == "east"
    assert only_networks(found, found.routes[0]) == ("eastnet", "shop_front")
    assert extension_of(ingress("eastnet", config=""), found.routes[0]) is None


def test_a_stack_without_a_name_may_be_reachable() -> None:
    (route,) = ingress("front", "service_cluster: east", name=None).routes
    assert reachable(route, ("shop_front",)) is None
    assert reachable(route, ("eastnet",)) is False


@pytest.mark.parametrize(
    ("version", "vip", "targets", "fails"),
    [
        pytest.param("", True, 1, True, id="unknown"),
        pytest.param("3.0.2", False, 3, False, id="before all"),
        pytest.param("3.2.3", True, 1, False, id="between"),
        pytest.param("3.9.6", True, 1, True, id="newest"),
        pytest.param("3.8", True, 1, True, id="line alone"),
    ],
)
def test_labels_that_a_version_does_not_know_have_no_effect(version: str, vip: bool, targets: int, fails: bool) -> None:
    (route,) = ingress("eastnet", "backend_mode: vip", "max_fails: 3", version=version).routes
    assert (route.vip, route.targets, route.max_fails is not None) == (vip, targets, fails)


def test_the_version_is_that_of_the_images() -> None:
    image = 'Image = "mirantis/ucp-interlock-extension:3.4.2"\nProxyReplicas'
    assert ingress("eastnet", config=CONFIG.replace("ProxyReplicas", image, 1)).version == parse_version("3.4.2")
    other = CONFIG.replace("ProxyReplicas", image, 1)
    assert ingress("eastnet", config=other, version="3.8.1").version == parse_version("3.8.1")
    assert ingress("eastnet", config="[Extensions", version="3.8.1").version == parse_version("3.8.1")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        pytest.param(["node.labels.r==a"], ["node.labels.r==b"], True, id="other value"),
        pytest.param(["node.labels.r==a"], ["node.labels.R == A"], False, id="same value"),
        pytest.param(["node.labels.r==a"], ["node.labels.r!=a"], True, id="excluded"),
        pytest.param(["node.labels.r!=a"], ["node.labels.r==a"], True, id="excluded before"),
        pytest.param(["node.labels.r!=a"], ["node.labels.r!=b"], False, id="both exclude"),
        pytest.param(["node.labels.r==a"], ["node.labels.s==b"], False, id="other key"),
        pytest.param(["node.labels.r==a", "node.role==worker"], ["node.role==manager"], True, id="second"),
        pytest.param(["node.labels.r=a"], ["node.labels.r==b"], False, id="unreadable"),
        pytest.param([], ["node.labels.r==b"], False, id="none"),
    ],
)
def test_apart(one: list[str], other: list[str], expected: bool) -> None:
    assert apart(one, other) is expected
    assert apart(other, one) is expected
