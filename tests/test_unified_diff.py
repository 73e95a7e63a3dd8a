"""The difference of two texts: what it says turns one into the other, and it is found in time."""

from __future__ import annotations

import difflib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lblint.report import unified_diff
from lblint.report.unified_diff import anchors, hunks

LINES = st.lists(st.sampled_from([b"a\n", b"b\n", b"c\n", b"d\n", b"e\n", b"f\n", b"g\n"]), max_size=40)
HEAD = re.compile(rb"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@\n")


def applied(old: list[bytes], diff: list[bytes]) -> list[bytes]:
    """What `patch` makes of a text; asserts that the numbers and the lines around are right."""
    new: list[bytes] = []
    at = 0
    lines = iter([*diff, b""])
    line = next(lines)
    while line:
        match = HEAD.fullmatch(line)
        assert match, line
        start, length, other, other_length = (int(group) if group else 1 for group in match.groups())
        start, other = start - (length > 0), other - (other_length > 0)
        new += old[at:start]
        at = start
        assert len(new) == other
        line = next(lines)
        while line[:1] in (b" ", b"-", b"+") and line:
            if line[:1] != b"+":
                assert old[at] == line[1:]
                at += 1
            if line[:1] != b"-":
                new.append(line[1:])
            line = next(lines)
        assert (at - start, len(new) - other) == (length, other_length)
    return new + old[at:]


@given(LINES, LINES)
def test_the_difference_turns_one_into_the_other(old: list[bytes], new: list[bytes]) -> None:
    diff = list(hunks(old, new))
    assert applied(old, diff) == new
    assert bool(diff) == (old != new)


@given(st.lists(st.binary(min_size=1, max_size=3), max_size=30, unique=True), st.data())
def test_one_changed_line_is_told_as_difflib_tells_it(old: list[bytes], data: st.DataObject) -> None:
    new = list(old)
    if new:
        new[data.draw(st.integers(0, len(new) - 1))] = b"another line"
    assert list(hunks(old, new)) == list(difflib.diff_bytes(difflib.unified_diff, old, new, lineterm=b"\n"))[2:]


@given(st.lists(st.integers(0, 30), unique=True), st.lists(st.integers(0, 30), unique=True))
def test_anchors_are_in_order_in_both(old: list[int], new: list[int]) -> None:
    a, b = ([b"%d" % number for number in numbers] for numbers in (old, new))
    found = anchors(a, b)
    assert all(a[i] == b[j] for i, j in found)
    assert found == sorted(found, key=lambda pair: pair[0]) == sorted(found, key=lambda pair: pair[1])
    assert bool(found) == bool(set(old) & set(new))


def test_work_grows_with_the_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """difflib gets each line once, in pieces that do not grow."""
    sizes: list[int] = []

    class Counting(difflib.SequenceMatcher[bytes]):
        def __init__(self, junk: None, a: list[bytes], b: list[bytes], autojunk: bool = True) -> None:
            sizes.append(len(a) * len(b))
            super().__init__(junk, a, b, autojunk)

    def work(services: int) -> int:
        sizes.clear()
        old = [line for at in range(services) for line in (b"a%d:\n" % at, b"  image: web\n", b"  init: 'true'\n")]
        new = [b"  init: true\n" if line.startswith(b"  init") else line for line in old]
        assert applied(old, list(hunks(old, new))) == new
        return sum(sizes)

    monkeypatch.setattr(unified_diff, "SequenceMatcher", Counting)
    assert work(800) <= 2.1 * work(400)
