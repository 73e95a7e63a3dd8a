"""Labels of the routing mesh and of Interlock 1, and the new ones that stand for them."""

from __future__ import annotations

import pytest

from lblint.finding import Place
from lblint.interlock.label_table import KEYS, PREFIX
from lblint.interlock.legacy_labels import from_mesh, from_one, is_mesh, is_one
from lblint.stack import Label

PLACE = Place("stack.yml")
MESH = "com.docker.ucp.mesh.http"


def labels(**values: str) -> list[Label]:
    return [Label(key, value, PLACE, PLACE) for key, value in values.items()]


@pytest.mark.parametrize(
    ("values", "new"),
    [
        pytest.param(["external_route=http://a.org,internal_port=80"], {"hosts": "a.org", "port": "80"}, id="plain"),
        pytest.param(
            ["external_route=sni://a.org,internal_port=443"],
            {"hosts": "a.org", "port": "443", "ssl_passthrough": "true"},
            id="sni",
        ),
        pytest.param(
            ["external_route=http://,internal_port=80"], {"port": "80", "default_backend": "true"}, id="default"
        ),
        pytest.param(
            ["external_route=http://a.org,sticky_sessions=sid,include_forwarded_for=true"],
            {"hosts": "a.org", "sticky_session_cookie": "sid"},
            id="sticky",
        ),
        pytest.param(
            ["external_route=http://a.org,redirect=sni://b.org", "external_route=http://b.org,internal_port=80"],
            {"hosts": "a.org,b.org", "port": "80", "redirects": "http://a.org,https://b.org"},
            id="redirect",
        ),
        pytest.param(["80=http://a.org"], {"hosts": "a.org", "port": "80"}, id="short"),
        pytest.param(['"external_route=http://a.org:8080/x"'], {"hosts": "a.org"}, id="quotes-port-and-path"),
        pytest.param([""], {}, id="empty"),
        pytest.param([",=,,x"], {}, id="nonsense"),
    ],
)
def test_mesh(values: list[str], new: dict[str, str]) -> None:
    found = from_mesh([Label(f"{MESH}.{at}", value, PLACE, PLACE) for at, value in enumerate(values)])
    assert found.labels == {PREFIX + name: value for name, value in new.items()}
    assert set(found.labels) <= set(KEYS)
    for key, value in found.labels.items():
        assert list(KEYS[key].problems(value)) == []


def test_two_ports_are_two_services() -> None:
    found = from_mesh(labels(a="external_route=http://a.org,internal_port=80", b="internal_port=81"))
    assert found.notes == ("one service per port: make a second service for its route on port 81",)


def test_the_first_of_two_ports_has_its_own_hosts_and_cookie() -> None:
    found = from_mesh(labels(
        a="external_route=http://a.org,internal_port=80",
        b="external_route=http://b.a.org,internal_port=81,sticky_sessions=sid",
    ))  # fmt: skip
    assert found.labels == {"com.docker.lb.hosts": "a.org", "com.docker.lb.port": "80"}
    assert found.notes == ("one service per port: make a second service for b.a.org on port 81",)


def test_no_redirects_beside_passthrough() -> None:
    found = from_mesh(labels(
        a="external_route=http://a.org,redirect=https://a.org", b="external_route=sni://a.org,internal_port=8443",
    ))  # fmt: skip
    assert "com.docker.lb.redirects" not in found.labels
    assert found.labels["com.docker.lb.ssl_passthrough"] == "true"
    assert any(note.startswith("redirects do not work with ssl_passthrough") for note in found.notes)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param({"hostname": "www", "domain": "a.org"}, {"hosts": "www.a.org"}, id="host"),
        pytest.param({"domain": "a.org", "alias_domain.0": "b.org"}, {"hosts": "unknown.a.org,b.org"}, id="alias"),
        pytest.param({"domain": "a.org", "port": "80", "network": "n"},
                     {"hosts": "unknown.a.org", "port": "80", "network": "n"}, id="port-and-network"),
        pytest.param({"domain": "a.org", "ssl_only": "false"},
                     {"hosts": "unknown.a.org", "redirects": "http://unknown.a.org,https://unknown.a.org"},
                     id="presence-is-true"),
        pytest.param({"ssl_cert": "c", "ssl_cert_key": "k"}, {"ssl_cert": "c", "ssl_key": "k"}, id="tls"),
        pytest.param({"websocket_endpoint.0": "ws://a.org/ws", "websocket_endpoint.1": "/x"},
                     {"websocket_endpoints": "/ws,/x"}, id="websockets"),
        pytest.param({"ip_hash": "", "context_root": "/a", "context_root_rewrite": "1"},
                     {"context_root": "/a", "context_root_rewrite": "true", "ip_hash": "true"}, id="flags"),
        pytest.param({"balance_algorithm": "least_conn"}, {}, id="gone"),
    ],
)  # fmt: skip
def test_interlock_1(old: dict[str, str], new: dict[str, str]) -> None:
    found = from_one(labels(**{"interlock." + name: value for name, value in old.items()}))
    assert found.labels == {PREFIX + name: value for name, value in new.items()}
    assert set(found.labels) <= set(KEYS)


@pytest.mark.parametrize(
    ("key", "mesh", "one"),
    [
        pytest.param(MESH, True, False, id="mesh"),
        pytest.param(MESH + ".80-1", True, False, id="mesh-with-index"),
        pytest.param(MESH + "s", False, False, id="not-mesh"),
        pytest.param("interlock.hostname", False, True, id="interlock"),
        pytest.param("interlock.alias_domain.2", False, True, id="interlock-with-index"),
        pytest.param("interlock.ext.name", False, True, id="interlock-extension"),
        pytest.param("interlock.note", False, False, id="someone-elses"),
        pytest.param("com.docker.lb.hosts", False, False, id="new"),
    ],
)
def test_which_is_which(key: str, mesh: bool, one: bool) -> None:
    assert (is_mesh(key), is_one(key)) == (mesh, one)
