"""Image references."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lblint.stack.faults import GrammarError
from lblint.stack.image_reference import Reference, parse_name, parse_reference

HEX = "a1" * 32


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("nginx", Reference("docker.io", "library/nginx"), id="familiar"),
        pytest.param("nginx:1.25-alpine", Reference("docker.io", "library/nginx", "1.25-alpine"), id="tag"),
        pytest.param("lbtest/busybox:1", Reference("docker.io", "lbtest/busybox", "1"), id="namespace"),
        pytest.param("localhost/x", Reference("localhost", "x"), id="localhost"),
        pytest.param("r.example.com:5000/a/b:T_1", Reference("r.example.com:5000", "a/b", "T_1"), id="registry"),
        pytest.param("[::1]:5000/x", Reference("[::1]:5000", "x"), id="ipv6"),
        pytest.param("index.docker.io/nginx", Reference("docker.io", "library/nginx"), id="legacy-hub"),
        pytest.param("Registry/x", Reference("Registry", "x"), id="upper-case-first-part-is-a-host"),
        pytest.param(f"x@sha256:{HEX}", Reference("docker.io", "library/x", "", f"sha256:{HEX}"), id="digest"),
        pytest.param(f"sha256:{HEX}", Reference("", "", "", f"sha256:{HEX}"), id="bare-digest"),
        pytest.param(HEX, Reference("", "", "", f"sha256:{HEX}"), id="identifier"),
        pytest.param("a__b/c-----d", Reference("docker.io", "a__b/c-----d"), id="separators"),
        pytest.param("foo/Bar:1", "invalid reference format: repository name (foo/Bar) must be lowercase", id="upper"),
        pytest.param("Foo/Bar:1", "invalid reference format: repository name (Bar) must be lowercase", id="upper-both"),
        pytest.param("", "invalid reference format", id="empty"),
        pytest.param("a b", "invalid reference format", id="space"),
        pytest.param("x:", "invalid reference format", id="empty-tag"),
        pytest.param("a___b", "invalid reference format", id="three-underscores"),
        pytest.param("-x", "invalid reference format", id="dash-in-front"),
        pytest.param("https://r.example.com/x", "invalid reference format", id="url"),
        pytest.param("x:tag\n", "invalid reference format", id="newline"),
        pytest.param("x:" + "t" * 129, "invalid reference format", id="long-tag"),
        pytest.param("x@sha256:abc", "invalid reference format", id="short-digest"),
        pytest.param("x@sha256:" + "a" * 40, "invalid checksum digest length", id="digest-of-wrong-length"),
        pytest.param("x@md5:" + "a" * 32, "unsupported digest algorithm", id="digest-algorithm"),
        pytest.param("a/" * 127 + "aaaa", "repository name must not be more than 255 characters", id="long"),
    ],
)
def test_reference(text: str, expected: Reference | str) -> None:
    assert parse_reference(text) == (GrammarError(expected) if isinstance(expected, str) else expected)


def test_a_manager_takes_no_identifier() -> None:
    told = f"invalid repository name ({HEX}), cannot specify 64-byte hexadecimal strings"
    assert parse_name(HEX) == GrammarError(told)


@given(st.text() | st.text(alphabet="aA0.:/@-_[]"))
def test_any_text_gets_an_answer(text: str) -> None:
    for parse in (parse_reference, parse_name):
        answer = parse(text)
        assert not isinstance(answer, GrammarError) or answer.told


@pytest.mark.parametrize("part", ["a", "-", "a-", "_", "a_", "/", "a/", ".", "a.", "A-", "[", ":", "a:", "0-0."])
def test_long_texts_are_quick(part: str) -> None:
    start = time.process_time()
    for text in (part * 50_000, "a.b/" + part * 50_000, part * 50_000 + "/x", part * 50_000 + "!"):
        parse_reference(text)
    assert time.process_time() - start < 1
