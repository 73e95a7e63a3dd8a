"""What rules say of hosts, paths and redirects, and what requests through a real nginx show of it."""

from __future__ import annotations

import json
import ssl

import pytest
from nginx import SETTINGS
from traffic import Proxy, backend, serving, tls_backend

from lblint.finding import Finding, Severity
from lblint.interlock.routes import Ingress
from lblint.lint import check_stacks, make_options
from lblint.proxy import trial
from lblint.rules import load
from lblint.source import read

__all__ = ["backend", "tls_backend"]

pytestmark = pytest.mark.needs_nginx

TLS = {"ssl_cert": "c", "ssl_key": "k"}


def checked(port: int, /, **services: dict[str, str]) -> tuple[Ingress, dict[str, Finding]]:
    """A stack of services with these labels, without their prefix: its ingress, and its findings of warning or more by
    their rule. The first service is number 0."""
    made = {
        name: {
            "image": "nginx:1.25",
            "networks": ["front"],
            "deploy": {"labels": {f"com.docker.lb.{key}": value for key, value in labels.items()}},
        }
        for name, labels in services.items()
    }
    for service in made.values():
        service["deploy"]["labels"] |= {"com.docker.lb.port": str(port), "com.docker.lb.network": "front"}  # type: ignore[index]
    stack = {"version": "3.8", "services": made, "networks": {"front": {"external": True}}}
    result = check_stacks([[read(json.dumps(stack).encode(), "stack.yml")]], make_options(env={}))
    assert not result.unchecked
    return result.checked.ingress, {one.rule: one for one in result.findings if one.severity > Severity.INFO}


def closed(proxy: Proxy, host: str) -> bool:
    """Whether the proxy closes a TLS connection for a host, before any certificate."""
    try:
        proxy.connect_tls(host).close()
    except (ssl.SSLError, ConnectionError):
        return True
    return False


def test_unknown_hosts_reach_another_team_where_the_default_backend_has_no_http(tls_backend: int, backend: int) -> None:
    made, found = checked(
        backend,
        edge={"hosts": "z.example.com", "default_backend": "true", "ssl_passthrough": "true"},
        bank={"hosts": "bank.example.com"},
        shop={"hosts": "shop.example.com"},
    )
    message = found["default-backend-without-http"].message
    assert 'so bank ("bank.example.com") may get HTTP requests for unknown hosts' in message
    with serving(made) as proxy:
        assert {proxy.get(host).backend for host in ("nobody.org", "z.example.com", "10.1.2.3")} == {1}
        assert proxy.get("shop.example.com").backend == 2


@pytest.mark.parametrize("other", ["*.example.com", "~^[a-z]+[.]example[.]com"], ids=["wildcard", "regex"])
def test_a_default_backend_loses_its_host(backend: int, other: str) -> None:
    made, found = checked(backend, a={"hosts": "a.example.com", "default_backend": "true"}, b={"hosts": other})
    assert 'requests for "a.example.com" go to b' in found["default-backend-loses-host"].message
    with serving(made) as proxy:
        assert proxy.get("a.example.com").backend == 1
        assert proxy.get("a.example.org").backend == 0


def test_a_default_backend_keeps_its_host_from_a_name(backend: int) -> None:
    made, found = checked(backend, a={"hosts": "a.org", "default_backend": "true"}, b={"hosts": "b.org"})
    assert "default-backend-loses-host" not in found
    with serving(made) as proxy:
        assert [proxy.get(host).backend for host in ("a.org", "b.org")] == [0, 1]


def test_sockets_and_requests_share_the_connections(backend: int) -> None:
    """nginx starts, and has no connection left to go to the task with."""
    made, _ = checked(backend, web={"hosts": ",".join(f"h{n}.org" for n in range(15)), **TLS})
    few, enough = (SETTINGS._replace(max_connections=number) for number in (19, 100))
    rule = load()["few-connections-left"]
    (hit,) = rule.check(trial(made, few))
    assert "need 17 listening sockets, most of the 19 worker_connections" in hit.message
    assert not list(rule.check(trial(made, enough)))
    with serving(made, few) as proxy:
        assert proxy.get("h0.org").status == 500
    with serving(made, enough) as proxy:
        assert proxy.get("h0.org").status == 200


def test_https_to_an_address_is_closed(backend: int) -> None:
    made, found = checked(backend, web={"hosts": "127.0.0.1", **TLS})
    assert "127.0.0.1 is an IP address, and HTTPS does not work" in found["tls-host-is-address"].message
    with serving(made) as proxy:
        assert proxy.get("127.0.0.1").backend == 0
        assert closed(proxy, "127.0.0.1")


def test_https_to_a_wildcard_is_closed(backend: int) -> None:
    made, found = checked(backend, web={"hosts": "*.example.com", **TLS})
    assert "HTTPS does not work with them" in found["invalid-host"].message
    with serving(made) as proxy:
        assert proxy.get("x.example.com").backend == 0
        assert closed(proxy, "x.example.com")


