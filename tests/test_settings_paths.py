"""Patterns of paths and lists of domains: what they match, against other implementations and by their laws."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lblint.interlock.owner_policy import allows, meant
from lblint.settings import path_patterns, validators
from lblint.settings.model import Settings

PATHS = st.lists(st.text("ab.", min_size=1, max_size=3).filter(lambda part: part.strip(".")), min_size=1,
                 max_size=4).map("/".join)  # fmt: skip
PATTERNS = st.lists(st.sampled_from(["**", "*", "a", "b", "a*", "*.b", "?", "[ab]", "[!a]*", "ab"]), min_size=1,
                    max_size=5).map("/".join)  # fmt: skip


def expression(pattern: str) -> str:
    """A pattern as a regular expression over a path with a slash behind each name."""
    words = {"*": "[^/]*", "?": "[^/]", "[ab]": "[ab]", "[!a]*": "[^a/][^/]*", "a*": "a[^/]*", "*.b": r"[^/]*\.b"}
    return "".join("(?:[^/]+/)*" if word == "**" else f"{words.get(word, word)}/" for word in pattern.split("/"))


@given(PATTERNS, PATHS)
def test_a_pattern_matches_as_a_regular_expression_does(pattern: str, path: str) -> None:
    assert path_patterns.fault(pattern) == ""
    assert path_patterns.matches(pattern, path) == bool(re.fullmatch(expression(pattern), path + "/"))


@given(PATTERNS, PATHS)
def test_what_covers_a_path_covers_all_below(pattern: str, path: str) -> None:
    if path_patterns.matches(pattern, path):
        assert path_patterns.covers(pattern, path)
    if path_patterns.covers(pattern, path):
        assert path_patterns.covers(pattern, f"{path}/below")
    if "/" not in pattern and path_patterns.covers(pattern, path):
        assert path_patterns.covers(pattern, f"above/{path}")


@pytest.mark.parametrize(
    ("pattern", "path", "covered"),
    [
        ("tests", "tests/a/stack.yml", True), ("tests", "a/tests/stack.yml", True), ("tests", "mytests/x.yml", False),
        ("tests/", "a/tests/stack.yml", True), ("*.old.yml", "a/b.old.yml", True), ("a/tests", "a/tests/x.yml", True),
        ("a/tests", "b/a/tests/x.yml", False), ("**/tests/*.yml", "tests/x.yml", True), ("a/**", "a/b/c.yml", True),
        ("a/**", "a", True), ("a/*/c.yml", "a/b/c.yml", True), ("a/*/c.yml", "a/b/b/c.yml", False),
        ("Tests", "tests/x.yml", False),
    ],
)  # fmt: skip
def test_covers(pattern: str, path: str, covered: bool) -> None:
    assert path_patterns.covers(pattern, path) is covered


@pytest.mark.parametrize(
    ("pattern", "name", "path", "stack"),
    [
        ("stacks/*/stack.yml", "*", "stacks/shop/stack.yml", "shop"),
        ("stacks/*.yml", "prod-*", "stacks/shop.yml", "prod-shop"),
        ("*-stack.yml", "*", "shop-stack.yml", "shop"),
        ("**/*/stack.yml", "*", "a/b/shop/stack.yml", "shop"),
        ("*/**/stack.yml", "*", "shop/a/b/stack.yml", "shop"),
        ("**/*/**/stack.yml", "*", "a/shop/stack.yml", ""),
        ("*/*.yml", "*", "a/b.yml", ""),
        ("**/stack.yml", "shop", "a/stack.yml", "shop"),
        ("stack.yml", "shop", "a/stack.yml", ""),
    ],
)
def test_the_name_of_a_stack_by_its_path(pattern: str, name: str, path: str, stack: str) -> None:
    assert Settings("x", "/repo", names=((pattern, name),)).name_of(f"/repo/{path}") == stack


def test_paths_start_from_the_settings_and_elsewhere_from_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path / "other")
    settings = Settings("x", str(tmp_path / "repo"))
    named = ["../repo/a/x.yml", str(tmp_path / "repo" / "..x.yml"), "x.yml", "a/x.yml", ".."]
    assert [settings.path(name) for name in named] == ["a/x.yml", "..x.yml", "x.yml", "a/x.yml", ".."]


def test_the_first_pattern_that_matches_names_the_stack() -> None:
    found = Settings("x", "/repo", names=(("a/x.yml", "one"), ("a/*.yml", "two"), ("**/*.yml", "three")))
    assert [found.name_of(f"/repo/{path}") for path in ("a/x.yml", "a/y.yml", "b/y.yml", "b/y.txt")] == [
        "one", "two", "three", ""]  # fmt: skip


def test_what_is_excluded() -> None:
    excluding = Settings("x", "/repo", exclude=("tests", "old/**"))
    found = [excluding.excludes(f"/repo/{path}") for path in ("a.yml", "b/tests/a.yml", "old/a.yml")]
    assert found == [False, True, True]
    assert not Settings("x", "/repo").excludes("/repo/tests/a.yml")


@pytest.mark.parametrize("pattern", ["a", "a/", ".a", "a..b", "...", "a" * 500, "**", "a/**/b", "[ab]", "*.yml"])
def test_a_pattern_that_is_taken(pattern: str) -> None:
    assert path_patterns.fault(pattern) == ""


@pytest.mark.parametrize(
    "pattern",
    ["", "a" * 501, "a\tb", "a\\b", "/a", "/", "..", "../a", "a/../b", ".", "./a", "a/./b", "a/.", "a//b", "a**", "**b",
     "a[b"],
)  # fmt: skip
def test_a_pattern_that_is_refused(pattern: str) -> None:
    assert path_patterns.fault(pattern)


@pytest.mark.parametrize("pattern", ["*a" * 200 + "b", "**/" * 150 + "b", "**/a/" * 90 + "b", "[a-z]*" * 80 + "!"])
def test_every_pattern_comes_to_an_end(pattern: str) -> None:
    """One that tries all ways would not end."""
    assert path_patterns.fault(pattern) == ""
    for path in ("a" * 250, "/".join(["a"] * 250), "a/" * 125 + "a" * 250):
        assert not path_patterns.covers(pattern, path)


NAMES = st.lists(st.text("ab1-", min_size=1, max_size=5).filter(lambda part: part.strip("-") == part), min_size=2,
                 max_size=5).map(".".join)  # fmt: skip


@given(NAMES)
def test_a_domain_allows_itself_and_a_wildcard_what_is_below(name: str) -> None:
    assert validators.domain(name) == "" == validators.domain(f"*.{name}")
    assert allows([name], name)
    assert allows([name], name.upper() + ".")
    assert allows([f"*.{name}"], f"a.{name}")
    assert allows([f"*.{name}"], f"b.a.{name}")
    assert allows([f"*.{name}"], f"*.{name}")
    assert allows([f"*.{name}"], f"*.a.{name}")
    assert not allows([f"*.{name}"], name)
    assert not allows([name], f"a.{name}")
    assert not allows([f"*.{name}"], f"xx{name}")
    assert not allows([name], f"*.{name}")


@given(st.lists(NAMES | NAMES.map(lambda name: f"*.{name}"), min_size=1, max_size=4), NAMES)
def test_what_is_suggested_is_allowed(domains: list[str], host: str) -> None:
    found = meant(domains, host)
    assert not found or allows(domains, found)


@pytest.mark.parametrize(
    ("host", "suggested"),
    [
        ("shop.exmaple.com", "shop.example.com"), ("shop.example.co", "shop.example.com"),
        ("SHOP.EXAMPLE.ORM", "shop.example.com"), ("shopexample.com", "shop.example.com"),
        ("blog.aps.example.com", "blog.apps.example.com"), ("a.b.apps.exmaple.com", "a.b.apps.example.com"),
        ("apps.example.com", ""), ("example.org", ""), ("other.test", ""), ("", ""), (".", ""),
    ],
)  # fmt: skip
def test_what_was_meant(host: str, suggested: str) -> None:
    assert meant(["shop.example.com", "*.apps.example.com"], host) == suggested
