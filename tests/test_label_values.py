"""What the validators say of a value: the kind of each problem, the text it points at, how bad it is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lblint.finding import Breaks, Severity
from lblint.interlock import LABELS
from lblint.interlock.hosts import parse_hosts
from lblint.interlock.paths import check_rewritten, check_websocket_endpoints
from lblint.interlock.redirects import check_redirects
from lblint.interlock.value_problems import Problem, shown, split, trim
from lblint.lint import check_stacks, make_options
from lblint.source import read

ERROR, WARNING, INFO = Severity.ERROR, Severity.WARNING, Severity.INFO
PROXY, ROUTE, NOTHING = Breaks.PROXY, Breaks.ROUTE, Breaks.NOTHING

CASES = [
    ("hosts", "http://a.org", "scheme", "http://a.org", ERROR, PROXY),
    ("hosts", "b.org,a.org:80", "port", ":80", ERROR, PROXY),
    ("hosts", "a.org/x", "path", "a.org/x", ERROR, PROXY),
    ("hosts", "a.org/", "path", "a.org/", ERROR, PROXY),
    ("hosts", "a.org b.org", "character", " ", ERROR, PROXY),
    ("hosts", "a.org;b", "character", ";", ERROR, PROXY),
    ("hosts", "a{1}.org", "character", "{", ERROR, PROXY),
    ("hosts", "$x.org", "character", "$", ERROR, PROXY),
    ("hosts", "a.org\\", "character", "\\", ERROR, PROXY),
    ("hosts", "a}b.org", "character", "}", ERROR, ROUTE),
    ("hosts", "a#b.org", "character", "#", ERROR, ROUTE),
    ("hosts", 'a"b; c', "character", ";", ERROR, PROXY),
    ("hosts", "a}b:c", "character", ":", ERROR, PROXY),
    ("hosts", "a|b.org", "character", "|", ERROR, ROUTE),
    ("hosts", '"a.org"', "quote", '"a.org"', WARNING, ROUTE),
    ("hosts", "a..org", "double-dot", "a..org", ERROR, PROXY),
    ("hosts", "*.a.org", "wildcard", "*.a.org", WARNING, ROUTE),
    ("hosts", "a.*.org", "wildcard", "*", ERROR, PROXY),
    ("hosts", "*", "wildcard", "*", ERROR, PROXY),
    ("hosts", "~^a+", "regex", "~^a+", WARNING, ROUTE),
    ("hosts", "~^(a", "regex", "~^(a", ERROR, PROXY),
    ("hosts", "ä.org", "non-ascii", "ä.org", WARNING, ROUTE),
    ("hosts", "a\u200b.org", "character", "\u200b", ERROR, ROUTE),
    ("hosts", "<host>", "placeholder", "<host>", ERROR, ROUTE),
    ("hosts", "{{ x }}.org", "placeholder", "{{ x }}", ERROR, PROXY),
    ("hosts", "a.__X__.org", "placeholder", "__X__", ERROR, ROUTE),
    ("hosts", "a.org, b.org", "space", " b.org", WARNING, PROXY),
    ("hosts", "a.org,", "empty-element", ",", WARNING, PROXY),
    ("hosts", "a.org,A.org", "duplicate", "A.org", WARNING, NOTHING),
    ("hosts", "", "empty", "", ERROR, ROUTE),
    ("hosts", "localhost", "name", "localhost", WARNING, ROUTE),
    ("hosts", "a\n.org", "control-character", "\n", ERROR, PROXY),
    ("port", "0", "range", "0", ERROR, PROXY),
    ("port", "65536", "range", "65536", ERROR, PROXY),
    ("port", "80/tcp", "protocol", "80/tcp", ERROR, PROXY),
    ("port", "80:80", "published", "80:80", ERROR, PROXY),
    ("port", "80,81", "list", "80,81", ERROR, PROXY),
    ("port", "port", "placeholder", "port", ERROR, PROXY),
    ("port", "", "empty", "", ERROR, PROXY),
    ("port", " 80", "space", " 80", WARNING, PROXY),
    ("port", "080", "leading-zero", "080", INFO, NOTHING),
    ("port", "٨٠", "not-a-number", "٨٠", ERROR, PROXY),
    ("context_root", "app", "no-slash", "app", ERROR, ROUTE),
    ("context_root", "/a b", "character", " ", ERROR, PROXY),
    ("context_root", "~ ^/a", "modifier", "~ ^/a", ERROR, PROXY),
    ("context_root", "/nginx_status", "status", "/nginx_status", ERROR, PROXY),
    ("context_root", "/", "root", "/", INFO, NOTHING),
    ("context_root", "/a,/b", "list", ",", WARNING, ROUTE),
    ("context_root", "", "empty", "", WARNING, PROXY),
    ("websocket_endpoints", "/a,/a", "duplicate", "/a", ERROR, PROXY),
    ("websocket_endpoints", "ws://a/b", "url", "ws://a/b", ERROR, ROUTE),
    ("websocket_endpoints", "/a,", "empty-element", ",", WARNING, PROXY),
    ("websocket_endpoints", "/a, /b", "space", " /b", WARNING, ROUTE),
    ("redirects", "http://a.org", "not-a-pair", "http://a.org", ERROR, ROUTE),
    ("redirects", "http://a,b.org", "target-no-scheme", "b.org", ERROR, ROUTE),
    ("redirects", "http://a,http://b/x", "target-path", "/x", WARNING, ROUTE),
    ("redirects", "http://a,http://b/", "target-path", "/", WARNING, ROUTE),
    ("redirects", "http://a,http://b..c", "target-host", "http://b..c", ERROR, ROUTE),
    ("redirects", "http://a,http://$b", "character", "$", ERROR, PROXY),
    ("redirects", "a,http://b", "source-no-scheme", "a", ERROR, ROUTE),
    ("redirects", "https://a,http://b", "source-scheme", "https://a", WARNING, ROUTE),
    ("redirects", "http://a, http://b", "space", " http://b", WARNING, PROXY),
    ("sticky_session_cookie", "my-session", "cookie", "-", ERROR, ROUTE),
    ("sticky_session_cookie", "a b", "character", " ", ERROR, PROXY),
    ("sticky_session_cookie", "none", "none", "none", WARNING, ROUTE),
    ("ssl_cert", "/run/secrets/x", "secret", "/run/secrets/x", ERROR, PROXY),
    ("ssl_key", "", "empty", "", WARNING, ROUTE),
    ("ssl_passthrough", "yes", "flag", "yes", WARNING, ROUTE),
    ("backend_mode", "VIP", "mode", "VIP", WARNING, ROUTE),
    ("service_cluster", "a b", "character", " ", WARNING, ROUTE),
    ("service_cluster", "a\n", "control-character", "\n", ERROR, ROUTE),
    ("max_fails", "-1", "count", "-1", ERROR, PROXY),
    ("fail_timeout", "500ms", "time", "500ms", ERROR, PROXY),
    ("fail_timeout", "1s1m", "time", "1s1m", ERROR, PROXY),
]


@pytest.mark.parametrize(
    ("name", "value", "kind", "text", "severity", "breaks"),
    [pytest.param(*case, id=f"{case[0]}-{case[1]!a}") for case in CASES],
)
def test_one_problem(name: str, value: str, kind: str, text: str, severity: Severity, breaks: Breaks) -> None:
    found = list(LABELS[name].problems(value))
    assert [(p.kind, value[p.start : p.end], p.severity, p.breaks) for p in found] == [(kind, text, severity, breaks)]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("hosts", "a.example.org", id="host"),
        pytest.param("hosts", "a.example.org,b.example.org", id="hosts"),
        pytest.param("hosts", "WORDPRESS.Local", id="upper-case"),
        pytest.param("hosts", "a_b.example.org", id="underscore"),
        pytest.param("hosts", "10.0.0.1", id="address"),
        pytest.param("hosts", "demo", id="one-label"),
        pytest.param("port", "65535", id="highest-port"),
        pytest.param("context_root", "/app/", id="slash-without-rewrite"),
        pytest.param("websocket_endpoints", "/", id="websockets-everywhere"),
        pytest.param("redirects", "http://a.org,https://a.org", id="to-https"),
        pytest.param("redirects", "http://a.org,https://b.org:8443;http://c.org,http://b.org;", id="pairs"),
        pytest.param("sticky_session_cookie", "JSESSIONID", id="cookie"),
        pytest.param("fail_timeout", "1h30m", id="time"),
        pytest.param("fail_timeout", "0", id="no-time"),
        pytest.param("max_fails", "0", id="no-count"),
    ],
)
def test_no_problem(name: str, value: str) -> None:
    assert list(LABELS[name].problems(value)) == []


def test_parts_keep_their_ranges() -> None:
    value = " a ,, b"
    parts = split(value, ",")
    assert [value[part.start : part.end] for part in parts] == [part.text for part in parts] == [" a ", "", " b"]
    assert [value[part.start : part.end] for part in map(trim, parts)] == ["a", "", "b"]


def test_a_shown_text_is_short_and_harmless() -> None:
    assert shown("a\x1b[31m\n") == '"a\\x1b[31m\\n"'
    assert len(shown("x" * 1000)) < 70


def test_a_private_key_is_not_quoted() -> None:
    key = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----"
    for problem in LABELS["ssl_key"].problems(key):
        assert "MIIE" not in problem.says + problem.help


@pytest.mark.parametrize(
    ("name", "write"),
    [
        pytest.param("bücher.org", "xn--bcher-kva.org", id="umlaut"),
        pytest.param("straße.de", "xn--strae-oqa.de", id="sharp-s-is-not-ss"),
        pytest.param("βόλος.com", "xn--nxasmm1c.com", id="final-sigma"),
        pytest.param("a\u3002org", "a.org", id="ideographic-dot"),
        pytest.param("ä..org", "", id="double-dot"),
        pytest.param("ä" * 300, "", id="too-long"),
    ],
)
def test_the_name_that_browsers_ask_for(name: str, write: str) -> None:
    assert [problem.write for problem in LABELS["hosts"].problems(name)] == [write]


UNSET = """\
services:
  web:
    image: nginx:1.25
    deploy:
      labels:
        com.docker.lb.redirects: http://${OLD},https://${NEW}
        com.docker.ucp.mesh.http.80: external_route=http://${OLD}:80,internal_port=80
