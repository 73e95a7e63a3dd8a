"""One table of options: click and the reader without click take the same arguments for the same."""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import click
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stacks import BAD, GOOD

import lblint
from lblint.cli.check import check
from lblint.cli.check_arguments import parse
from lblint.cli.commands import COMMANDS, app, command
from lblint.cli.options import CLIENT, FAIL_ON, FILES, NUMBER, OPTIONS, SUPPRESS, Option
from lblint.lint import Options

ALL = [(name, option) for name, options in OPTIONS.items() for option in options]
CHECK = [option for option in OPTIONS["check"] if option.names]
QUICK = [option for option in CHECK if not option.optional_value]
"""What is read without click."""
CLI = Path(lblint.__file__).parent / "cli"
VALUES = ["a.yml", "-", "--", "-x.yml", "", "a=b", "28", "-nfoo", "-c=x", "-oa.xml", "-qn", "-qv", "--quiet=1", "-h",
          "--help", "--nginx=x", "--color=", "--what", "ä"]  # fmt: skip


@st.composite
def uses(draw: st.DrawFn, options: list[Option], sound: bool) -> list[str]:
    """The words of an option in one of its forms; if not `sound`, its value may be missing, or one that it has not."""
    option = draw(st.sampled_from(options))
    name = draw(st.sampled_from(option.names))
    if option.flag:
        return [name]
    value = draw(st.sampled_from(option.all_choices() or VALUES) if sound else st.sampled_from(VALUES))
    joined = f"{name}={value}" if name.startswith("--") else name + (value or "x")
    return draw(st.sampled_from([[name, value], [joined], *([] if sound else [[name]])]))


def flat(found: list[list[str]]) -> list[str]:
    """All words of several options."""
    return [word for words in found for word in words]


WORDS = st.lists(
    st.one_of(uses(CHECK, sound=True), uses(CHECK, sound=False), st.sampled_from(VALUES).map(lambda word: [word])),
    max_size=5,
).map(flat)


def with_click(words: list[str]) -> dict[str, object] | None:
    """The parameters that click reads; None where it complains, or prints help."""
    try:
        return dict(command("check", check).make_context("check", list(words)).params)
    except (click.ClickException, click.exceptions.Exit):
        return None


@given(WORDS)
@settings(max_examples=1000, deadline=None)
def test_what_is_read_here_click_reads_alike(words: list[str]) -> None:
    found = parse(["check", *words])
    if found is not None:
        assert found == with_click(words)


@given(st.lists(uses(QUICK, sound=True), max_size=5).map(flat))
@settings(max_examples=1000, deadline=None)
def test_what_click_reads_of_these_options_is_read_here(words: list[str]) -> None:
    assert parse(["check", *words]) == with_click(words)


@pytest.mark.parametrize("option", QUICK, ids=lambda option: option.names[-1])
def test_every_option_is_read_here(option: Option) -> None:
    for name in option.names:
        value = "3" if option.kind == NUMBER else (option.all_choices() or ("x",))[-1]
        also = {"--unsafe-fixes": ["--diff"]}.get(name, [])
        found = parse(["check", "a.yml", name, *([] if option.flag else [value]), *also, "-"])
        assert found is not None
        assert found[FILES.parameter] == ("a.yml", "-")
        if option.ordered:
            assert found["reports"] == (((value, ""),) if option.choices else (("text", value), ("text", "")))
        else:
            assert found[option.parameter] == (
                True if option.flag else (value,) if option.multiple else 3 if option.kind == NUMBER else value
            )


@pytest.mark.parametrize("words", [[], ["rules"], ["check", "--help"], ["check", "-h"], ["check", "-n"],
                                   ["check", "--format", "xml"], ["check", "--fail-on="], ["check", "--nginx"],
                                   ["check", "-n", "--nginx"], ["check", "--nginx=x"], ["check", "--unsafe-fixes"],
                                   ["check", "--fix", "--write-baseline", "a"]], ids=" ".join)  # fmt: skip
def test_the_rest_is_left_to_click(words: list[str]) -> None:
    assert parse(words) is None


def test_defaults_are_those_of_the_command() -> None:
    assert parse(["check", "a.yml"]) == with_click(["a.yml"])


