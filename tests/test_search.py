"""`lblint explain MESSAGE`: words of docker, managers and nginx, with other names in them, lead to the right page."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lblint import rules
from lblint.cli import main
from lblint.report.error_search import search
from lblint.report.topic_page import topic_ids

MESSAGES = {
    'nginx: [emerg] host not found in upstream "up-a.example.org:8080" in /etc/nginx/nginx.conf:80': "invalid-host",
    '2026/11/21 [emerg] 1#1: invalid port in upstream "10.0.0.5:http" in /etc/nginx/nginx.conf:120': "invalid-port",
    "[emerg] no servers are inside upstream in /etc/nginx/nginx.conf:55": "no-tasks-to-route-to",
    "could not build server_names_hash, you should increase server_names_hash_bucket_size: 64": "host-too-long",
    "nginx: [emerg] a duplicate default server for 0.0.0.0:8080": "second-default-backend",
    'nginx: [emerg] duplicate upstream "up-blog.example.org"': "host-in-two-cases",
    'no "ssl_certificate_key" is defined for the "ssl" directive': "label-needs-another",
    'ngx_slab_alloc() failed: no memory in upstream zone "up-x"': "too-many-servers",
    'invalid parameter "max_fails=often"': "invalid-fail-limit",
    "network blog_default has active endpoints": "networks",
    "failed to create service blog_web: Error response from daemon: network blog_default not found": "networks",
    "failed to allocate network IP for task k2j3h": "networks",
    "Error response from daemon: rpc error: code = InvalidArgument desc = only updates to Labels are allowed":
        "config-content-changed",
    "service web: undefined network \"backend\"": "undeclared-network",
    'network "dmz" is declared as external, but could not be found. You need to create a swarm-scoped network before '
    "the stack is deployed": "external-network-missing",
    "port '8443' is already in use by service 'blog_web' (x9f3) as an ingress port": "port-held-by-service",
    "EndpointSpec: port published with ingress mode can't be used with dnsrr mode": "ingress-port-with-dnsrr",
    "Unimplemented desc = service mode change is not allowed": "service-mode-changed",
    "services.blog Additional property profiles is not allowed": "unknown-key",
    "Ignoring unsupported options: network_mode": "ignored-key",
    "unsupported Compose file version: 2.4": "version-unsupported",
    "host-mode port already in use on 3 nodes": "host-mode",
    "labels.com.docker.lb.ip_hash must be a string, number or null": "wrong-type",
    "invalid mount target, must be an absolute path: data": "mount-target-relative",
    "hosts answer 503 after the upgrade to UCP 3": "hrm",
}  # fmt: skip


@pytest.mark.parametrize(("message", "page"), MESSAGES.items())
def test_a_message_leads_to_its_page(message: str, page: str) -> None:
    found = search(message)
    kind = "topic" if page in topic_ids() else "rule"
    assert page in [one.id for one in found if one.kind == kind][:3]


def test_what_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "network", "shop_default", "has", "active", "endpoints"]) == 0
    head, first, *_ = capsys.readouterr().out.splitlines()
    assert head.split() == ["PAGE", "KIND", "SPEAKS", "OF", "WHAT", "IT", "EXPLAINS"]
    assert first.split()[:3] == ["networks", "topic", "100%"]
    assert main(["explain", "network shop_default has active endpoints"]) == 0


def test_a_message_may_have_several_lines(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "network\nshop_default has\r\n active endpoints"]) == 0
    assert "\nnetworks " in capsys.readouterr().out
    assert main(["explain", " networks\n"]) == 0
    assert main(["explain", "x" * 100_000]) == 2
    assert len(capsys.readouterr().err) < 200


def test_nothing_is_found_where_nothing_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "qqq", "zzz"]) == 2
    assert "no page speaks of that" in capsys.readouterr().err
    assert main(["explain", " "]) == 2


@settings(deadline=None, max_examples=25)
@given(st.text(max_size=300))
def test_any_text_finds_pages_that_exist(text: str) -> None:
    known = {*rules.load(), *topic_ids()}
    for found in search(text):
        assert found.id in known
        assert 0 < found.share <= 1.0001
