"""Interlock's own config: what the reader makes of it, and its values against the real nginx."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nginx import HTTP2_UPSTREAM, SETTINGS, sandbox, version
from routes import ingress, route

from lblint.finding import Severity
from lblint.interlock import config_keys
from lblint.interlock.config import MOST_FAULTS, InterlockConfig, read_config
from lblint.interlock.config_keys import Key
from lblint.interlock.proxy_options import directives as table
from lblint.interlock.proxy_options import values
from lblint.interlock.proxy_options.values import check_log_format, check_option, directives
from lblint.interlock.proxy_options.verdict import judge_options, statements
from lblint.interlock.version import Version, parse_version, reached
from lblint.lint import check_stacks, make_options
from lblint.proxy import trial
from lblint.source.toml import read_toml

WRONG = "WrongConfigType"


def config(text: str) -> InterlockConfig:
    return read_config(read_toml(text.encode(), "config.toml"))


def kinds(text: str) -> list[tuple[str, tuple[str | int, ...]]]:
    return [(type(fault).__name__, fault.place.path) for fault in config(text).faults]


TEXT = """\
listenaddr = ":8080"
[Extensions.east]
Image = "mirantis/ucp-interlock-extension:3.8.16"
ProxyImage = "mirantis/ucp-interlock-proxy:3.8.16"
ProxyReplicas = 2
ServiceCluster = "east"
Networks = ["eastnet"]
PublishMode = "host"
[Extensions.east.Config]
RlimitNoFile = 65535
clientmaxbodysize = "32m"
[Extensions.rest]
ProxyReplicas = 1
"""


def test_what_is_read() -> None:
    read = config(TEXT)
    assert read.sound
    assert not read.faults
    east, rest = read.extensions
    assert (east.name, east.cluster, east.value("PublishMode")) == ("east", "east", "host")
    assert (rest.cluster, rest.value("PublishMode"), rest.value("Networks")) == ("", "ingress", None)
    assert east.config["clientmaxbodysize"].value == "32m"
    assert east.config["rlimitnofile"].place.path == ("Extensions", "east", "Config", "RlimitNoFile")
    assert read.extension("east") is east
    assert read.extension("") is rest
    assert read.extension("west") is None
    assert read.version == Version(3, 8, 16)
    assert not [problem for setting in read.settings() for problem in setting.problems()]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("a = ", [("InvalidToml", ())], id="syntax"),
        pytest.param("", [("NoExtension", ("Extensions",))], id="empty"),
        pytest.param("[Extensions]", [("NoExtension", ("Extensions",))], id="no extension"),
        pytest.param("Extensions = 1", [(WRONG, ("Extensions",))], id="extensions a number"),
        pytest.param("Extensions = {a = 1}", [(WRONG, ("Extensions", "a"))], id="extension a number"),
        pytest.param("[[Extensions]]\nName = 'nginx'", [("ConfigOfVersion1", ("Extensions",))], id="list"),
        pytest.param("EnableMetrics = true", [("ConfigOfVersion1", ("EnableMetrics",))], id="metrics"),
        pytest.param("Foo = 1\n[Extensions.a]", [("UnknownConfigKey", ("Foo",))], id="unknown"),
        pytest.param("[Extensions.a]\nPublishedPort = '80'", [(WRONG, ("Extensions", "a", "PublishedPort"))],
                     id="text for a number"),
        pytest.param("[Extensions.a]\nPublishedPort = true", [(WRONG, ("Extensions", "a", "PublishedPort"))],
                     id="flag for a number"),
        pytest.param("[Extensions.a]\nArgs = ['a', 1]", [(WRONG, ("Extensions", "a", "Args", 1))], id="item"),
        pytest.param("[Extensions.a.Labels]\nx = 1", [(WRONG, ("Extensions", "a", "Labels", "x"))], id="label"),
        pytest.param("[Extensions.a]\nargs = []\nArgs = []", [("DuplicateConfigKey", ("Extensions", "a", "Args"))],
                     id="twice"),
        pytest.param("[Extensions.a.Config]\nIPHash = 1", [(WRONG, ("Extensions", "a", "Config", "IPHash"))],
                     id="number for a flag"),
        pytest.param("[Extensions.a.Config]\nClientTimeout = 1",
                     [("UnknownConfigKey", ("Extensions", "a", "Config", "ClientTimeout"))], id="of haproxy"),
        pytest.param("[Extensions.a]\nImage='x/interlock-extension-haproxy'\n[Extensions.a.Config]\nClientTimeout = 1",
                     [], id="haproxy"),
    ],
)  # fmt: skip
def test_faults(text: str, found: list[Any]) -> None:
    assert kinds(text) == found


def test_tables_alone_belong_to_the_extension_before_them() -> None:
    """`[Extensions.c.Config]` was to be that of `[Extensions.a]`: the one before that has its own."""
    text = "[Extensions.z]\nPublishedPort = 1\n[Extensions.z.Config]\nUser = 'x'\n[Extensions.a]\nPublishedPort = 2\n"
    text += "[Extensions.c.Config]\nUser = 'y'\n[Extensions.b]\nPublishedPort = 3\n"
    (fault,) = config(text).faults
    assert (fault.place.path, getattr(fault, "owner", "")) == (("Extensions", "c"), "a")
    assert [extension.name for extension in config(text).extensions] == ["z", "a", "b"]


def test_a_file_of_nothing_but_faults_is_cut() -> None:
    assert len(config("\n".join(f"k{i} = 1" for i in range(20_000))).faults) == MOST_FAULTS


LEAVES = st.sampled_from([1, -1, True, "", "a", "80", [], ["a"], [1], {}, {"a": 1}, 1.5, None, "'", "x;", "3s"])
TABLES = (config_keys.CORE, config_keys.EXTENSION, config_keys.NGINX, config_keys.HAPROXY)
NAMES = st.sampled_from([key.name for table in TABLES
                         for key in table.values()] + ["x"])  # fmt: skip


@settings(deadline=None)
@given(st.dictionaries(NAMES, LEAVES, max_size=4), st.dictionaries(NAMES, LEAVES, max_size=6),
       st.dictionaries(NAMES, LEAVES, max_size=6))  # fmt: skip
def test_nothing_raises(core: dict[str, Any], own: dict[str, Any], nginx: dict[str, Any]) -> None:
    source = read_toml(b"", "config.toml")
    source.data = {**core, "Extensions": {"a": {**own, "Config": nginx}}}
    read = read_config(source)
    for setting in read.settings():
        assert isinstance(setting.sound, bool)
    for wanted in ("", "3.0.1", "3.9.6"):
        result = check_stacks([[source]], make_options(interlock=source, version=parse_version(wanted)))
        assert {finding.file for finding in result.findings} <= {source.name}


DIRECTIVES = {
    "HTTPVersion": "http_version",
    "User": "user",
    "PidPath": "pid_path",
    "WorkerProcesses": "worker_processes",
    "MaxConnections": "max_connections",
    "ConnectTimeout": "connect_timeout",
    "SendTimeout": "send_timeout",
    "ReadTimeout": "read_timeout",
    "SSLCiphers": "ssl_ciphers",
    "SSLProtocols": "ssl_protocols",
    "AccessLogPath": "access_log_path",
    "ErrorLogPath": "error_log_path",
    "MainLogFormat": "main_log_format",
    "KeepaliveTimeout": "keepalive_timeout",
    "ClientMaxBodySize": "client_max_body_size",
    "ClientBodyBufferSize": "client_body_buffer_size",
    "ClientHeaderBufferSize": "client_header_buffer_size",
    "LargeClientHeaderBuffers": "large_client_header_buffers",
    "ClientBodyTimeout": "client_body_timeout",
    "ServerNamesHashBucketSize": "server_names_hash_bucket_size",
    "UpstreamZoneSize": "upstream_zone_size",
}
"""The keys whose values nginx reads, by their field in the settings of the trial."""
TIMES = ["60s", "60", "500ms", "1m30", "1m30s", "0", "2d3h", "1w", "30s30", "-1", "75 s", "75sec", "1.5s", "", "1y",
         "1M", "5s10m", "1h1h", "s", "1S", "1m 30s", "60s;", "'60s'", "$x", "٣s"]  # fmt: skip
SIZES = ["8k", "8K", "1m", "0", "100", "1g", "1t", "32mb", "-1", "1.5m", "32 m", "", "k", "8k;", "0x10"]
VALUES: dict[str, list[Any]] = {
    "HTTPVersion": ["1.0", "1.1", "2", "1", "HTTP/1.1", "2.0", "1.1;"],
    "User": ["nobody", "nobody nogroup", "no-body", "nobody;", "", "a b c", "{"],
    "PidPath": ["nginx.pid", "x.pid", "a b", "", "x;", "x'", "#x"],
    "WorkerProcesses": [1, 2, 0, -1, "auto", "Auto", "1", "1 2", "x", ""],
    "MaxConnections": [1024, 4, 2, 1, 0, -1],
    "ConnectTimeout": [600, 5, 0, -1, 9223372036854775, 9223372036854776],
    "SendTimeout": [600, -1],
    "ReadTimeout": [600, -1],
    "SSLCiphers": ["HIGH:!aNULL:!MD5", "HIGH", "HIGH !aNULL", "", "HIGH;", "ECDHE-RSA-AES128-GCM-SHA256:HIGH"],
    "SSLProtocols": ["TLSv1.2", "TLSv1.2 TLSv1.3", "tlsv1.2", "TLS1.2", "TLSv1.2,TLSv1.3", "SSLv3", "", "TLSv1.4",
                     "TLSv1.2;", "ssl"],
    "AccessLogPath": ["access.log", "off", "a b", "", "a;", "a'"],
    "ErrorLogPath": ["error.log", "a b", "", "a;", "stderr"],
    "MainLogFormat": ["'$status';", "$status;", "'$status' '$host';", "'a", "'a'b;", "{;", "'a' {};",
                      "escape=json '$host';", "\"a\\\"b\";", "'a';\n\t", "a } b;", "${status};", "'x'; # done"],
    "KeepaliveTimeout": [*TIMES, "75s 60s", "75s 60s 5s", "75s x"],
    "ClientMaxBodySize": SIZES,
    "ClientBodyBufferSize": SIZES,
    "ClientHeaderBufferSize": SIZES,
    "LargeClientHeaderBuffers": ["4 8k", "8k", "4", "0 8k", "4 0", "4 0k", "4 511", "4 512", "4 1g", "4k 8k", "4 8k 1",
                                 "-1 8k", "04 8k", "", "4,8k"],
    "ClientBodyTimeout": TIMES,
    "ServerNamesHashBucketSize": [128, 64, 1, 0, -1, 100, 65472, 65473, 1_000_000],
    "UpstreamZoneSize": [64, 32, 31, 0, -1],
}  # fmt: skip


def problems(key: Key, value: Any) -> list[str]:
    """What stops nginx, by the key's own check."""
    found = list(key.check(value))
    stops = [p.says for p in found if p.severity is Severity.ERROR]
    return stops + [p.says for p in found if p.kind == "http-version"]