def function(name: str) -> Callable[..., Any]:
    """The function of a command."""
    group, _, inner = name.partition(" ")
    if not inner:
        found: Callable[..., Any] = getattr(import_module(f"lblint.cli.{COMMANDS[name]}"), name)
        return found
    modules = (import_module(f"lblint.cli.{path.stem}") for path in CLI.glob(f"{group}*.py"))
    (found,) = (vars(module)[inner] for module in modules if inner in vars(module))
    return found


def command_of(name: str) -> click.Command | None:
    """A command as click has it; one of a group by the names of both."""
    group, _, inner = name.partition(" ")
    found = app.get_command(click.Context(app), group)
    return found.get_command(click.Context(found), inner) if inner and isinstance(found, click.Group) else found


@pytest.mark.parametrize("name", sorted(OPTIONS))
def test_a_function_takes_what_its_command_has(name: str) -> None:
    wanted = {option.parameter for option in OPTIONS[name] if not option.ordered}
    if name == "check":
        wanted.add("reports")
    parameters = inspect.signature(function(name)).parameters.values()
    named = {one.name for one in parameters if one.kind is not one.VAR_KEYWORD}
    assert named <= wanted
    assert named == wanted or any(one.kind is one.VAR_KEYWORD for one in parameters)


@pytest.mark.parametrize(("name", "option"), ALL, ids=lambda one: one if isinstance(one, str) else one.parameter)
def test_click_has_what_the_table_says(name: str, option: Option) -> None:
    found = command_of(name)
    assert found is not None
    (param,) = (param for param in found.params if param.name == option.parameter)
    assert tuple(param.opts) == (option.names or (option.parameter,))
    assert param.required is option.required
    assert (param.multiple or param.nargs == -1) is option.multiple
    assert getattr(param, "is_flag", False) is option.flag
    if option.choices:
        assert isinstance(param.type, click.Choice)
        assert tuple(param.type.choices) == option.all_choices()
    if option.default is not None:
        assert param.get_default(click.Context(found)) == option.default
    assert option.parameter in found.make_context(name, [], resilient_parsing=True).params or option.ordered


def test_options_of_one_name_within_a_command_are_one() -> None:
    for options in OPTIONS.values():
        names = [name for option in options for name in option.names]
        assert len(names) == len(set(names))


def test_defaults_are_those_of_the_library() -> None:
    assert SUPPRESS.default == Options().silencing.suppress
    assert CLIENT.default == Options().stack.client
    assert FAIL_ON.all_choices() == ("error", "warning", "info")


LOADED = """\
import sys
from lblint.cli import main
code = main(sys.argv[1:])
sys.stderr.write(f"{code} {'click' in sys.modules}")
"""


@pytest.mark.parametrize(
    ("words", "code"),
    [
        pytest.param([], 0, id="plain"),
        pytest.param(["--format", "sarif", "-o", "a.sarif", "--fail-on", "warning", "-q", "--"], 0, id="report"),
        pytest.param(["--diff"], 0, id="diff"),
        pytest.param(["--write-baseline", "base.json"], 0, id="baseline"),
        pytest.param(["--select", "invalid-host", "bad.yml"], 1, id="finding"),
        pytest.param(["--select", "no-such-rule"], 2, id="no such rule"),
    ],
)
def test_a_plain_check_does_not_import_click(tmp_path: Path, words: list[str], code: int) -> None:
    (tmp_path / "stack.yml").write_text(GOOD)
    (tmp_path / "bad.yml").write_text(BAD)
    argv = [sys.executable, "-c", LOADED, "check", *words, "stack.yml"]
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    done = subprocess.run(argv, cwd=tmp_path, env=env, capture_output=True, text=True, check=True, timeout=60)
    assert done.stderr.endswith(f"{code} False")


READER = "import sys; import lblint.cli.check_arguments; print(*sys.modules)"


def test_the_reader_imports_no_other_part_of_lblint() -> None:
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    done = subprocess.run([sys.executable, "-c", READER], env=env, capture_output=True, text=True, check=True)
    assert {name for name in done.stdout.split() if name.partition(".")[0] in ("lblint", "click")} == {
        "lblint", "lblint.cli", "lblint.cli.exit_codes", "lblint.cli.options", "lblint.cli.check_arguments",
        "lblint.cli.report_targets", "lblint.records",
    }  # fmt: skip
