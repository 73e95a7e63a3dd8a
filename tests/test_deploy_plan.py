"""What `lblint deploy` says will change, against what the managers have."""

from __future__ import annotations

import pytest

from lblint.deploy.plan import Move, Plan, plan, render
from lblint.interlock import read_routes
from lblint.interlock.config import read_config
from lblint.source import read
from lblint.source.toml import read_toml
from lblint.stack import load
from lblint.swarm.model import STACK_LABEL, Attachment, Network, Proxy, Service, Snapshot

STACK = """\
services:
  web:
    image: example/web:1
    networks: [front]
    deploy:
      labels:
        com.docker.lb.hosts: new.example.com,kept.example.com
        com.docker.lb.port: "80"
        com.docker.lb.network: shop_front
  api:
    image: example/api:1
    networks: [shared, back]
    deploy:
      labels:
        com.docker.lb.hosts: taken.example.com
        com.docker.lb.port: "80"
        com.docker.lb.network: shared
        com.docker.lb.service_cluster: dev
networks:
  front: {driver: overlay}
  back: {driver: overlay}
  shared: {external: true}
"""


def service(name: str, hosts: str = "", stack: str = "shop", networks: tuple[str, ...] = ()) -> Service:
    labels = {STACK_LABEL: stack, **({"com.docker.lb.hosts": hosts} if hosts else {})}
    return Service(name, name, labels=labels, networks=tuple(Attachment(network) for network in networks))


LIVE = Snapshot(
    services=(
        service("shop_web", "kept.example.com,old.example.com"),
        service("shop_gone", "gone.example.com"),
        service("other_web", "taken.example.com", "other"),
    ),
    networks=(
        Network("1", "shop_front", labels={STACK_LABEL: "shop"}, dying=True),
        Network("2", "shop_back", labels={STACK_LABEL: "shop"}),
        Network("3", "shared"),
    ),
    proxies=(Proxy(service("ucp-interlock-proxy", stack="", networks=("3",))),),
)


def planned(live: Snapshot, prune: bool = False) -> Plan:
    stack = load([read(STACK.encode(), "stack.yml")], "shop", {})
    return plan(read_routes([stack]), stack, live, prune)


def test_against_an_empty_swarm_everything_is_new() -> None:
    found = planned(Snapshot())
    assert found.created == ("shop_api", "shop_web")
    assert found.networks == ("shop_back", "shop_front")
    assert found.attached == {"ucp-interlock-proxy": ("shop_front",), "ucp-interlock-proxy-dev": ("shared",)}
    assert [move.host for move in found.hosts if not move.before] == [
        "kept.example.com", "new.example.com", "taken.example.com",
    ]  # fmt: skip


def test_a_stack_that_is_there_is_updated_and_its_dying_network_made_anew() -> None:
    found = planned(LIVE)
    assert (found.created, found.updated, found.kept, found.pruned) == (
        ("shop_api",), ("shop_web",), ("shop_gone",), (),
    )  # fmt: skip
    assert found.networks == ("shop_front",)


def test_hosts_are_added_moved_and_dropped() -> None:
    assert planned(LIVE).hosts == (
        Move("new.example.com", (), ("shop_web",)),
        Move("old.example.com", ("shop_web",), ()),
        Move("taken.example.com", ("other_web",), ("other_web", "shop_api")),
    )


def test_prune_drops_the_hosts_of_what_it_removes() -> None:
    found = planned(LIVE, prune=True)
    assert (found.kept, found.pruned) == ((), ("shop_gone",))
    assert Move("gone.example.com", ("shop_gone",), ()) in found.hosts


def test_a_proxy_that_is_on_a_network_is_not_attached_again() -> None:
    proxies = (Proxy(service("ucp-interlock-proxy-dev", stack="", networks=("3",))),)
    assert planned(LIVE._replace(proxies=proxies)).attached == {"ucp-interlock-proxy": ("shop_front",)}


CONFIG = """\
[Extensions.default]
ProxyServiceName = "edge"
ServiceCluster = ""
[Extensions.dev]
ProxyServiceName = "edge-dev"
ServiceCluster = "dev"
"""


@pytest.mark.parametrize("running", [(), ("edge", "edge-dev")], ids=["first-deploy", "running"])
def test_proxies_are_called_as_interlocks_config_calls_them(running: tuple[str, ...]) -> None:
    stack = load([read(STACK.encode(), "stack.yml")], "shop", {})
    config = read_config(read_toml(CONFIG.encode(), "config.toml"))
    live = LIVE._replace(proxies=tuple(Proxy(service(name, stack="", networks=("3",))) for name in running))
    found = plan(read_routes([stack])._replace(config=config), stack, live, prune=False)
    assert found.proxies == ("edge", "edge-dev")
    assert found.attached == ({"edge": ("shop_front",)} if running else
                              {"edge": ("shop_front",), "edge-dev": ("shared",)})  # fmt: skip
    assert "  attach:  edge shop_front\n" in render(found, "shop")


def test_a_proxy_under_another_name_is_called_by_it() -> None:
    proxies = (Proxy(service("lb", stack="", networks=("3",))),)
    assert planned(LIVE._replace(proxies=proxies)).attached["lb"] == ("shop_front",)


def test_proxies_that_change_carry_a_route_of_the_stack_that_changes() -> None:
    """dev's host is dropped: its proxy is named by the label of the service that runs."""
    was = service("shop_old", "dropped.example.com")
    was = was._replace(labels={**was.labels, "com.docker.lb.service_cluster": "old"})
    other = service("other_new", "unchanged.example.com", "other")
    live = LIVE._replace(services=(*LIVE.services, was, other))
    assert planned(live).proxies == ("ucp-interlock-proxy", "ucp-interlock-proxy-dev"), "shop_old stays"
    assert planned(live, prune=True).proxies == (
        "ucp-interlock-proxy", "ucp-interlock-proxy-dev", "ucp-interlock-proxy-old",
    )  # fmt: skip
    same = tuple(Proxy(service(name, stack="", networks=("1", "3"))) for name in
                 ("ucp-interlock-proxy", "ucp-interlock-proxy-dev"))  # fmt: skip
    kept = service("shop_web", "kept.example.com,new.example.com")
    live = Snapshot(services=(kept, service("shop_api", "taken.example.com")), proxies=same, networks=(
        Network("1", "shop_front", labels={STACK_LABEL: "shop"}), Network("3", "shared")))  # fmt: skip
    assert planned(live).proxies == (), "nothing changes"


def test_text() -> None:
    assert render(planned(LIVE), "shop") == (
        "deploying shop will\n"
        "  create:  network shop_front\n"
        "  create:  service shop_api\n"
        "  update:  service shop_web\n"
        "  keep:    service shop_gone (not in the files; --prune removes it)\n"
        "  attach:  ucp-interlock-proxy shop_front\n"
        "  attach:  ucp-interlock-proxy-dev shared\n"
        "  add:     host new.example.com -> shop_web\n"
        "  drop:    host old.example.com (was shop_web)\n"
        "  move:    host taken.example.com other_web -> other_web, shop_api\n"
    )


def test_nothing_to_do() -> None:
    assert render(Plan(), "shop") == "deploying shop changes no service, network or host\n"


def test_text_is_harmless_on_a_terminal() -> None:
    assert "\x1b" not in render(Plan(hosts=(Move("a\x1b[2J", (), ("x",)),)), "shop\x1b")
