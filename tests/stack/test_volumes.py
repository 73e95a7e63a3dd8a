"""Short volume entries: what docker mounts where."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lblint.stack.faults import GrammarError
from lblint.stack.volumes import VolumeSpec, parse_volume


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        pytest.param("/data", VolumeSpec("volume", "", "/data"), id="anonymous"),
        pytest.param("data:/data", VolumeSpec("volume", "data", "/data"), id="named"),
        pytest.param("./x:/x:ro", VolumeSpec("bind", "./x", "/x", read_only=True), id="bind"),
        pytest.param("~/x:/x", VolumeSpec("bind", "~/x", "/x"), id="home"),
        pytest.param("x/y:/d", VolumeSpec("volume", "x/y", "/d"), id="slash-without-dot-is-a-name"),
        pytest.param("v:/data", VolumeSpec("volume", "", "v:/data", drive="v"), id="single-letter"),
        pytest.param("v:", VolumeSpec("volume", "", "v:"), id="two-characters"),
        pytest.param("/", VolumeSpec("volume", "", "/"), id="root"),
        pytest.param("C:\\x:D:\\y", VolumeSpec("bind", "C:\\x", "D:\\y", drive="C"), id="windows"),
        pytest.param("\\\\.\\pipe\\a:/p", VolumeSpec("bind", "\\\\.\\pipe\\a", "/p"), id="named-pipe"),
        pytest.param("a1:/d:rw,nocopy", VolumeSpec("volume", "a1", "/d", nocopy=True), id="nocopy"),
        pytest.param("/a:/b:rslave", VolumeSpec("bind", "/a", "/b", propagation="rslave"), id="propagation"),
        pytest.param("/a:/b:z,ro,cached", VolumeSpec("bind", "/a", "/b", True, ignored=("z", "cached")), id="ignored"),
    ],
)
def test_volume(text: str, spec: VolumeSpec) -> None:
    assert parse_volume(text) == spec


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("", "invalid empty volume spec", id="empty"),
        pytest.param("a1::b", "invalid spec: a1::b: empty section between colons", id="empty-section"),
        pytest.param("a1:/b:", "invalid spec: a1:/b:: empty section between colons", id="empty-end"),
        pytest.param("a1:/b:ro:x", "invalid spec: a1:/b:ro:x: too many colons", id="too-many"),
    ],
)
def test_refused(text: str, told: str) -> None:
    assert parse_volume(text) == GrammarError(told)


@given(st.text() | st.text(alphabet="av:/.~\\,ro\0"))
def test_any_text_gets_an_answer(text: str) -> None:
    answer = parse_volume(text)
    assert answer.told if isinstance(answer, GrammarError) else answer.target


@given(st.from_regex(r"[a-z]{2,8}", fullmatch=True), st.from_regex(r"(/[a-z]{1,8}){1,3}", fullmatch=True))
def test_a_name_and_a_path(name: str, target: str) -> None:
    assert parse_volume(f"{name}:{target}") == VolumeSpec("volume", name, target)


@pytest.mark.parametrize("char", ["a", ":", "/", "a:", ","])
def test_long_texts_are_quick(char: str) -> None:
    start = time.process_time()
    parse_volume(char * 200_000)
    parse_volume("a1:/b:" + char * 200_000)
    assert time.process_time() - start < 1
