"""The trial against the real nginx: sound routes are taken, and each limit lies exactly where it is said to lie."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from nginx import LARGER_ZONES, SETTINGS, Sandbox, kinds, sandbox, version
from proxy_cases import CASES
from routes import ingress, route

from lblint.interlock.routes import Route
from lblint.proxy import Settings, trial

pytestmark = pytest.mark.needs_nginx


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    with sandbox() as made:
        yield made


def both(box: Sandbox, *routes: Route, settings: Settings = SETTINGS) -> tuple[list[str], str]:
    """The kinds of faults that the trial finds, and nginx's complaint."""
    tried = trial(ingress(*routes), settings)
    return kinds(tried.faults), box.test(tried.text).message


@pytest.mark.parametrize("name", CASES)
def test_nginx_takes_sound_routes(name: str, box: Sandbox) -> None:
    verdict = box.test(trial(ingress(*CASES[name]), SETTINGS).text)
    assert verdict.message == ""
    assert not [warning for warning in verdict.warnings if "conflicting" in warning]


def test_nginx_takes_all_of_them_at_once(box: Sandbox) -> None:
    routes = [
        one._replace(
            hosts=tuple(host._replace(name=host.name.lower().removesuffix("org") + name) for host in one.hosts),
            default_backend=False,
        )
        for name, case in CASES.items()
        for one in case
    ]
    assert both(box, *routes) == ([], "")


@pytest.mark.parametrize("bucket", [32, 64, 100, 128, 256, 512])
def test_the_longest_host_for_a_bucket(bucket: int, box: Sandbox) -> None:
    settings = SETTINGS._replace(server_names_hash_bucket_size=bucket)
    limit = {32: 46, 64: 46, 100: 110, 128: 110, 256: 238, 512: 494}[bucket]
    assert both(box, route(hosts="a" * limit), settings=settings) == ([], "")
    found, said = both(box, route(hosts="a" * (limit + 1)), settings=settings)
    assert found == ["ServerNameTooLong"]
    assert said.startswith("could not build server_names_hash")


def test_the_length_of_a_host_counts_in_bytes(box: Sandbox) -> None:
    assert both(box, route(hosts="é" * 55)) == ([], "")
    found, said = both(box, route(hosts="é" * 55 + "a"))
    assert (found, said[:15]) == (["ServerNameTooLong"], "could not build")


@pytest.mark.parametrize("form", ["*.{}.org", "{}.*", ".{}", "*.x.{}"])
def test_the_longest_label_of_a_wildcard(form: str, box: Sandbox) -> None:
    assert both(box, route(hosts=form.format("a" * 110))) == ([], "")
    found, said = both(box, route(hosts=form.format("a" * 111)))
    assert found == ["ServerNameTooLong"]
    assert said.startswith("could not build server_names_hash")


def test_the_longest_host_of_the_sni_map(box: Sandbox) -> None:
    tls = {"ssl_cert": "cert", "ssl_key": "key"}
    assert both(box, route(hosts="a" * 46, **tls)) == ([], "")
    found, said = both(box, route(hosts="a" * 47, **tls))
    assert found == ["TlsHostTooLong"]
    assert said.startswith("could not build map_hash")
    assert both(box, route(hosts="a" * 47, ssl_passthrough=True))[0] == ["TlsHostTooLong"]


def test_a_long_host_alone_on_its_port_is_in_no_table(box: Sandbox) -> None:
    long = route(hosts="a" * 300, default_backend=True)
    assert both(box, long) == ([], "")
    assert both(box, long, route("b", hosts="b.org")) == ([], "")


ZONES = [
    pytest.param(64, "a.example.org", 64, id="64k"),
    pytest.param(32, "a.example.org", 24, id="32k"),
    pytest.param(48, "a.example.org", 47, id="48k"),
    pytest.param(128, "a.example.org", 152, id="128k"),
    pytest.param(256, "a.example.org", 319, id="256k"),
    pytest.param(64, "a", 63, id="host-1"),
    pytest.param(64, "a" * 10, 64, id="host-10"),
    pytest.param(64, "a" * 20, 63, id="host-20"),
    pytest.param(64, "a" * 80, 72, id="host-80"),
    pytest.param(64, "a" * 110, 64, id="host-110"),
]


