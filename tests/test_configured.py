"""The trial under the settings of Interlock's config: one for each service cluster, and what nginx says of it."""

from __future__ import annotations

from typing import Any

import pytest
from nginx import SETTINGS, judge, kinds
from routes import ingress, route

from lblint.interlock import config_keys
from lblint.interlock.config import InterlockConfig, read_config
from lblint.interlock.running_proxy import Running
from lblint.interlock.version import Version
from lblint.proxy import DEFAULT, Settings, trial, trials
from lblint.proxy.settings import CONFIG, ONCE, OWN, as_it_runs, configured
from lblint.source.toml import read_toml

MAIN = "'$remote_addr - $remote_user [$time_local]'\n\t\t    '$status \\\"$http_referer\\\"';"


def config(text: str) -> InterlockConfig:
    read = read_config(read_toml(text.encode(), "config.toml"))
    assert read.sound
    return read


def settings(text: str, version: Version | None = None) -> Settings:
    (extension,) = config(text).extensions
    return configured(extension, version)


def test_every_field_has_its_key() -> None:
    assert set(OWN) | set(CONFIG) | {"first_loopback_port"} == set(Settings._fields)
    assert {name.lower() for name in OWN.values()} <= set(config_keys.EXTENSION)
    assert {name.lower() for name in CONFIG.values()} <= set(config_keys.NGINX)


@pytest.mark.parametrize("field", sorted({**OWN, **CONFIG}))
def test_defaults_are_those_of_the_table(field: str) -> None:
    name = {**OWN, **CONFIG}[field].lower()
    default = (config_keys.EXTENSION if field in OWN else config_keys.NGINX)[name].default
    held = getattr(DEFAULT, field)
    assert default is None or str(default) == str(held)


def test_settings_come_from_the_extension() -> None:
    read = settings("""
[Extensions.a]
PublishMode = "host"
PublishedPort = 8080
TargetPort = 81
[Extensions.a.Config]
connecttimeout = 5
UpstreamZoneSize = 256
WorkerProcesses = 4
HTTPOptions = ["map_hash_max_size 4096;", "reset_timedout_connection on"]
""")
    assert (read.publish_mode, read.published_port, read.port, read.ssl_port) == ("host", 8080, 81, 443)
    assert (read.connect_timeout, read.upstream_zone_size, read.worker_processes) == (5, 256, "4")
    assert read.http_options == ("map_hash_max_size 4096;", "reset_timedout_connection on;")


@pytest.mark.parametrize(
    ("line", "field"),
    [
        pytest.param("ClientMaxBodySize = '32mb'", "client_max_body_size", id="refused"),
        pytest.param("KeepaliveTimeout = \"'75s'\"", "keepalive_timeout", id="quoted"),
        pytest.param("User = 'nginx; evil'", "user", id="injection"),
        pytest.param("MainLogFormat = \"'$status'\"", "main_log_format", id="no semicolon"),
        pytest.param("MainLogFormat = \"'a'; } server {\"", "main_log_format", id="more"),
        pytest.param("MainLogFormat = \"'${status}';\"", "main_log_format", id="variable in braces"),
        pytest.param("MainLogFormat = \"'a\\\\tb';\"", "main_log_format", id="backslash"),
        pytest.param("HTTPOptions = ['sendfile off;']", "http_options", id="twice"),
        pytest.param("HTTPOptions = ['sendfile on; } evil {']", "http_options", id="brace"),
        pytest.param("HTTPOptions = ['worker_processes 1;']", "http_options", id="elsewhere"),
        pytest.param("GlobalOptions = ['user root;']", "global_options", id="user twice"),
        pytest.param("MaxConnections = 0", "max_connections", id="none"),
    ],
)
def test_what_cannot_be_tried_stays_at_its_default(line: str, field: str) -> None:
    assert getattr(settings(f"[Extensions.a.Config]\n{line}\n"), field) == getattr(DEFAULT, field)


def test_the_hash_is_sized_by_itself_from_a_version_on() -> None:
    text = "[Extensions.a.Config]\nServerNamesHashBucketSize = 64\n"
    assert settings(text).server_names_hash_bucket_size == 64
    assert settings(text, Version(3, 4, 1)).server_names_hash_bucket_size == 64
    assert settings(text, Version(3, 4, 2)).server_names_hash_bucket_size is None


TWO = """
[Extensions.east]
ServiceCluster = "east"
[Extensions.east.Config]
UpstreamZoneSize = 32
[Extensions.west]
ServiceCluster = "west"
TargetPort = 8080
[Extensions.old]
ServiceCluster = "old"
Image = "example/interlock-extension-haproxy:3.2.3"
"""


def test_each_cluster_is_tried_under_its_own_settings() -> None:
    routes = [route(name, hosts=f"{name}.org", cluster=name) for name in ("west", "east", "north", "old")]
    found = list(trials(ingress(*routes)._replace(config=config(TWO))))
    assert [one.ingress.routes[0].cluster for one in found] == ["east", "west"]
    assert "zone up-east.org_backend 32k;" in found[0].text
    assert "listen 80;" in found[0].text
    assert "zone up-west.org_backend 64k;" in found[1].text
    assert "listen 8080;" in found[1].text


RUNS = Running("nginx.conf", bucket=256, map_bucket=128, zone=32, connections=4096)


