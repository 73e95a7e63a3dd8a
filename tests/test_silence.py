"""What the page of a rule says of silencing it is so: each way, tried on the rule's own bad example."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from fixture import FIXTURES, run

from lblint import rules
from lblint.cli.commands import app
from lblint.lint import Result
from lblint.report.rule_page import NO_COMMENTS, OF_COMMANDS, silence
from lblint.settings import read_settings

RULES = rules.load()
EVERY_RULE = pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.id) for rule in RULES.values()])


def example(rule: rules.Rule) -> Path:
    """The bad example of a rule's page."""
    folder = FIXTURES / "rules" / rule.id
    return next(folder / name for name in ("bad.yml", "bad.toml", "bad.status.json") if (folder / name).exists())


def count(rule: rules.Rule, result: Result) -> int:
    return sum(finding.rule == rule.id for finding in result.findings)


@EVERY_RULE
def test_switched_off_in_the_settings(rule: rules.Rule) -> None:
    way = next((way for way, where in silence(rule) if ".lblint.yml" in where), "")
    assert bool(way) is (rule.on.__name__ != "IngressStatus")  # lblint status reads no settings
    if not way:
        return
    severities = read_settings(way.encode(), ".lblint.yml", "/", RULES.keys).severities
    assert severities == {rule.id: None}
    assert count(rule, run(example(rule), severities=severities, select=frozenset())) == 0


@EVERY_RULE
def test_ignored_for_one_run(rule: rules.Rule) -> None:
    way = next(way for way, where in silence(rule) if "run" in where)
    _, name, *words = way.removesuffix(" ...").split()
    command = app.get_command(click.Context(app), name)
    assert command is not None
    words += [] if name == "status" else ["stack.yml"]
    # A command keeps its first --help: the names of the real one, or the generated help would depend on this test.
    with command.make_context(name, words, help_option_names=["-h", "--help"]) as context:
        assert context.params["ignore"] == (rule.id,)
    assert count(rule, run(example(rule), ignore=frozenset({rule.id}), select=frozenset())) == 0


@EVERY_RULE
def test_a_comment_on_the_line(rule: rules.Rule) -> None:
    ways = [way for way, _ in silence(rule) if way.startswith("#")]
    without = rule.id in NO_COMMENTS or rule.id.startswith("suppression-") or rule.on.__name__ in OF_COMMANDS
    assert bool(ways) is not without
    if not ways:
        return
    path = example(rule)
    before = run(path)
    own = [finding for finding in before.findings if finding.rule == rule.id and finding.file == path.name]
    if not own:  # it stands in a file beside, where a comment would stand as well
        return
    lines = path.read_bytes().decode("utf-8", "surrogateescape").splitlines(keepends=True)
    for number in {finding.position.line for finding in own}:
        line = lines[number - 1].rstrip("\r\n")
        lines[number - 1] = f"{line}  {ways[0]}{lines[number - 1][len(line) :]}"
    after = run(path, "".join(lines))
    assert count(rule, after) == count(rule, before) - len(own)
    assert {one.reason for one in after.silenced if one.finding.rule == rule.id} == {"reason"}
