"""Whatever bytes there are: the reader raises nothing and is done in bounded time."""

from __future__ import annotations

import time

import pytest
import yamltexts
from hypothesis import given
from hypothesis import strategies as st

from lblint.finding import Place
from lblint.source import Source, read

FILE = "stack.yml"
SECONDS = 6.0
"""Far above what any of these takes, on a slow and busy machine."""

STACK = b"""version: "3.7"
x-common: &common {image: "nginx:1.27", ports: [80:80, "443:443"]}
services:
  web:
    <<: *common
    command: |
      one
        two
    deploy:
      labels:
        com.docker.lb.hosts: app.example.org # comment
        com.docker.lb.port: 8080
"""
ODD = [
    b"\t", b"\n", b"\r", b"\0", b"\xff", b"\xc3", b"\xe2\x80\xa8", b"\xef\xbb\xbf", b"*", b"&a ", b"<<: ", b"{",
    b"}", b"[", b"]", b": ", b"- ", b"? ", b"#", b"'", b'"', b"|", b">", b"!", b"%", b"---\n", b"...\n", b"@",
]  # fmt: skip


def hold(source: Source) -> None:
    """What must be true of every file: each fault and each scalar has a place inside the text."""
    lines = len(source.lines.starts)
    places = [fault.place for fault in source.faults] + [Place(FILE), Place(FILE, ("services", "web", 0, "x"))]
    for place in places:
        line, column, end_line, end_column = source.position(place)
        assert 1 <= line <= end_line <= lines
        assert (line, column) <= (end_line, end_column)
        assert column <= len(source.lines.line(line)) + 2
    assert source.root is not None or source.data is None


@given(st.binary(max_size=200))
def test_any_bytes(content: bytes) -> None:
    for dialect in ("v3", "v2"):
        hold(read(content, FILE, dialect))


@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    hold(read(text.encode("utf-8", "surrogatepass"), FILE))


@given(st.integers(min_value=0))
def test_texts_that_look_like_yaml(seed: int) -> None:
    for dialect in ("v3", "v2"):
        hold(read(yamltexts.text(seed).encode(), FILE, dialect))


@given(st.integers(0, len(STACK)), st.integers(0, 40), st.sampled_from(ODD))
def test_a_stack_with_something_in_the_middle(start: int, cut: int, odd: bytes) -> None:
    hold(read(STACK[:start] + odd + STACK[start + cut :], FILE))


@given(st.integers(0, len(STACK)))
def test_a_stack_that_is_cut_off(end: int) -> None:
    hold(read(STACK[:end], FILE))


MILLION = 10**6
LARGE = {
    "scalar": b"a: " + b"x" * MILLION + b"\n",
    "quoted": b'a: "' + b"\\u0041" * (MILLION // 6) + b'"\n',
    "open-quote": b'a: "' + b"x " * MILLION,
    "lines": b"a:\n" + b"- x\n" * (MILLION // 8),
    "keys": b"".join(b"k%d: v\n" % n for n in range(60_000)),
    "the-same-key": b"k: v\n" * 60_000,
    "deep-flow": b"[" * MILLION,
    "deep-flow-map": b"{a: " * (MILLION // 4),
    "deep-block": b"".join(b" " * n + b"a:\n" for n in range(1400)),
    "deep-list": b"- " * (MILLION // 2),
    "deep-explicit-keys": b"? " * (MILLION // 2),
    "comments": b"# x\n" * (MILLION // 4),
    "tabs-between-comments": b"a: 1\n" + b"# x\n\t\n\t# y\n" * 40_000 + b"b: 2\n",
    "tabs-between-many-comments": b"".join(b"k%d: 1\n# x\n\t# y\n" % n for n in range(3000)),
    "flow-colons": b"[" + b"80:80, " * (MILLION // 7) + b"]",
    "odd-flow-colons": b"[" + b"x$:y, " * 20_000 + b"]",
    "anchors": b"".join(b"a%d: &a%d x\n" % (n, n) for n in range(30_000)),
    "aliases": b"a: &a x\nb: [" + b"*a, " * 100_000 + b"]\n",
    "merges": b"a: &a {b: c}\nd: {<<: [" + b"*a, " * 50_000 + b"]}\n",
    "bomb": b"a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
    + b"".join(b"a%d: &a%d [%s]\n" % (n, n, b",".join([b"*a%d" % (n - 1)] * 10)) for n in range(1, 60)),
    "merge-bomb": b"a0: &a0 {b: x}\n"
    + b"".join(b"a%d: &a%d {<<: [%s]}\n" % (n, n, b",".join([b"*a%d" % (n - 1)] * 10)) for n in range(1, 60)),
    "wide-aliases": b"a: &a [" + b"x, " * 1000 + b"]\nb: [" + b"*a, " * 400 + b"]\n",
    "nul": b"\0" * MILLION,
    "invalid": b"a: " + b"\xff" * MILLION,
    "carriage-returns": b"\r" * MILLION,
    "documents": b"---\na: 1\n" * 100_000,
    "directives": b"%TAG ! tag:x,2000:\n" * 20_000,
    "numbers": b"a: [" + b"1_2_3.4e5, " * 60_000 + b"]",
    "long-number": b"a: " + b"1" * MILLION,
    "dates": b"a: [" + b"2020-01-01, " * 60_000 + b"]",
    "spaces": b"a:" + b" " * MILLION + b"b\n",
    "blank-lines-in-a-block": b"a: |\n" + b"\n" * MILLION + b" x\n",
}  # fmt: skip


@pytest.mark.parametrize("name", [pytest.param(name, id=name) for name in LARGE])
def test_time_is_bounded(name: str) -> None:
    start = time.process_time()
    source = read(LARGE[name], FILE)
    hold(source)
    assert time.process_time() - start < SECONDS
