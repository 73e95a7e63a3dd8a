"""The promise for any text: what the trial passes, nginx takes; and what the documents allow, the trial passes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nginx import SETTINGS, Sandbox, kinds, sandbox
from routes import ingress, route

from lblint.interlock.routes import Route
from lblint.proxy import readback, trial
from lblint.proxy.crossplane_reader import parse
from lblint.proxy.directive import Directive, lines, user
from lblint.proxy.faults import Ignored, Possible, ZoneNearlyFull
from lblint.proxy.readback import differences
from lblint.proxy.template import meant

quick = settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
with_nginx = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    with sandbox() as made:
        yield made


name = st.from_regex(r"\A[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?\Z")
host = st.lists(name, min_size=1, max_size=2).map(".".join)
path = st.from_regex(r"\A(/[A-Za-z0-9._~-]{1,12}){1,3}/?\Z").filter(lambda p: p != "/nginx_status")
word = st.from_regex(r"\A[A-Za-z0-9_]{1,20}\Z")
secret = st.from_regex(r"\A[a-z0-9][a-z0-9._-]{0,30}[a-z0-9]\Z")
tls: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries({"ssl_cert": secret, "ssl_key": secret})
ALLOWED: dict[str, st.SearchStrategy[Any]] = {
    "context_root": path,
    "context_root_rewrite": st.booleans(),
    "websocket_endpoints": st.lists(path, max_size=3, unique=True),
    "sticky_session_cookie": word,
    "max_fails": st.integers(0, 10**6).map(str),
    "fail_timeout": st.from_regex(r"\A([0-9]{1,3}[hm])?[0-9]{1,4}s?\Z").filter(lambda t: "m" not in t or "h" not in t),
    "ip_hash": st.booleans(),
    "ssl_passthrough": st.booleans(),
    "targets": st.integers(1, 60),
}


@st.composite
def allowed(draw: st.DrawFn) -> list[Route]:
    """Services with values from the documented allowlists, each host on one of them."""
    hosts = draw(st.lists(host, min_size=1, max_size=6, unique=True))
    routes = []
    for number in range(draw(st.integers(1, 3))):
        labels: dict[str, Any] = draw(st.fixed_dictionaries({}, optional=ALLOWED))
        labels |= draw(st.one_of(st.just({}), tls))
        mine = hosts[number::3]
        if mine and draw(st.booleans()):
            labels["redirects"] = [("http://" + mine[0], "https://" + mine[0])]
        port = draw(st.integers(1, 65535))
        routes.append(route(f"s{number}", hosts=mine, port=port, default_backend=not mine and number == 1, **labels))
    return routes


@quick
@given(allowed())
def test_what_the_documents_allow_reads_as_meant(routes: list[Route]) -> None:
    tree = meant(routes)
    assert list(differences(tree, parse(list(lines(tree))).tree)) == []
    assert [kind for kind in kinds(trial(ingress(*routes)).faults) if kind != "DuplicateName"] == []


@pytest.mark.needs_nginx
@with_nginx
@given(routes=allowed())
def test_what_the_documents_allow_nginx_takes(routes: list[Route], box: Sandbox) -> None:
    tried = trial(ingress(*routes), SETTINGS)
    if not kinds(fault for fault in tried.faults if isinstance(fault, ZoneNearlyFull)):  # in a newer nginx it is full
        assert box.test(tried.text).message == ""


text = st.one_of(
    st.text(max_size=12),
    st.text(alphabet="ab.*/~^$(){};\"'\\# \n:=@[]?+-_0", max_size=8),
    st.sampled_from(["a.org", "/app", "8080", "0", "10s", "sid", "http://a.org", "include", "default", "_"]),
)
ANY: dict[str, st.SearchStrategy[Any]] = {
    "hosts": st.lists(text, max_size=3),
    "port": st.one_of(text, st.just("80")),
    "context_root": text,
    "context_root_rewrite": st.booleans(),
    "websocket_endpoints": st.lists(text, max_size=2),
    "ssl_cert": text,
    "ssl_key": text,
    "sticky_session_cookie": text,
    "max_fails": text,
    "fail_timeout": text,
    "ip_hash": st.booleans(),
    "ssl_passthrough": st.booleans(),
    "default_backend": st.booleans(),
    "redirects": st.lists(st.tuples(st.just("http://a.org"), text), max_size=1),
}


@st.composite
def anything(draw: st.DrawFn) -> list[Route]:
    """Services of which one or two labels hold any text."""
    routes = []
    for number in range(draw(st.integers(1, 2))):
        labels: dict[str, Any] = {"hosts": ["a.org"]}
        for label in draw(st.lists(st.sampled_from(sorted(ANY)), max_size=2)):
            labels[label] = draw(ANY[label])
        routes.append(route(f"s{number}", **labels))
    return routes


@pytest.mark.needs_nginx
@with_nginx
@given(routes=anything())
def test_what_passes_nginx_takes(routes: list[Route], box: Sandbox) -> None:
    tried = trial(ingress(*routes), SETTINGS)
    if all(isinstance(fault, Ignored | Possible) for fault in tried.faults):
        assert box.test(tried.text).message == ""


@quick
@given(text)
def test_a_word_that_reads_as_itself_is_one_word_for_crossplane(value: str) -> None:
    tree = (Directive("http", (), (Directive("add_header", ("x", user(value, None)), None, None),)),)
    parsed = parse(list(lines(tree)))
    if readback.reads_as_itself(value):
        assert parsed.errors == ()
        assert list(differences(tree, parsed.tree)) == []


@quick
@given(anything())
def test_nothing_raises(routes: list[Route]) -> None:
    trial(ingress(*routes))