@pytest.mark.needs_nginx
@pytest.mark.parametrize("name", sorted(VALUES))
def test_values_against_nginx(name: str) -> None:
    one = ingress(route("a", hosts="a.org"), route("b", hosts="b.org", ssl_cert="c", ssl_key="k"))
    differing = []
    with sandbox() as box:
        for value in VALUES[name]:
            key = config_keys.NGINX[name.lower()]
            if name == "MainLogFormat":
                text = trial(one, SETTINGS).text.replace(SETTINGS.main_log_format, str(value))
            elif isinstance(value, str) and name != "HTTPVersion":
                text = trial(one, SETTINGS._replace(**{DIRECTIVES[name]: "@@"})).text.replace("@@", value)
            else:
                text = trial(one, SETTINGS._replace(**{DIRECTIVES[name]: value})).text
            verdict = box.test(text)
            newer = name == "HTTPVersion" and value == "2" and version() >= HTTP2_UPSTREAM
            if verdict.ok is (bool(problems(key, value)) and not newer):
                differing.append((value, verdict.message, problems(key, value)))
    assert differing == []


def test_every_setting_of_nginx_is_tried() -> None:
    assert set(VALUES) == set(DIRECTIVES)


@pytest.mark.parametrize(
    ("check", "value", "write"),
    [
        pytest.param(values.check_time, "75sec", "75s", id="seconds"),
        pytest.param(values.check_time, "5 min", "5m", id="minutes"),
        pytest.param(values.check_body_size, "32mb", "32m", id="megabytes"),
        pytest.param(values.check_body_size, "1t", "", id="terabytes"),
        pytest.param(values.check_protocols, "TLS1.2", "TLSv1.2", id="protocol"),
        pytest.param(values.check_protocols, "TLSv1.2,TLSv1.3", "TLSv1.2 TLSv1.3", id="protocols"),
        pytest.param(values.check_ciphers, "HIGH !aNULL", "HIGH:!aNULL", id="ciphers"),
    ],
)
def test_what_to_write_instead(check: values.Check, value: str, write: str) -> None:
    (problem,) = check(value)
    assert problem.write == write


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        pytest.param("'$status'", ["semicolon"], id="semicolon"),
        pytest.param("'$status' # x;", ["semicolon"], id="comment"),
        pytest.param("$status $host;", ["spaces"], id="no quotes"),
        pytest.param("escape=json $status;", [], id="escape"),
        pytest.param("", ["empty"], id="empty"),
        pytest.param("'$status", ["quote"], id="open"),
        pytest.param("'a'\n\t 'b';", [], id="lines"),
        pytest.param("${status}-x;", [], id="braces"),
    ],
)
def test_log_formats(value: str, kind: list[str]) -> None:
    assert [problem.kind for problem in check_log_format(value)] == kind


