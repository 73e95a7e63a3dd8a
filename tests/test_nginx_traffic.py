"""Real requests through a real nginx that runs the trial config, with small servers on loopback behind it."""

from __future__ import annotations

import ssl
from collections import Counter

import pytest
from nginx import SETTINGS, certificate
from routes import ingress, route
from traffic import backend, running, serving, tls_backend

__all__ = ["backend", "tls_backend"]

pytestmark = pytest.mark.needs_nginx


def test_hosts(backend: int) -> None:
    routes = route("web", hosts="www.example.org,example.org", port=backend), route("b", hosts="b.org", port=backend)
    with running(*routes) as proxy:
        assert proxy.get("www.example.org", "/x?y=1").said["path"] == "/x?y=1"
        answers = {host: proxy.get(host).backend for host in ("www.example.org", "example.org", "EXAMPLE.org", "b.org")}
        assert answers == {"www.example.org": 0, "example.org": 0, "EXAMPLE.org": 0, "b.org": 1}
        assert proxy.get("b.org").said["headers"]["host"] == "b.org"
        assert proxy.get("nobody.org").status == 503


def test_targets_take_turns(backend: int) -> None:
    with running(route(hosts="a.org", port=backend, targets=3)) as proxy:
        assert Counter(proxy.get("a.org").target for _ in range(30)) == {1: 10, 2: 10, 3: 10}


def test_canary_by_number_of_tasks(backend: int) -> None:
    blue, green = (route(name, hosts="a.org", port=backend, targets=n) for name, n in (("blue", 3), ("green", 1)))
    with running(blue, green) as proxy:
        assert Counter(proxy.get("a.org").backend for _ in range(40)) == {0: 30, 1: 10}


def test_options_come_from_the_first_service(backend: int) -> None:
    blue, green = route("b", hosts="a.org", port=backend), route("g", hosts="a.org", port=backend, context_root="/g")
    with running(blue, green) as proxy:
        assert {proxy.get("a.org", "/").backend for _ in range(4)} == {0, 1}
    with running(green, blue) as proxy:
        assert proxy.get("a.org", "/other").status == 404
        assert {proxy.get("a.org", "/g").backend for _ in range(4)} == {0, 1}


def test_context_root(backend: int) -> None:
    with running(route(hosts="a.org", port=backend, context_root="/app")) as proxy:
        assert proxy.get("a.org", "/app/x").said["path"] == "/app/x"
        assert proxy.get("a.org", "/application").said["path"] == "/application"
        assert proxy.get("a.org", "/other").status == 404


def test_context_root_with_rewrite(backend: int) -> None:
    with running(route(hosts="a.org", port=backend, context_root="/app", context_root_rewrite=True)) as proxy:
        assert proxy.get("a.org", "/app/api/").said["path"] == "/api/"
        assert proxy.get("a.org", "/app/style.css").said["path"] == "/style.css"
        moved = proxy.get("a.org", "/app/api?q=1")
        assert (moved.status, (moved.location or "").partition("a.org")[2].partition("/")[2]) == (301, "app/api/?q=1")


def test_websocket(backend: int) -> None:
    with running(route(hosts="a.org", port=backend, websocket_endpoints="/ws")) as proxy:
        assert proxy.upgrade("a.org", "/ws") == (101, "HELLO")
        assert proxy.upgrade("a.org", "/")[0] == 200
        assert "origin" not in proxy.get("a.org", "/ws", Origin="http://evil.org").said["headers"]
        assert proxy.get("a.org", "/", Origin="http://a.org").said["headers"]["origin"] == "http://a.org"


def test_websocket_at_the_root(backend: int) -> None:
    with running(route(hosts="a.org", port=backend, websocket_endpoints="/")) as proxy:
        assert proxy.upgrade("a.org", "/any") == (101, "HELLO")
        assert proxy.get("a.org").status == 200


def test_redirect(backend: int) -> None:
    redirects = [("http://old.org", "http://new.org")]
    with running(route(hosts="old.org,new.org", port=backend, redirects=redirects)) as proxy:
        moved = proxy.get("old.org", "/x?y=1")
        assert (moved.status, moved.location) == (302, "http://new.org/x?y=1")
        assert proxy.get("new.org").backend == 0


def test_sticky_cookie(backend: int) -> None:
    with running(route(hosts="a.org", port=backend, targets=4, sticky_session_cookie="sid")) as proxy:
        seen = {cookie: {proxy.get("a.org", Cookie=f"sid={cookie}").target for _ in range(5)} for cookie in range(20)}
        assert {len(targets) for targets in seen.values()} == {1}
        assert len(set.union(*seen.values())) > 1


def test_ip_hash(backend: int) -> None:
    with running(route(hosts="a.org", port=backend, targets=4, ip_hash=True)) as proxy:
        assert len({proxy.get("a.org").target for _ in range(12)}) == 1


def test_default_backend(backend: int) -> None:
    with running(route("d", default_backend=True, port=backend), route(hosts="a.org", port=backend)) as proxy:
        assert proxy.get("nobody.org").backend == 0
        assert proxy.get("a.org").backend == 1


