"""What people who know other linters expect of a command line."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from fixture import ROOT
from stacks import BAD, GOOD

import lblint
from lblint import rules
from lblint.cli import main
from lblint.cli.commands import COMMAND_GROUPS, COMMANDS
from lblint.cli.options import ENVIRONMENT, OPTIONS

Capture = pytest.CaptureFixture[str]
TYPO = (ROOT / "fixtures" / "stacks" / "typo" / "stack.yml").read_text("utf-8")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a stack that has findings."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "stack.yml").write_text(BAD.replace("8080", "80a"))
    return tmp_path


def found(capsys: Capture, *words: str) -> list[str]:
    """The rules that found something, each as often as it did."""
    main(["check", "--format", "json", *words, "stack.yml"])
    return [one["rule"] for one in json.loads(capsys.readouterr().out)["findings"]]


def test_help_shows_options_and_commands_in_groups(capsys: Capture) -> None:
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    assert "..." not in text.replace("[ARGS]...", "")
    assert re.findall(r"^(\w[\w ]*):$", text, re.MULTILINE) == [
        "Options", *(heading for heading, _ in COMMAND_GROUPS), "Environment variables",
    ]  # fmt: skip
    assert sorted(name for _, names in COMMAND_GROUPS for name in names) == sorted(COMMANDS)
    assert all(re.search(rf"^  {name} +[A-Z]", text, re.MULTILINE) for name in COMMANDS)
    for name in ("check", "deploy"):
        assert main([name, "--help"]) == 0
        text = capsys.readouterr().out
        headings = list(dict.fromkeys(option.group for option in OPTIONS[name] if option.names))
        assert "" not in headings
        assert re.findall(r"^(\w[\w ]*):$", text, re.MULTILINE) == [*headings, "Other options"]


def test_all_variables_that_are_read_are_listed(capsys: Capture) -> None:
    text = "".join(path.read_text("utf-8") for path in (ROOT / "lblint").rglob("*.py"))
    listed = {name for names, _ in ENVIRONMENT for name in names.split(", ")}
    assert set(re.findall(r"\b(?<!_)LBLINT_[A-Z_]+\b", text)) <= listed
    for words in (["--help"],):
        assert main(words) == 0
        assert all(name in capsys.readouterr().out.replace("\n", " ") for name in ["LBLINT_DEBUG"])
    assert all(f"`{name}`" in (ROOT / "docs" / "cli.md").read_text("utf-8") for name in listed)


@pytest.mark.parametrize("words", [["-V"], ["--version"]])
def test_version(capsys: Capture, words: list[str]) -> None:
    assert main(words) == 0
    assert lblint.__version__ in capsys.readouterr().out


@pytest.mark.parametrize(
    ("word", "meant"),
    [("chek", "check"), ("lint", "check"), ("Check", "check"), ("fix", "check --fix"), ("route", "routes"),
     ("rule", "rules"), ("deply", "deploy"), ("stack.yml", "check stack.yml")],
)  # fmt: skip
def test_what_a_command_was_meant_to_be(folder: Path, capsys: Capture, word: str, meant: str) -> None:
    assert main([word]) == 2
    assert f"is not a command. Did you mean: lblint {meant}\n" in capsys.readouterr().err


def test_a_word_that_is_near_nothing(capsys: Capture) -> None:
    assert main(["xyzzy"]) == 2
    assert "'xyzzy' is not a command. See: lblint --help" in capsys.readouterr().err


def test_statistics(folder: Path, capsys: Capture) -> None:
    (folder / "other.yml").write_text(TYPO)
    counts: dict[str, int] = {}
    for finding in lblint.check("stack.yml", "other.yml"):
        counts[finding.rule] = counts.get(finding.rule, 0) + 1
    code = main(["check", "stack.yml", "other.yml"])
    last = capsys.readouterr().out.splitlines()[-1]
    assert main(["check", "--statistics", "stack.yml", "other.yml", "missing.yml"]) == 2
    *lines, blank, unread, end = capsys.readouterr().out.splitlines()
    assert (blank, unread) == ("", "missing.yml: could not check: No such file or directory")
    assert end == f"{last}; 1 file could not be checked"
    shown = [line.split(maxsplit=3) for line in lines]
    assert {rule: int(number) for number, _, rule, _ in shown} == counts
    assert [int(number) for number, *_ in shown] == sorted(counts.values(), reverse=True)
    assert all(summary == rules.load()[rule].summary for *_, rule, summary in shown)
    assert main(["check", "--statistics", "-q", "stack.yml", "other.yml"]) == code
    quiet = capsys.readouterr().out
    assert " error " in quiet
    assert "info" not in quiet
    assert main(["check", "--statistics", "--format", "json", "stack.yml"]) == 1
    assert json.loads(capsys.readouterr().out)["findings"]
    (folder / "stack.yml").write_text(GOOD)
    assert main(["check", "--statistics", "--ignore", "*", "stack.yml"]) == 0
    assert capsys.readouterr().out == "no findings in 1 file\n"


def test_exit_zero(folder: Path, capsys: Capture) -> None:
    for words in (["stack.yml"], ["--fail-on", "info", "stack.yml"], ["--fix", "stack.yml"]):
        assert main(["check", *words]) == 1
        assert main(["check", "--exit-zero", *words]) == 0
    assert main(["check", "--exit-zero", "stack.yml", "missing.yml"]) == 2
    assert main(["check", "--exit-zero", "missing.yml"]) == 2
    assert main(["check", "--exit-zero", "--no-such-option"]) == 2


def test_patterns_and_topics_choose_rules(folder: Path, capsys: Capture) -> None:
    every = found(capsys)
    known = rules.load()
    assert {"invalid-host", "invalid-port"} <= set(every)
    assert set(found(capsys, "--select", "invalid-*")) == {name for name in every if name.startswith("invalid-")}
    assert set(found(capsys, "--select", "invalid-*", "--ignore", "invalid-port")) == {"invalid-host"}
    assert "invalid-port" not in found(capsys, "--ignore", "stack-name-inferred,invalid-*")
    topic = known["invalid-port"].topic
    assert set(found(capsys, "--select", topic)) == {name for name in every if known[name].topic == topic}
    assert not {name for name in found(capsys, "--ignore", topic) if known[name].topic == topic}
    assert lblint.check("stack.yml", select=["invalid-p*"]) == lblint.check("stack.yml", select=["invalid-port"])
    assert found(capsys, "--select", "hrm") == [name for name in every if name in ("legacy-label",)]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nothing-*", "no rule matches 'nothing-*'"),
        ("invalid-prot", "there is no rule 'invalid-prot' (did you mean invalid-port?)"),
        ("ingres-hosts", "there is no rule 'ingres-hosts' (did you mean ingress-hosts?)"),
    ],
)
def test_a_choice_that_chooses_nothing_is_a_mistake(folder: Path, capsys: Capture, name: str, said: str) -> None:
    for option in ("--select", "--ignore"):
        assert main(["check", option, name, "stack.yml"]) == 2
        assert said in capsys.readouterr().err


def test_a_rule_that_is_off_is_selected_by_its_name_alone(folder: Path, capsys: Capture) -> None:
    (folder / ".lblint.yml").write_text("rules: {invalid-port: 'off'}\n")
    assert "invalid-port" in found(capsys, "--select", "invalid-port")
    assert "invalid-port" not in found(capsys, "--select", "invalid-*")
    assert "invalid-port" in found(capsys, "--select", "invalid-*,invalid-port")


def test_rules_are_listed_by_topic(capsys: Capture) -> None:
    assert main(["rules"]) == 0
    text = capsys.readouterr().out
    topic, listed = "", {}
    for line in text.partition("\nPAGE ")[0].splitlines():
        if heading := re.match(r"([a-z-]+): \S", line):
            topic = heading[1]
        elif line:
            listed[line.split()[0]] = topic
    assert listed == {name: rule.topic for name, rule in rules.load().items()}
    assert main(["rules", "--format", "json"]) == 0
    assert {one["rule"]: one["topic"] for one in json.loads(capsys.readouterr().out)} == listed


def test_a_terminal_is_told_of_explain(folder: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    main(["check", "stack.yml"])
    assert "lblint explain" not in capsys.readouterr().out
    monkeypatch.setattr("lblint.cli.output.width", lambda: 100)
    main(["check", "stack.yml"])
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "More on a finding: lblint explain invalid-host"
    assert main(["explain", last.split()[-1]]) == 0
    capsys.readouterr()
    for words in (["-q"], ["--format", "json"], ["--statistics"], ["--ignore", "*"]):
        main(["check", *words, "stack.yml"])
        assert "lblint explain" not in capsys.readouterr().out