def test_options() -> None:
    assert not list(check_option("geo $x { default 0; 10.0.0.0/8 1; }"))
    assert [problem.kind for problem in check_option("server {")] == ["open"]
    assert [problem.kind for problem in check_option("add_header a 'b;")] == ["open"]
    assert list(directives(["sendfile on; geo $x { default 0; }", "# no\nkeepalive_timeout 5"])) == [
        "sendfile", "geo", "keepalive_timeout"]  # fmt: skip


@given(st.text("'\"\\{};$# \nab", max_size=20))
def test_any_log_format_is_judged(text: str) -> None:
    for problem in check_log_format(text):
        assert 0 <= problem.start <= problem.end <= max(len(text), 1)
    list(check_option(text))


@pytest.mark.parametrize(
    ("part", "line", "kinds"),
    [
        ("http", "map $host $x { ~^a 1; }", []),
        ("http", "map $host $x { '~(?<n>a)' 1; }", ["unchecked"]),
        ("http", "geo $x { default 0; }", []),
        ("http", "geo host $x { default 0; }", ["refused"]),
        ("http", "geo $ { default 0; }", ["refused"]),
        ("http", "limit_req zone=b;", ["refused"]),
        ("http", "limit_req_zone $host zone=a:1m rate=1r/s; limit_req zone=a;", []),
        ("http", "limit_req_zone $host zone=a rate=1r/s;", ["refused"]),
        ("http", "limit_req_zone $host zone=:1m rate=1r/s;", ["refused"]),
        ("http", "limit_req_zone $host zone=a:1m:2 rate=1r/s;", ["refused"]),
        ("http", "expires modified 1d;", []),
        ("http", "expires later 1d;", ["refused"]),
        ("http", "access_log /dev/null;", []),
        ("stream", "access_log /dev/null;", ["refused"]),
    ],
)
def test_what_is_known_of_an_option(part: str, line: str, kinds: list[str]) -> None:
    assert [judged.problem.kind for judged in judge_options(part, [line], {})] == kinds