@pytest.mark.parametrize(("kilobytes", "host", "limit"), ZONES)
def test_the_most_servers_of_a_zone(
    kilobytes: int, host: str, limit: int, box: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lblint.proxy.template.SHOWN", 400)
    settings = SETTINGS._replace(upstream_zone_size=kilobytes)
    found, said = both(box, route(hosts=host, targets=limit), settings=settings)
    if version() < LARGER_ZONES:
        assert (found, said) == ([], "")
    else:
        assert found in ([], ["ZoneNearlyFull"])
        assert found or not said
    found, said = both(box, route(hosts=host, targets=limit + 1), settings=settings)
    assert found == ["ZoneTooSmall"]
    assert "no memory" in said


def test_servers_of_all_services_share_the_zone(box: Sandbox) -> None:
    blue, green = route("blue", hosts="a.org", targets=32), route("green", hosts="a.org", targets=31)
    found, said = both(box, blue, green)
    assert (found, bool(said)) == ((["ZoneNearlyFull"], True) if version() >= LARGER_ZONES else ([], False))
    assert both(box, blue._replace(targets=64), green)[0] == ["ZoneTooSmall"]


@pytest.mark.parametrize("address", ["1:1", "65535:longer"])
def test_the_zone_with_long_addresses(address: str, box: Sandbox) -> None:
    first = route(hosts="a.example.org", port=address.split(":")[0], targets=64)
    found, said = both(box, *[route(str(i), hosts=f"{i}.org") for i in range(300)], first)
    assert found or not said
    if version() < LARGER_ZONES:
        assert bool(found) == bool(said)


def test_the_most_listening_sockets(box: Sandbox) -> None:
    tls = [route(str(i), hosts=f"h{i}.org", ssl_cert="cert", ssl_key="key") for i in range(31)]
    settings = SETTINGS._replace(max_connections=32)
    assert both(box, *tls[:29], settings=settings) == ([], "")
    found, said = both(box, *tls[:30], settings=settings)
    assert found == ["TooManySockets"]
    assert "worker_connections are not enough" in said


def test_the_longest_word(box: Sandbox) -> None:
    assert both(box, route(hosts="a.org", context_root="/" + "a" * 4093)) == ([], "")
    found, said = both(box, route(hosts="a.org", context_root="/" + "a" * 4094))
    assert found == ["LongWord"]
    assert said.startswith("too long parameter")


REFUSED = [
    pytest.param({"hosts": "*"}, "InvalidServerName", id="host-star"),
    pytest.param({"hosts": "*a.org"}, "InvalidServerName", id="host-star-in-label"),
    pytest.param({"hosts": "a.*.org"}, "InvalidServerName", id="host-star-in-the-middle"),
    pytest.param({"hosts": "*.a.*"}, "InvalidServerName", id="host-two-stars"),
    pytest.param({"hosts": "a..org"}, "InvalidServerName", id="host-two-dots"),
    pytest.param({"hosts": "."}, "InvalidServerName", id="host-dot"),
    pytest.param({"hosts": "$x"}, "Variable", id="host-variable"),
    pytest.param({"hosts": "a.org:8080"}, "InvalidUpstreamName", id="host-port"),
    pytest.param({"hosts": "http://a.org"}, "InvalidUpstreamName", id="host-scheme"),
    pytest.param({"hosts": "a.org/app"}, "InvalidUpstreamName", id="host-path"),
    pytest.param({"hosts": "a.org?x"}, "InvalidUpstreamName", id="host-query"),
    pytest.param({"hosts": "~(a"}, "InvalidRegex", id="host-regex"),
    pytest.param({"hosts": ["a.org", "A.org"]}, "DuplicateUpstream", id="host-letter-case"),
    pytest.param({"hosts": "include", "ssl_passthrough": True}, "MapKeyword", id="host-include"),
    pytest.param({"hosts": "~[a", "ssl_passthrough": True}, "InvalidRegex", id="passthrough-regex"),
    pytest.param({"port": "0"}, "InvalidPort", id="port-0"),
    pytest.param({"port": "65536"}, "InvalidPort", id="port-65536"),
    pytest.param({"port": "-1"}, "InvalidPort", id="port-negative"),
    pytest.param({"port": "80/tcp"}, "InvalidPort", id="port-protocol"),
    pytest.param({"port": "8080:80"}, "InvalidPort", id="port-pair"),
    pytest.param({"port": "0x50"}, "InvalidPort", id="port-hex"),
    pytest.param({"port": ""}, "InvalidPort", id="port-empty"),
    pytest.param({"targets": 0}, "EmptyUpstream", id="no-target"),
    pytest.param({"max_fails": "-1"}, "InvalidMaxFails", id="max-fails-negative"),
    pytest.param({"max_fails": "1.5"}, "InvalidMaxFails", id="max-fails-decimal"),
    pytest.param({"max_fails": ""}, "InvalidMaxFails", id="max-fails-empty"),
    pytest.param({"fail_timeout": "500ms"}, "InvalidFailTimeout", id="fail-timeout-ms"),
    pytest.param({"fail_timeout": "10sec"}, "InvalidFailTimeout", id="fail-timeout-sec"),
    pytest.param({"fail_timeout": "1m1h"}, "InvalidFailTimeout", id="fail-timeout-order"),
    pytest.param({"fail_timeout": ""}, "InvalidFailTimeout", id="fail-timeout-empty"),
    pytest.param({"context_root": "/nginx_status"}, "DuplicateLocation", id="root-status"),
    pytest.param({"websocket_endpoints": "/ws,/ws"}, "DuplicateLocation", id="websocket-twice"),
    pytest.param({"websocket_endpoints": "/,/"}, "DuplicateLocation", id="websocket-root-twice"),
    pytest.param({"context_root": "/a(b", "context_root_rewrite": True}, "InvalidRegex", id="root-regex-parenthesis"),
    pytest.param({"context_root": "/a[b", "context_root_rewrite": True}, "InvalidRegex", id="root-regex-bracket"),
    pytest.param({"redirects": [("http://a.org", "http://$x")]}, "Variable", id="redirect-variable"),
    pytest.param({"sticky_session_cookie": "a$x"}, "Variable", id="cookie-variable"),
    pytest.param({"ssl_cert": "cert"}, "CertificateWithoutKey", id="certificate-without-key"),
    pytest.param({"ssl_cert": "no/file", "ssl_key": "key"}, "InvalidSecret", id="secret-path"),
    pytest.param({"hosts": "a.org;"}, "BrokenWord", id="host-semicolon"),
    pytest.param({"hosts": ""}, "BrokenWord", id="host-empty"),
    pytest.param({"hosts": " a.org"}, "BrokenWord", id="host-space"),
    pytest.param({"hosts": "'a.org"}, "BrokenWord", id="host-quote"),
    pytest.param({"context_root": ""}, "BrokenWord", id="root-empty"),
    pytest.param({"context_root": "/a b"}, "BrokenWord", id="root-space"),
    pytest.param({"websocket_endpoints": "/ws,"}, "BrokenWord", id="websocket-empty"),
    pytest.param({"redirects": [("http://a.org", "http://b; x")]}, "BrokenWord", id="redirect-semicolon"),
    pytest.param({"sticky_session_cookie": "a b"}, "BrokenWord", id="cookie-space"),
]


@pytest.mark.parametrize(("labels", "kind"), REFUSED)
def test_what_the_trial_refuses_nginx_refuses(labels: dict[str, object], kind: str, box: Sandbox) -> None:
    found, said = both(box, route(**{"hosts": "a.org", **labels}))
    assert found == [kind]
    assert said


TAKEN_OTHERWISE = [
    pytest.param({"hosts": "a.org;} server { listen 18081"}, id="balanced-injection"),
    pytest.param({"hosts": "a.org b.org"}, id="two-hosts-by-space"),
    pytest.param({"hosts": '"a.org"'}, id="quotes"),
    pytest.param({"hosts": "a\\torg"}, id="backslash"),
    pytest.param({"context_root": "/a { return 200; } location /b"}, id="location-injection"),
    pytest.param({"port": "80;#"}, id="comment"),
    pytest.param({"port": "80 weight=5"}, id="option-injection"),
]


@pytest.mark.parametrize("labels", TAKEN_OTHERWISE)
def test_what_reads_otherwise_is_found(labels: dict[str, object], box: Sandbox) -> None:
    assert both(box, route(**{"hosts": "a.org", **labels}))[0] == ["BrokenWord"]


@pytest.mark.parametrize("path", ["~/a(", "~*/a[", "~a**", "~/a\\p"])
def test_a_location_by_a_regular_expression_that_does_not_compile(path: str, box: Sandbox) -> None:
    found, said = both(box, route(hosts="a.org", context_root=path))
    assert found[0] == "UndecidedLocation"
    assert found[1] in ("InvalidRegex", "UndecidedRegex")
    assert said.startswith("pcre")


def test_a_modifier_does_not_make_another_location(box: Sandbox) -> None:
    found, said = both(box, route(hosts="a.org", websocket_endpoints="/ws,^~/ws"))
    assert "DuplicateLocation" in found
    assert said.startswith("duplicate location")


LOST = [
    pytest.param({"sticky_session_cookie": "my-session"}, "CutCookie", id="cookie"),
    pytest.param({"hosts": "_"}, "DuplicateName", id="name-of-the-stock-server"),
    pytest.param({"hosts": ".a.org,*.a.org"}, "DuplicateName", id="name-within-a-wildcard"),
    pytest.param({"context_root": "app"}, "UnmatchedLocation", id="path-without-slash"),
    pytest.param({"hosts": "*.a.org", "ssl_passthrough": True}, "TlsWildcard", id="sni-wildcard"),
]


@pytest.mark.parametrize(("labels", "kind"), LOST)
def test_what_nginx_takes_and_does_not_serve(labels: dict[str, object], kind: str, box: Sandbox) -> None:
    assert both(box, route(**{"hosts": "a.org", **labels})) == ([kind], "")


def test_two_default_backends(box: Sandbox) -> None:
    found, said = both(box, route("a", default_backend=True), route("b", default_backend=True))
    assert found == ["SecondDefaultServer"]
    assert said.startswith("a duplicate default server")


def test_two_default_backends_by_passthrough(box: Sandbox) -> None:
    default = {"default_backend": True, "ssl_passthrough": True}
    found, said = both(box, route("a", hosts="a.org", **default), route("b", hosts="b.org", **default))
    assert found == ["SecondDefaultServer"]
    assert said.startswith("duplicate default map parameter")


def test_thousands_of_hosts_fit_the_tables(box: Sandbox) -> None:
    routes = [route(f"s{i}", hosts=f"h{i}.example.org") for i in range(3000)]
    assert both(box, *routes) == (["ConfigTooLarge"], ""), "too much for a manager, not for nginx"


def test_the_documented_times(box: Sandbox) -> None:
    for time in ("0", "10", "10s", "1m", "1h30m", "1m30", "2d", "1y"):
        assert both(box, route(hosts="a.org", fail_timeout=time)) == ([], "")


@pytest.mark.parametrize("tls", [{"ssl_passthrough": True}, {"ssl_cert": "c", "ssl_key": "k"}], ids=["pass", "end"])
def test_a_regular_expression_is_one_to_the_switch_too(tls: dict[str, object], box: Sandbox) -> None:
    assert both(box, route(hosts="~^a[0-9]+.example.org", **tls)) == ([], "")