def test_passthrough_of_two_services_reaches_the_first(tls_backend: int) -> None:
    labels = {"hosts": "a.com", "ssl_passthrough": "true"}
    made, found = checked(tls_backend, a=labels, b=labels)
    assert "only one service gets the requests" in found["passthrough-host-shared"].message
    with serving(made) as proxy:
        assert {proxy.get("a.com", tls=True).backend for _ in range(4)} == {0}


def test_the_redirect_of_a_rewrite_leads_to_a_port_inside_the_proxy(backend: int) -> None:
    labels = {"hosts": "example.org", "context_root": "/blog", "context_root_rewrite": "true", **TLS}
    made, found = checked(backend, blog=labels)
    assert 'from "/blog" to "/blog/" leads to a port inside the proxy' in found["rewrite-with-tls"].message
    with serving(made) as proxy:
        moved = proxy.get("example.org", "/blog", tls=True)
        assert (moved.status, moved.location) == (301, f"https://example.org:{proxy.ssl_port + 1}/blog/")
        assert proxy.get("example.org", "/blog/", tls=True).said["path"] == "/"


def test_a_host_with_a_dot_at_its_end_never_matches(backend: int) -> None:
    made, found = checked(backend, web={"hosts": "a.example.com."})
    assert "ends with a dot, so no request matches it" in found["invalid-host"].message
    with serving(made) as proxy:
        assert [proxy.get(host).status for host in ("a.example.com.", "a.example.com")] == [503, 503]


@pytest.mark.parametrize("path", ["/a/./b", "/a/../b", "/a/.."])
def test_a_path_with_a_segment_of_dots_never_matches(backend: int, path: str) -> None:
    made, found = checked(backend, web={"hosts": "a.org", "context_root": path})
    assert "it never matches" in found["invalid-path"].message
    with serving(made) as proxy:
        assert [proxy.get("a.org", asked).said for asked in (path, path + "/x")] == [{}, {}]


def test_a_path_with_a_dot_is_itself_not_rewritten(backend: int) -> None:
    labels = {"hosts": "a.org", "context_root": "/v1.0", "context_root_rewrite": "true"}
    made, _ = checked(backend, web=labels)
    with serving(made) as proxy:
        assert proxy.get("a.org", "/v1.0").said["path"] == "/v1.0"
        assert proxy.get("a.org", "/v1.0/x").said["path"] == "/x"


def test_a_redirect_to_the_same_host_with_a_dot_is_a_loop(backend: int) -> None:
    labels = {"hosts": "a.example.com", "redirects": "http://a.example.com,http://a.example.com."}
    made, found = checked(backend, web=labels)
    assert "leads back to its source" in found["redirect-loop"].message
    with serving(made) as proxy:
        for host in ("a.example.com", "a.example.com."):
            moved = proxy.get(host, "/x")
            assert (moved.status, moved.location) == (302, "http://a.example.com./x")


def test_a_second_redirect_from_one_source_never_answers(backend: int) -> None:
    redirects = "http://a.example.com,https://b.com;http://a.example.com,https://c.com"
    made, found = checked(backend, web={"hosts": "a.example.com", "redirects": redirects})
    assert 'the first one, to "https://b.com", answers' in found["invalid-redirect"].message
    with serving(made) as proxy:
        assert {proxy.get("a.example.com").location for _ in range(3)} == {"https://b.com/"}


def test_a_host_in_quotes_works(backend: int) -> None:
    made, found = checked(backend, web={"hosts": '"app.example.org"'})
    assert "the host works only because nginx removes them" in found["invalid-host"].message
    with serving(made) as proxy:
        assert proxy.get("app.example.org").backend == 0


@pytest.mark.parametrize("modifier", ["^~ ", "^~"])
def test_a_modifier_before_a_path_works(backend: int, modifier: str) -> None:
    made, found = checked(backend, web={"hosts": "app.example.org", "context_root": modifier + "/app"})
    assert found["invalid-path"].severity is Severity.WARNING
    with serving(made) as proxy:
        assert proxy.get("app.example.org", "/app/x").said["path"] == "/app/x"
        assert proxy.get("app.example.org", "/other").status == 404


def test_a_path_beyond_ascii_is_rewritten(backend: int) -> None:
    labels = {"hosts": "a.org", "context_root": "/café", "context_root_rewrite": "true"}
    made, found = checked(backend, web=labels)
    assert not found
    with serving(made) as proxy:
        assert proxy.get("a.org", "/caf%C3%A9/menu/").said["path"] == "/menu/"
        moved = proxy.get("a.org", "/caf%C3%A9")
        assert (moved.status, (moved.location or "").rpartition("/caf")[2]) == (301, "%C3%A9/")
