"""Routes to nginx.conf: golden files, the origin of each line, and the order of things."""

from __future__ import annotations

from pathlib import Path

import pytest
from proxy_cases import CASES
from routes import ingress, place, route

from lblint.interlock.routes import Route
from lblint.proxy import DEFAULT, Settings, trial, trials
from lblint.proxy.directive import Directive
from lblint.proxy.sites import url_host
from lblint.proxy.template import meant, render

GOLDEN = Path(__file__).resolve().parent.parent / "fixtures" / "proxy"


@pytest.mark.parametrize("name", CASES)
def test_golden(name: str, update: bool) -> None:
    path = GOLDEN / f"{name}.conf"
    tried = trial(ingress(*CASES[name]))
    assert tried.faults == ()
    if update:
        path.parent.mkdir(exist_ok=True)
        path.write_text(tried.text)
    assert tried.text == path.read_text()


def test_no_golden_file_is_left_over() -> None:
    assert {path.stem for path in GOLDEN.glob("*.conf")} == set(CASES)


def test_each_line_knows_its_label() -> None:
    routes = [
        route("web", hosts="a.example.org", websocket_endpoints="/ws", sticky_session_cookie="sid"),
        route("app", hosts="b.example.org", context_root="/app", context_root_rewrite=True, max_fails="1"),
        route("tls", hosts="c.example.org", ssl_cert="cert", ssl_key="key"),
    ]
    origins = {line.text.strip(): line.origin for line in render(routes)}
    hosts = place("web", "hosts")._replace(chars=(0, 0))
    assert origins["server_name a.example.org;"] == hosts
    assert origins["upstream up-a.example.org {"] == hosts
    assert origins["proxy_pass http://up-a.example.org;"] == hosts
    assert origins["location /ws {"] == place("web", "websocket_endpoints")._replace(chars=(0, 0))
    assert origins["hash $cookie_sid consistent;"] == place("web", "sticky_session_cookie")
    assert origins["server 10.0.0.1:8080;"] == place("web", "port")
    assert origins["rewrite ^/app/(.*) /$1 break;"] == place("app", "context_root")
    assert origins["ssl_certificate_key /run/secrets/key;"] == place("tls", "ssl_key")
    assert origins["c.example.org 127.0.0.1:10000;"] == place("tls", "hosts")._replace(chars=(0, 0))
    assert origins["server_name _;"] is None
    assert origins["http {"] is None


def text(routes: list[Route], settings: Settings = DEFAULT) -> str:
    return "".join(line.text + "\n" for line in render(routes, settings))


def test_a_port_that_is_no_number_does_not_hide_the_rest() -> None:
    assert "server 10.0.0.1:80;" in text([route(hosts="a.org", port=None)])


def test_targets_beyond_those_shown_still_count() -> None:
    tree = meant([route(hosts="a.org", targets=10**9)])
    http = next(directive for directive in tree if directive.name == "http")
    upstream = next(directive for directive in http.block or () if directive.name == "upstream")
    servers = [directive for directive in upstream.block or () if directive.name == "server"]
    assert len(servers) == 100
    assert sum(directive.times for directive in servers) == 10**9


def test_a_host_named_twice_by_one_service_has_its_targets_once() -> None:
    assert text([route(hosts="a.org,a.org")]).count("server 10.0.0.1:8080;") == 1


def test_settings_reach_the_config() -> None:
    settings = DEFAULT._replace(
        port=8080,
        ssl_port=8443,
        upstream_zone_size=256,
        server_names_hash_bucket_size=256,
        hide_info_headers=True,
        global_options=("worker_rlimit_nofile 65535;",),
        http_options=("gzip on;", "add_header x-note 'a b';"),
        tcp_options=("preread_timeout 5s;",),
        ssl_default_dhparam_path="/dh.pem",
        http_version="",
        underscores_in_headers=True,
    )
    rendered = text([route(hosts="a.org")], settings)
    for line in (
        "    listen 8080 default_server;",
        "listen 8443;",
        "zone up-a.org_backend 256k;",
        "server_names_hash_bucket_size 256;",
        "worker_rlimit_nofile 65535;",
        "    add_header x-note 'a b';",
        "    preread_timeout 5s;",
        "ssl_dhparam /dh.pem;",
        "underscores_in_headers on;",
    ):
        assert line in rendered
    assert "x-server-info" not in rendered
    assert "proxy_http_version" not in rendered
    assert trial(ingress(route(hosts="a.org")), settings).faults == ()


def test_a_log_format_without_its_semicolon_swallows_the_next_line() -> None:
    settings = DEFAULT._replace(main_log_format="'$remote_addr'")
    assert [type(fault).__name__ for fault in trial(ingress(), settings).faults] == ["BrokenTree"]


def test_the_hash_bucket_grows_where_the_product_sizes_it() -> None:
    settings = DEFAULT._replace(server_names_hash_bucket_size=None)
    assert "server_names_hash_bucket_size 128;" in text([route(hosts="a.org")], settings)
    assert "server_names_hash_bucket_size 512;" in text([route(hosts="a" * 300 + ".org")], settings)


def test_text_and_tree_are_one_description() -> None:
    def count(tree: tuple[Directive, ...]) -> int:
        return sum(1 + (0 if part.block is None else 1 + count(part.block)) for part in tree)

    routes = [one for case in CASES.values() for one in case if one.hosts]
    assert count(meant(routes)) == len(render(routes))


def test_each_service_cluster_has_a_trial_of_its_own() -> None:
    routes = [
        route("a", default_backend=True),
        route("b", default_backend=True, cluster="dev"),
        route("c", hosts="c.org", cluster="dev"),
    ]
    assert [[one.service.key for one in part.ingress.routes] for part in trials(ingress(*routes))] == [
        ["a"],
        ["b", "c"],
    ]
    whole = trial(ingress(*routes))
    assert whole.faults == ()
    assert [line.text for line in whole.lines if line.text.startswith("#")] == [
        "# service cluster ''",
        "# service cluster 'dev'",
    ]


@pytest.mark.parametrize(
    ("url", "host"),
    [
        pytest.param("http://a.org", "a.org", id="plain"),
        pytest.param("https://A.org:8443/x?y", "a.org", id="port-and-path"),
        pytest.param("a.org", "a.org", id="no-scheme"),
        pytest.param("http:///x", "", id="no-host"),
        pytest.param("", "", id="empty"),
    ],
)
def test_the_host_of_a_redirect(url: str, host: str) -> None:
    assert url_host(url) == host
