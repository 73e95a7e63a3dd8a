"""Short port entries: the ports that come out, and docker's words where none do."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lblint.stack.faults import GrammarError
from lblint.stack.ports import parse_ports


@pytest.mark.parametrize(
    ("text", "ports"),
    [
        pytest.param("80", [(80, 0, "tcp")], id="target"),
        pytest.param("8080:80", [(80, 8080, "tcp")], id="pair"),
        pytest.param(":80", [(80, 0, "tcp")], id="empty-host"),
        pytest.param("0:80", [(80, 0, "tcp")], id="host-zero"),
        pytest.param("53:53/UDP", [(53, 53, "udp")], id="upper-case"),
        pytest.param("53:53/udp/tcp", [(53, 53, "udp")], id="two-protocols"),
        pytest.param("53:53/", [(53, 53, "tcp")], id="empty-protocol"),
        pytest.param("8080-8082:80", [(80, 8080, "tcp"), (80, 8081, "tcp"), (80, 8082, "tcp")], id="range-to-one"),
        pytest.param("8000-8001:80-81", [(80, 8000, "tcp"), (81, 8001, "tcp")], id="range-to-range"),
        pytest.param("98-101", [(100, 0, "tcp"), (101, 0, "tcp"), (98, 0, "tcp"), (99, 0, "tcp")], id="sorted-as-text"),
        pytest.param("1-2-3:1-2-9", [(1, 1, "tcp"), (2, 2, "tcp")], id="second-dash-unread"),
        pytest.param("0.0.0.0:1:2", [(2, 1, "tcp")], id="any-address"),
        pytest.param("65535:65535", [(65535, 65535, "tcp")], id="largest"),
        pytest.param("0080:080", [(80, 80, "tcp")], id="zeros-in-front"),
    ],
)
def test_ports(text: str, ports: list[tuple[int, int, str]]) -> None:
    read = parse_ports(text)
    assert not isinstance(read, GrammarError)
    assert [(port.target, port.published, port.protocol) for port in read] == ports
    assert {(port.mode, port.warning) for port in read} == {("ingress", "")}


@pytest.mark.parametrize(
    ("text", "told", "told_by_20_10"),
    [
        pytest.param("a:80", "invalid hostPort: a", "Invalid hostPort: a", id="host"),
        pytest.param("80:a", "invalid containerPort: a", "Invalid containerPort: a", id="container"),
        pytest.param("80:", "no port specified: 80:<empty>", "No port specified: 80:<empty>", id="no-target"),
        pytest.param("", "no port specified: <empty>", "No port specified: <empty>", id="empty"),
        pytest.param("65536:1", "invalid hostPort: 65536", "Invalid hostPort: 65536", id="too-large"),
        pytest.param("9-8:80", "invalid hostPort: 9-8", "Invalid hostPort: 9-8", id="backwards"),
        pytest.param(" 80", "invalid containerPort:  80", "Invalid containerPort:  80", id="space"),
        pytest.param("80/xyz", "invalid proto: xyz", "Invalid proto: xyz", id="protocol"),
        pytest.param("host:1:2", "invalid IP address: host", "Invalid ip address: host", id="host-name"),
        pytest.param(
            "[::1:1:2",
            "invalid IP address [::1: address [::1:: missing ']' in address",
            "Invalid ip address [::1: address [::1:: missing ']' in address",
            id="bracket",
        ),
        pytest.param(
            "1-3:5-6",
            "invalid ranges specified for container and host Ports: 5-6 and 1-3",
            "Invalid ranges specified for container and host Ports: 5-6 and 1-3",
            id="unequal-ranges",
        ),
    ],
)
def test_refused(text: str, told: str, told_by_20_10: str) -> None:
    assert parse_ports(text) == GrammarError(told)
    assert parse_ports(text, legacy=True) == GrammarError(told_by_20_10)


def test_the_address_is_dropped_with_a_warning() -> None:
    (port,) = parse_ports("127.0.0.1:8080:80")
    assert port.warning == "ignoring IP-address (127.0.0.1:8080:80/tcp) service will listen on '0.0.0.0'"
    (port,) = parse_ports("[::1]:8080:80")
    assert port.warning == "ignoring IP-address ([::1]:8080:80/tcp) service will listen on '0.0.0.0'"


def test_address_without_brackets() -> None:
    assert not isinstance(parse_ports("::1:8080:80"), GrammarError)
    assert isinstance(parse_ports("::1:8080:80", legacy=True), GrammarError)


@given(st.text() | st.text(alphabet="0123456789:-/.[]tcpud"))
def test_any_text_gets_an_answer(text: str) -> None:
    for legacy in (False, True):
        answer = parse_ports(text, legacy)
        assert answer.told if isinstance(answer, GrammarError) else answer


@given(st.integers(0, 65535), st.integers(0, 65535), st.sampled_from(["tcp", "udp", "sctp"]))
def test_round_trip(target: int, published: int, protocol: str) -> None:
    (port,) = parse_ports(f"{published}:{target}/{protocol}")
    assert port == (target, published, protocol, "ingress", "")


@pytest.mark.parametrize("char", ["1", ":", "-", "/", "[", "]", "."])
def test_long_texts_are_quick(char: str) -> None:
    start = time.process_time()
    parse_ports(char * 300_000)
    assert time.process_time() - start < 1