def test_a_user_is_one_or_two_words() -> None:
    problems = [[problem.kind for problem in values.check_user(text)] for text in ("", "a", "a b", "a b c")]
    assert problems == [["refused"], [], [], ["refused"]]


def test_blocks_in_blocks_are_one_directive() -> None:
    (found,) = statements(["a { b { c; } d; }"])
    assert (found.words, found.block, found.end) == (("a",), (("b", "{"), ("c",), ("}",), ("d",)), 17)


WORDS = st.sampled_from(["0", "-1", "1k", "9" * 20, "5s", "$host", "$x", "${", "''", '"a b"', "on", "off", "zone=a:1m",
                         "zone=", "=", "*", "/", "::/0", "1.2.3.4/33", "~*(", "{", "}", ";", "\\", "default", "a:b:c",
                         "rate=1r/s", "if=$x", "50%", "\0"])  # fmt: skip
STATEMENTS = {part: st.tuples(st.sampled_from(sorted(table)), st.lists(WORDS, max_size=6)) for part, table in
              table.DIRECTIVES.items()}  # fmt: skip


@pytest.mark.parametrize("part", STATEMENTS)
@settings(deadline=None)
@given(data=st.data())
def test_any_options_are_judged(part: str, data: st.DataObject) -> None:
    written = data.draw(st.lists(STATEMENTS[part], max_size=4))
    lines = [" ".join([name, *words]) for name, words in written]
    for judged in judge_options(part, lines, {}):
        assert 0 <= judged.problem.start <= judged.problem.end <= len(lines[judged.line])