def test_tls_by_sni(backend: int) -> None:
    tls = {"port": backend, "ssl_cert": "cert", "ssl_key": "key"}
    a, b = route("a", hosts="a.org", websocket_endpoints="/ws", **tls), route("b", hosts="b.org", **tls)
    with running(a, b) as proxy:
        assert proxy.get("a.org", tls=True).backend == 0
        assert proxy.get("b.org", tls=True).backend == 1
        assert proxy.get("b.org").backend == 1
        assert proxy.get("a.org", "/ws", tls=True, Origin="http://x").said["headers"]["origin"] == "a.org"
        assert proxy.get("a.org", tls=True).said["headers"]["x-forwarded-for"] == "127.0.0.1"
        with pytest.raises((ssl.SSLError, ConnectionError)):
            proxy.connect_tls("nobody.org")


def test_redirect_to_https(backend: int) -> None:
    redirects = [("http://a.org", "https://a.org")]
    with running(route(hosts="a.org", port=backend, ssl_cert="cert", ssl_key="key", redirects=redirects)) as proxy:
        moved = proxy.get("a.org", "/x")
        assert (moved.status, moved.location) == (302, "https://a.org/x")
        assert proxy.get("a.org", "/x", tls=True).backend == 0


def test_passthrough(backend: int, tls_backend: int) -> None:
    through = route("pt", hosts="pt.org", port=tls_backend, ssl_passthrough=True, targets=2)
    with running(through, route("b", hosts="b.org", port=backend, ssl_cert="cert", ssl_key="key")) as proxy:
        own = ssl.PEM_cert_to_DER_cert(certificate("backend").read_text().partition("-----BEGIN PRIVATE")[0])
        with proxy.connect_tls("pt.org") as client:
            assert client.getpeercert(binary_form=True) == own
        with proxy.connect_tls("b.org") as client:
            assert client.getpeercert(binary_form=True) != own
        answers = [proxy.get("pt.org", tls=True) for _ in range(4)]
        assert {answer.target for answer in answers} == {1, 2}
        assert "x-forwarded-for" not in answers[0].said["headers"]
        assert proxy.get("pt.org").status == 503


def test_passthrough_reaches_the_first_service_alone(tls_backend: int) -> None:
    tls = {"hosts": "a.org", "port": tls_backend, "ssl_passthrough": True}
    with running(route("a", **tls), route("b", **tls)) as proxy:
        assert {proxy.get("a.org", tls=True).backend for _ in range(4)} == {0}


def test_a_wildcard_takes_what_no_name_takes(backend: int) -> None:
    wild, exact = route("w", hosts="*.a.org", port=backend), route("e", hosts="x.a.org", port=backend)
    with running(wild, exact) as proxy:
        assert [proxy.get(host).backend for host in ("y.a.org", "x.a.org")] == [0, 1]
        assert proxy.get("a.org").status == 503


def test_a_cookie_name_cut_short_sends_everybody_to_one_task(backend: int) -> None:
    made = route(hosts="a.org", port=backend, targets=4, sticky_session_cookie="my-session")
    with running(made, faults=["CutCookie"]) as proxy:
        assert len({proxy.get("a.org", Cookie=f"my-session={value}").target for value in range(20)}) == 1


def test_a_path_without_slash_is_never_asked_for(backend: int) -> None:
    with running(route(hosts="a.org", port=backend, context_root="app"), faults=["UnmatchedLocation"]) as proxy:
        assert proxy.get("a.org", "/app").status == 404


def test_a_tls_wildcard_is_taken_literally(backend: int) -> None:
    made = route(hosts="*.a.org", port=backend, ssl_cert="cert", ssl_key="key")
    with running(made, faults=["TlsWildcard"]) as proxy:
        assert proxy.get("x.a.org").backend == 0
        with pytest.raises((ssl.SSLError, ConnectionError)):
            proxy.connect_tls("x.a.org")


def test_the_scheme_of_the_client_is_told_by_an_option_alone(backend: int) -> None:
    """The published template sets no X-Forwarded-Proto, and passes one of the client's on."""
    made = ingress(route(hosts="a.org", port=backend, ssl_cert="cert", ssl_key="key", websocket_endpoints="/ws"))
    with serving(made) as proxy:
        assert "x-forwarded-proto" not in proxy.get("a.org", tls=True).said["headers"]
        assert proxy.get("a.org", **{"X-Forwarded-Proto": "https"}).said["headers"]["x-forwarded-proto"] == "https"
    with serving(made, SETTINGS._replace(http_options=("proxy_set_header X-Forwarded-Proto $scheme;",))) as proxy:
        assert proxy.get("a.org", tls=True).said["headers"]["x-forwarded-proto"] == "https"
        assert proxy.get("a.org").said["headers"]["x-forwarded-proto"] == "http"
        assert "x-forwarded-proto" not in proxy.get("a.org", "/ws", tls=True).said["headers"]
