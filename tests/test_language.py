"""Plain words: phrases that no message, page, help text or document has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BANNED = re.compile(
    r"\bstands? (?:here|there|again|for|in\b|beside|twice|below|above|alone)"
    r"|(?<!there )\bis no (?!longer\b|more than\b)[a-z]+"
    r"|\bis none of\b|\bwith(?:out| no) (?:a )?word\b|\bsays no word\b"
    r"|\bof its own accord\b|\bdivided by\b|\bshall\b|\bnothing in its place\b|\bwrite: "
    r"|\bwhat it had done\b|\ba random part\b|\bis there already\b|(?<!if it )\bis not there\b"
    r"|\beverybody(?: else)?'s\b|\bhurts?\b|\bof one's own\b|\bhearsay\b|\bmend(?:s|ed)?\b",
    re.IGNORECASE,
)
"""Phrases that read as translated, or that claim more than is known."""

GOLDEN = sorted(ROOT.glob("fixtures/rules/*/*.out")) + sorted(ROOT.glob("fixtures/stacks/*/*.out"))
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "SECURITY.md", *sorted(ROOT.glob("docs/**/*.md"))]


def banned(path: Path) -> list[str]:
    """The lines of a file with such a phrase. What docker and nginx say, and names of tests, are not ours."""
    lines = path.read_text("utf-8", "replace").splitlines()
    ours = (line for line in lines if not line.lstrip().startswith(("docker:", "nginx:")) and "::test_" not in line)
    return [line for line in ours if BANNED.search(line)]


@pytest.mark.parametrize("phrase", [
    "a mapping stands here", "\"80a\" is no port", "is none of the domains", "divided by commas", "the proxy shall use",
    "write: nothing in its place", "with no word", "everybody's routes",
])  # fmt: skip
def test_the_phrases_are_found(phrase: str) -> None:
    assert BANNED.search(phrase)


@pytest.mark.parametrize("phrase", ["there is no host of this name", "the page is no longer there", "a list of words"])
def test_plain_words_are_not(phrase: str) -> None:
    assert not BANNED.search(phrase)


def test_there_is_something_to_read() -> None:
    assert len(GOLDEN) > 300
    assert len(PAGES) > 280


@pytest.mark.parametrize("paths", [GOLDEN, PAGES], ids=["findings", "pages"])
def test_nothing_is_said_in_such_words(paths: list[Path]) -> None:
    assert {path.relative_to(ROOT).as_posix(): lines for path in paths if (lines := banned(path))} == {}