"""

NEW_LABELS = """\
replace it with these labels under deploy.labels:
  com.docker.lb.hosts: ${OLD}
  com.docker.lb.port: 80"""


def test_what_comes_of_variables_without_a_value_is_told_once_in_the_words_of_the_file() -> None:
    options = make_options(env={}, select=frozenset({"invalid-redirect", "legacy-label"}))
    found = check_stacks([[read(UNSET.encode(), "stack.yml")]], options).findings
    assert [(finding.rule, finding.help) for finding in found] == [
        ("invalid-redirect", "set OLD, NEW"),
        ("legacy-label", NEW_LABELS),
    ]
    assert 'is "http://${OLD},https://${NEW}" and OLD, NEW are not set: the source' in found[0].message


@pytest.mark.parametrize("name", ["hosts", "websocket_endpoints"])
def test_of_many_problems_the_worst_are_told(name: str) -> None:
    """A value of nothing but commas is no reason to keep a gate busy, and hides no error behind them."""
    found = LABELS[name].problems("," * 20_000 + "/a;b" + "," * 20_000)
    assert len(found) == 100
    assert sum(problem.severity is Severity.ERROR for problem in found) == 1
    assert list(found) == sorted(found, key=lambda problem: problem.start)


def test_a_redirect_that_is_no_http_hides_no_second_one() -> None:
    pairs = ["https://a.example.org,https://b.example.org", "http://c.example.org,https://d.example.org",
             "http://c.example.org,https://e.example.org"]  # fmt: skip
    kinds = [problem.kind for problem in check_redirects(";".join(pairs))]
    assert kinds.count("source-twice") == 1


def test_where_problems_of_paths_and_hosts_stand() -> None:
    def ranges(problems: Iterator[Problem]) -> list[tuple[str, int, int]]:
        return [(problem.kind, problem.start, problem.end) for problem in problems]

    assert ranges(check_websocket_endpoints(",/a")) == [("empty-element", 0, 1)]
    assert ranges(check_websocket_endpoints("/a,,/b")) == [("empty-element", 2, 3)]
    assert ranges(check_rewritten("/apps/")) == [("trailing-slash", 5, 6)]
    assert ranges(check_rewritten("/app/")) == [("trailing-slash", 4, 5)]
    assert [(host.text, host.start, host.end) for host in parse_hosts("'a.org',\"b.org\"")] == [
        ("a.org", 1, 6), ("b.org", 9, 14)
    ]  # fmt: skip
