"""Labels -> routes: the reading under which they work, with the place of every part."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lblint.interlock import Ingress, Route, infer_name, read_routes
from lblint.interlock.label_table import LABELS
from lblint.source import Source, read
from lblint.stack import Stack, load

HEAD = "version: '3.7'\nservices:\n  web:\n    image: nginx\n    deploy:\n"
NETWORKS = """networks:
  front: {driver: overlay}
  back: {driver: overlay}
  out: {external: true, name: prod_front}
"""


def one(labels: str, env: dict[str, str] | None = None, tail: str = "") -> tuple[Source, Stack, Ingress]:
    """A stack with one service of these lines below `deploy:`."""
    text = HEAD + "".join(f"      {line}\n" for line in labels.splitlines()) + tail
    source = read(text.encode(), "stack.yml")
    stack = load([source], None, env or {})
    return source, stack, read_routes([stack])


def route(labels: str, env: dict[str, str] | None = None) -> Route:
    _, _, ingress = one(labels, env)
    assert len(ingress.routes) == 1
    return ingress.routes[0]


def mapped(**labels: str) -> str:
    return "labels:\n" + "\n".join(f"  com.docker.lb.{key}: {value}" for key, value in labels.items())


@pytest.mark.parametrize(
    "labels",
    [
        pytest.param("labels: {a: b}", id="other-labels"),
        pytest.param("replicas: 1", id="no-labels"),
        pytest.param(mapped(port="8080"), id="port-alone"),
        pytest.param(mapped(hosts='""', port="80"), id="empty-hosts"),
        pytest.param(mapped(hosts='" , "', port="80"), id="only-a-comma"),
        pytest.param(mapped(default_backend='"false"', port="80"), id="default-backend-off"),
    ],
)
def test_no_hosts_no_route(labels: str) -> None:
    assert one(labels)[2].routes == ()


def test_defaults() -> None:
    found = route(mapped(hosts="a.example.org", port="8080"))
    assert [host.name for host in found.hosts] == ["a.example.org"]
    assert found.port is not None
    assert found.port.text == "8080"
    assert (found.network, found.cluster, found.targets) == ("", "", 1)
    assert (found.context_root, found.ssl_cert, found.ssl_key, found.sticky_session_cookie) == (None,) * 4
    assert (found.max_fails, found.fail_timeout, found.redirects, found.websocket_endpoints) == (None, None, (), ())
    flags = (found.context_root_rewrite, found.ssl_passthrough, found.ip_hash, found.default_backend, found.vip)
    assert flags == (False,) * 5
    assert found.place.path[-1] == "com.docker.lb.hosts"


def test_everything() -> None:
    found = route(
        mapped(
            hosts='"a.example.org, b.example.org,"', port='"8080"', network="prod_front", service_cluster="east",
            context_root="/app", context_root_rewrite='"true"', websocket_endpoints='"/ws, /x"', ssl_cert="c",
            ssl_key="k", ssl_passthrough='"true"', redirects='"http://b.example.org,http://a.example.org;"',
            sticky_session_cookie="sid", ip_hash='"true"', default_backend='"true"', backend_mode="task",
            max_fails="3", fail_timeout="10s",
        )
        + "\nreplicas: 3"
    )  # fmt: skip
    assert [host.name for host in found.hosts] == ["a.example.org", "b.example.org"]
    assert [word.text for word in found.websocket_endpoints] == ["/ws", "/x"]
    assert [(pair.source.text, pair.target.text) for pair in found.redirects] == [
        ("http://b.example.org", "http://a.example.org")
    ]
    words = (found.port, found.context_root, found.ssl_cert, found.ssl_key, found.sticky_session_cookie)
    assert [word and word.text for word in (*words, found.max_fails, found.fail_timeout)] == [
        "8080", "/app", "c", "k", "sid", "3", "10s"
    ]  # fmt: skip
    assert (found.network, found.cluster, found.targets, found.vip) == ("prod_front", "east", 3, False)
    assert found.context_root_rewrite
    assert found.ssl_passthrough
    assert found.ip_hash
    assert found.default_backend
    label = found.label("port")
    assert label is not None
    assert label.value == "8080"
    assert found.label("absent") is None


@pytest.mark.parametrize(
    ("deploy", "targets"),
    [
        pytest.param("replicas: 0", 0, id="none"),
        pytest.param("replicas: 7", 7, id="seven"),
        pytest.param("mode: global", 1, id="global"),
        pytest.param("mode: replicated", 1, id="default"),
    ],
)
def test_targets(deploy: str, targets: int) -> None:
    labels = mapped(hosts="a.example.org", port="80")
    assert route(f"{labels}\n{deploy}").targets == targets
    assert route(f"{labels}\n  com.docker.lb.backend_mode: vip\n{deploy}").targets == 1


@pytest.mark.parametrize("value", ["True", "TRUE", "1", "yes", "on", "t", "true,", "truee"])
def test_only_the_documented_word_turns_a_label_on(value: str) -> None:
    found = route(mapped(hosts="a.example.org", port="80", ip_hash=f'"{value}"', ssl_passthrough='" true "'))
    assert not found.ip_hash
    assert found.ssl_passthrough, "spaces around it are left aside"


def test_an_empty_value_is_as_none() -> None:
    names = ("context_root", "ssl_cert", "ssl_key", "sticky_session_cookie", "max_fails", "fail_timeout")
    for value in ('""', '"  "'):
        found = route(mapped(hosts="a.example.org", port="80", **dict.fromkeys(names, value)))
        assert [getattr(found, name) for name in names] == [None] * len(names)


@pytest.mark.parametrize(
    ("port", "read_as"),
    [
        pytest.param("80", "80", id="number"),
        pytest.param('" 80 "', "80", id="spaces"),
        pytest.param('"0080"', "0080", id="zeros"),
        pytest.param("0777", "511", id="octal"),
        pytest.param("http", None, id="word"),
        pytest.param("0", None, id="zero"),
        pytest.param("65536", None, id="too-large"),
        pytest.param('"80/tcp"', None, id="protocol"),
        pytest.param('""', None, id="empty"),
    ],
)
def test_port(port: str, read_as: str | None) -> None:
    found = route(mapped(hosts="a.example.org", port=port)).port
    assert (found and found.text) == read_as


def test_a_fatal_value_stays_as_written() -> None:
    found = route(mapped(hosts='"a.example.org;} server { listen 81, b c"', port="80", context_root='"/a b"'))
    assert [host.name for host in found.hosts] == ["a.example.org;} server { listen 81", "b c"]
    assert found.context_root is not None
    assert found.context_root.text == "/a b"


def marked(source: Source, found: Route) -> list[str]:
    """The texts of the file at the places of the hosts and of the redirects."""
    places = [host.place for host in found.hosts]
    places += [word.place for pair in found.redirects for word in pair]
    texts = []
    for place in places:
        at = source.position(place)
        texts.append(source.text.splitlines()[at.line - 1][at.column - 1 : at.end_column - 1])
    return texts


@pytest.mark.parametrize(
    "labels",
    [
        pytest.param(
            "labels:\n  com.docker.lb.hosts: a.example.org, b.example.org\n"
            "  com.docker.lb.redirects: 'http://b.example.org, http://a.example.org'",
            id="map",
        ),
        pytest.param(
            'labels:\n  - com.docker.lb.hosts=a.example.org, b.example.org\n'
            '  - "com.docker.lb.redirects=http://b.example.org, http://a.example.org"',
            id="list",
        ),
        pytest.param(
            "labels: {com.docker.lb.hosts: 'a.example.org, b.example.org', "
            "com.docker.lb.redirects: 'http://b.example.org, http://a.example.org'}",
            id="flow",
        ),
    ],
)  # fmt: skip
def test_places_of_parts(labels: str) -> None:
    source, _, ingress = one(labels)
    assert marked(source, ingress.routes[0]) == [
        "a.example.org", "b.example.org", "http://b.example.org", "http://a.example.org"
    ]  # fmt: skip


def test_a_value_with_a_variable_is_placed_whole() -> None:
    source, _, ingress = one(mapped(hosts="'a.example.org,${NAME}'"), {"NAME": "b.example.org"})
    assert [host.name for host in ingress.routes[0].hosts] == ["a.example.org", "b.example.org"]
    assert set(marked(source, ingress.routes[0])) == {"'a.example.org,${NAME}'"}


WORDS = ["a.com,b.com", "http://a,http://b", ";;,", "true", "  ", "/a,/b", "8080"]
TEXTS = st.text(max_size=30) | st.sampled_from(WORDS)


@settings(max_examples=50, deadline=None)
@given(values=st.fixed_dictionaries(dict.fromkeys(LABELS, TEXTS)))
def test_any_text_is_read(values: dict[str, str]) -> None:
    lines = mapped(**{name: json.dumps(value) for name, value in values.items()})
    source, stack, ingress = one(lines)
    for found in ingress.routes:
        for host in found.hosts:
            assert host.name
            source.position(host.place)
    infer_name(stack)


@pytest.mark.parametrize(
    ("labels", "tail", "name"),
    [
        pytest.param(mapped(network="demo_front"), "", "demo", id="network"),
        pytest.param(mapped(network="front"), "", None, id="bare-key"),
        pytest.param(mapped(network="prod_front"), "", None, id="external-network"),
        pytest.param(mapped(network="demo_back"), "", None, id="network-of-other-services"),
        pytest.param(mapped(network="_front"), "", None, id="no-name"),
        pytest.param(mapped(network='"a b_front"'), "", None, id="no-name-of-a-stack"),
        pytest.param(mapped(ssl_cert="demo_app.cert", ssl_key="demo_app.key"), "", "demo", id="secrets"),
        pytest.param(mapped(ssl_cert="outer.cert", ssl_key="outer.key"), "", None, id="outer-secrets"),
        pytest.param(mapped(network="demo_front", ssl_cert="demo_app.cert"), "", "demo", id="they-agree"),
        pytest.param(mapped(network="demo_front", ssl_cert="other_app.cert"), "", None, id="they-differ"),
        pytest.param(mapped(ssl_key="x_y_app.key"), "", "x_y", id="underscore"),
        pytest.param(mapped(ssl_key="x_y_app.key"), "  y_app.key: {file: ./k}\n", None, id="two-names"),
        pytest.param(
            mapped(ssl_key="x_y_app.key", ssl_cert="x_app.cert"), "  y_app.key: {file: ./k}\n", "x", id="one-in-common"
        ),
        pytest.param(mapped(hosts="demo_front"), "", None, id="other-labels"),
    ],
)
def test_infer_name(labels: str, tail: str, name: str | None) -> None:
    secrets = "secrets:\n  app.cert: {file: ./c}\n  app.key: {file: ./k}\n" + tail
    text = one(labels)[0].text.replace("    deploy:", "    networks: [front]\n    deploy:", 1)
    stack = load([read((text + NETWORKS + secrets).encode(), "stack.yml")], None, {})
    found = infer_name(stack)
    assert (found and found[0]) == name
    if found:
        assert found[1].value.startswith(found[0] + "_")


@pytest.mark.parametrize("outer", ["external: true", "external: true, name: x", "name: x"])
def test_a_network_that_is_no_stacks_tells_no_name(outer: str) -> None:
    """The label names it by its key, and not the network `front` of a stack `old`."""
    tail = f"    networks: [front, old_front]\nnetworks: {{front: {{}}, old_front: {{{outer}}}}}\n"
    assert infer_name(one(mapped(network="old_front"), tail=tail)[1]) is None
    other = tail.replace("old_front", "older")
    assert (infer_name(one(mapped(network="old_front"), tail=other)[1]) or [None])[0] == "old"


def test_the_implicit_network_tells_the_name() -> None:
    assert (infer_name(one(mapped(network="demo_default"))[1]) or [None])[0] == "demo"
