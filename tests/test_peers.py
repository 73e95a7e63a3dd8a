"""docs/peers.md: every yes of lblint's column is held by tests that exist."""

from __future__ import annotations

import ast
import re
from functools import cache

from fixture import ROOT

PAGE = (ROOT / "docs" / "peers.md").read_text("utf-8")


def rows(text: str) -> dict[str, list[str]]:
    """The rows of the first table in a text, by their first cell."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip("|"))] for line in lines]
    assert {len(row) for row in cells} == {len(cells[0])}, "a row with a cell too many or too few"
    return {first: rest for first, *rest in (cells[0], *cells[2:])}


PEERS, SHOWN = (rows(part) for part in PAGE.split("\n## What shows it\n"))


@cache
def defined_in(name: str) -> set[str]:
    """The tests that a file of tests/ defines."""
    module = ast.parse((ROOT / "tests" / name).read_text("utf-8"))
    return {node.name for node in module.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def test_lblint_stands_first_and_says_yes_or_no() -> None:
    head, *features = PEERS.values()
    assert head[0] == "lblint"
    assert [row[0] for row in features if not re.match(r"(yes|no)\b", row[0])] == []


def test_every_yes_is_held_by_tests_and_nothing_else_is() -> None:
    claimed = {feature for feature, row in PEERS.items() if row[0].startswith("yes")}
    assert set(SHOWN) - {"feature"} == claimed


def test_the_tests_exist() -> None:
    for feature, (cell,) in SHOWN.items():
        named = re.findall(r"`(test_\w+\.py)::(test_\w+)`", cell)
        assert named or feature == "feature", feature
        assert cell.count("`") == 2 * len(named), f"{feature}: not all of it is read as the name of a test"
        for file, test in named:
            assert test in defined_in(file), f"{feature}: {file} has no {test}"