@pytest.mark.parametrize(
    ("text", "version"),
    [
        pytest.param("3.2.3", Version(3, 2, 3), id="plain"),
        pytest.param("UCP 3.2.3", Version(3, 2, 3), id="ucp"),
        pytest.param("MKE 3.8", Version(3, 8), id="line"),
        pytest.param("mke-v3.8.16", Version(3, 8, 16), id="v"),
        pytest.param("3.0.0-2e21c4d", Version(3, 0, 0), id="build"),
        pytest.param("3", None, id="too short"),
        pytest.param("", None, id="empty"),
        pytest.param("EE 3.2.3", None, id="other"),
        pytest.param("3.2.3.4", None, id="too long"),
    ],
)
def test_versions(text: str, version: Version | None) -> None:
    assert parse_version(text) == version


@pytest.mark.parametrize(
    ("version", "since", "expected"),
    [
        pytest.param("3.0.7", "3.0.8 / 3.1.2", False, id="before"),
        pytest.param("3.0.8", "3.0.8 / 3.1.2", True, id="at"),
        pytest.param("3.1.1", "3.0.8 / 3.1.2", False, id="later line before"),
        pytest.param("3.1", "3.0.8 / 3.1.2", None, id="line alone"),
        pytest.param("3.8.1", "3.0.8 / 3.1.2", True, id="after all"),
        pytest.param("3.8.15", "MKE 3.8.16 / 3.9.6", False, id="mke before"),
        pytest.param("3.7.30", "MKE 3.8.16 / 3.9.6", False, id="mke older line"),
        pytest.param("3.10", "MKE 3.8.16 / 3.9.6", True, id="mke newer line"),
        pytest.param("", "3.0.8", None, id="unknown"),
        pytest.param("", "", True, id="always"),
        pytest.param("3.0", "3.0.0", True, id="first of a line"),
    ],
)
def test_reached(version: str, since: str, expected: bool | None) -> None:
    assert reached(parse_version(version), since) is expected


def test_versions_have_names() -> None:
    assert [str(Version(3, 2, 3)), str(Version(3, 8))] == ["UCP 3.2.3", "MKE 3.8"]