def test_sizes_of_what_runs_count_where_the_config_sets_none() -> None:
    found = as_it_runs(DEFAULT, [RUNS])
    assert (found.server_names_hash_bucket_size, found.upstream_zone_size, found.max_connections) == (256, 32, 4096)
    assert found.tcp_options == ("map_hash_bucket_size 128;",)
    assert as_it_runs(DEFAULT, [Running("nginx.conf")]) == DEFAULT, "a config that sets none"


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ("ServerNamesHashBucketSize = 128", "server_names_hash_bucket_size"),
        ("UpstreamZoneSize = 64", "upstream_zone_size"),
        ("MaxConnections = 1024", "max_connections"),
        ("TCPOptions = ['map_hash_bucket_size 64;']", "tcp_options"),
    ],
)
def test_what_the_config_sets_comes_before_what_runs(line: str, field: str) -> None:
    (extension,) = config(f"[Extensions.a.Config]\n{line}\n").extensions
    own = configured(extension)
    found = as_it_runs(own, [RUNS], extension)
    assert getattr(found, field) == getattr(own, field)
    names = ("server_names_hash_bucket_size", "upstream_zone_size", "max_connections", "tcp_options")
    assert all(getattr(found, name) != getattr(own, name) for name in names if name != field)


def test_a_table_of_names_that_is_smaller_than_usual_does_not_count() -> None:
    """The product may make it larger."""
    assert as_it_runs(DEFAULT, [RUNS._replace(bucket=64)]).server_names_hash_bucket_size == 128
    by_itself = DEFAULT._replace(server_names_hash_bucket_size=None)
    assert as_it_runs(by_itself, [RUNS]).server_names_hash_bucket_size is None


def test_nothing_to_try() -> None:
    assert trial(ingress()._replace(config=config(TWO))).text == ""
    assert "503" in trial(ingress()).text


@pytest.mark.parametrize(
    ("option", "expected"),
    [
        pytest.param("", ["TlsHostTooLong"], id="default"),
        pytest.param("TCPOptions = ['map_hash_bucket_size 128;']", [], id="larger"),
        pytest.param("HTTPOptions = ['map_hash_bucket_size 128;']", ["TlsHostTooLong"], id="not in the stream"),
    ],
)
@pytest.mark.needs_nginx
def test_the_size_of_the_sni_map(option: str, expected: list[str]) -> None:
    name = "a" * 60 + ".org"
    secure = ingress(route("a", hosts=name, ssl_cert="c", ssl_key="k"), route("b", hosts="b.org"))
    held = settings(f"[Extensions.a.Config]\n{option}\n")
    tested = SETTINGS._replace(http_options=held.http_options, tcp_options=held.tcp_options)
    tried = trial(secure, tested)
    assert kinds(tried.faults) == expected
    assert judge(tried.text).ok is (not expected)


FULL = f"""
[Extensions.a]
PublishMode = "host"
[Extensions.a.Config]
HTTPVersion = "1.1"
ClientMaxBodySize = "32m"
MainLogFormat = "{MAIN.replace(chr(10), chr(92) + "n").replace(chr(9), chr(92) + "t")}"
TraceLogFormat = "'$reqid $msec';"
HTTPOptions = ["map_hash_max_size 4096;"]
TCPOptions = ["map_hash_bucket_size 256"]
GlobalOptions = ["worker_rlimit_nofile 4096;"]
LargeClientHeaderBuffers = "4 16k"
KeepaliveTimeout = "75s 60s"
SSLProtocols = "TLSv1.2 TLSv1.3"
"""


@pytest.mark.needs_nginx
def test_nginx_takes_the_trial_of_a_full_config() -> None:
    held = settings(FULL)
    own = {name: getattr(SETTINGS, name) for name in ("port", "ssl_port", "first_loopback_port", "user", "pid_path",
                                                      "access_log_path", "error_log_path")}  # fmt: skip
    tried = trial(ingress(route("a", hosts="a.org"), route("b", hosts="b.org", ssl_cert="c", ssl_key="k")),
                  held._replace(**own))  # fmt: skip
    assert tried.faults == ()
    assert "$request_id $msec" in tried.text
    assert "map_hash_bucket_size 256;" in tried.text
    verdict = judge(tried.text)
    assert verdict.ok, verdict.message


VALUES: dict[str, Any] = {"default_type": "a/b", "large_client_header_buffers": "4 8k", "sendfile": "on",
                          "underscores_in_headers": "on", "ssl_prefer_server_ciphers": "on", "ssl_ciphers": "HIGH",
                          "proxy_http_version": "1.1", "server_names_hash_bucket_size": "128"}  # fmt: skip


@pytest.mark.needs_nginx
@pytest.mark.parametrize("name", sorted(ONCE["http"]))
def test_nginx_refuses_to_read_a_directive_twice(name: str) -> None:
    option = f"{name} {VALUES.get(name, '60')};"
    verdict = judge(trial(ingress(route("a", hosts="a.org")), SETTINGS._replace(http_options=(option,))).text)
    assert "duplicate" in verdict.message


@pytest.mark.needs_nginx
@pytest.mark.parametrize("option", ["add_header a b;", "access_log off;", "proxy_set_header a b;",
                                    "ssl_protocols TLSv1.3;", "proxy_next_upstream off;"])  # fmt: skip
def test_others_may_stand_twice(option: str) -> None:
    assert judge(trial(ingress(route("a", hosts="a.org")), SETTINGS._replace(http_options=(option,))).text).ok
