"""Topics: every page has its parts, says what is so, and is the same offline. Its output is checked by test_docs.py."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from documents import TOPICS, examples

from lblint import rules
from lblint.cli import main
from lblint.report.topic_page import as_text, topic, topic_ids, topics_of

PAGES = sorted(TOPICS.glob("*.md"))
EVERY_PAGE = pytest.mark.parametrize("page", [pytest.param(page, id=page.stem) for page in PAGES])
EVERY_GOOD = [pytest.param(good, id=page.stem) for page in PAGES for good in examples(page).glob("good*.yml")]
PARTS = ["What you see", "What happens, and why", "How to see it", "What to do now", "The permanent fix",
         "Rules that find it"]  # fmt: skip


def test_pages_examples_and_topics_are_the_same() -> None:
    assert topic_ids() == [page.stem for page in PAGES]
    assert topic_ids() == sorted(path.name for path in examples(PAGES[0]).parent.iterdir())
    assert not set(topic_ids()) & set(rules.load()), "explain could not tell them apart"


@EVERY_PAGE
def test_a_page_has_its_parts_in_order(page: Path) -> None:
    text = page.read_text("utf-8")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == PARTS
    found = topic(page.stem)
    assert found.title
    assert found.summary.endswith(".")
    assert "\n" not in found.summary


@EVERY_PAGE
def test_a_page_shows_all_its_examples(page: Path) -> None:
    text = page.read_text("utf-8")
    commands = " ".join(re.findall(r"^<!-- \$ (.+) -->$", text, re.MULTILINE))
    shown = set(re.findall(r"^<!-- file (\S+) -->$", text, re.MULTILINE)) | set(commands.split())
    assert {path.name for path in examples(page).iterdir() if path.suffix != ".json"} <= shown


@EVERY_PAGE
def test_the_rules_of_a_page_exist_and_lead_back_to_it(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    named = topic(page.stem).rules
    assert len(named) > 3
    assert named <= set(rules.load())
    for rule in named:
        assert page.stem in [found.id for found in topics_of(rule)]
    assert main(["explain", sorted(named)[0]]) == 0
    assert f"lblint explain {page.stem}" in capsys.readouterr().out


@EVERY_PAGE
def test_rules_that_the_examples_meet_are_named(page: Path) -> None:
    met = set(re.findall(r": (?:error|warning|info): .* \[([a-z0-9-]+)\]$", page.read_text("utf-8"), re.MULTILINE))
    assert met
    assert met <= topic(page.stem).rules


@pytest.mark.parametrize("good", EVERY_GOOD)
def test_what_to_write_for_good_is_clean(
    good: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(good.parent)
    config = ["--interlock-config", "interlock.toml"] if (good.parent / "interlock.toml").exists() else []
    assert main(["check", "-n", "shop", "--fail-on", "warning", *config, good.name]) == 0, capsys.readouterr().out


@EVERY_PAGE
def test_offline_it_is_the_page_without_markup(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", page.stem]) == 0
    out = capsys.readouterr().out
    assert out == as_text(topic(page.stem))
    for markup in ("](", "<!--", "```", "**", "| ---"):
        assert markup not in "\n".join(line for line in out.splitlines() if not line.startswith("    "))
    inside = False
    for line in page.read_text("utf-8").splitlines():  # code is the same to the letter
        if line.startswith("```"):
            inside = not inside
        elif inside:
            assert f"    {line}".rstrip() in out.splitlines()
    for part in PARTS:
        assert f"\n{part.upper()}\n" in out


def test_help_names_the_topics(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "--help"]) == 0
    told = capsys.readouterr().out
    for name in topic_ids():
        assert re.search(rf"\b{name}\b", told)


@pytest.mark.parametrize("wrong", ["netwroks", "host_mdoe", "Service-Clutsers", "hrm.md"])
def test_a_misspelt_topic_is_told(wrong: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", wrong]) == 2
    assert re.search(r"there is no rule or topic .* \(did you mean (networks|host-mode|service-clusters|hrm)\?\)",
                     capsys.readouterr().err)  # fmt: skip


def test_a_path_is_no_topic(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "../topics/hrm"]) == 2
    assert "there is no rule or topic" in capsys.readouterr().err
