"""The everyday arguments of `lblint check` are read alike with and without click."""

from __future__ import annotations

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lblint.cli.check import check
from lblint.cli.plain import CHOICES, FLAGS, MULTIPLE, OPTIONS, Plain, parse

VALUES = ["a.yml", "-", "--", "-x.yml", "text", "json", "warning", "always", "", "a=b", "--format", "28", "-n",
          "-nfoo", "-c=x", "--client=28", "--format=json", "sarif", "-oa.xml", "--output=-", "--fail-on=info",
          "--color=", "-qn", "--quiet=1", "-v", "--nginx", "--live", "-h", "ä"]  # fmt: skip
WORDS = st.lists(st.sampled_from([*OPTIONS, *FLAGS, *VALUES]), max_size=7)


def with_click(words: list[str]) -> dict[str, object] | None:
    """The parameters that click reads; None where it complains, or prints help."""
    try:
        return dict(check.make_context("check", list(words)).params)
    except (click.ClickException, click.exceptions.Exit):
        return None


@given(WORDS)
def test_what_is_read_here_click_reads_alike(words: list[str]) -> None:
    plain = parse(["check", *words])
    if plain is None:
        return
    params = with_click(words)
    assert params is not None
    assert {name: params[name] for name in Plain._fields} == plain._asdict()
    others = {name: value for name, value in params.items() if name not in Plain._fields}
    assert not any(others.values()), "options that are not known here have their defaults"


@given(st.lists(st.sampled_from(["a.yml", "b.yml", "-"]), max_size=3), st.sampled_from(sorted(set(OPTIONS))))
def test_the_everyday_forms_are_read_here(files: list[str], option: str) -> None:
    value = CHOICES.get(option, ("x",))[-1]
    plain = parse(["check", *files, option, value])
    assert plain is not None
    assert plain.files == tuple(files)
    read = getattr(plain, OPTIONS[option])
    if OPTIONS[option] == "reports":
        assert read == (((value, ""),) if option == "--format" else (("text", value), ("text", "")))
    else:
        assert read == ((value,) if OPTIONS[option] in MULTIPLE else value)


@pytest.mark.parametrize("flag", sorted(FLAGS))
def test_flags_are_read_here(flag: str) -> None:
    plain = parse(["check", flag, "a.yml"])
    assert plain is not None
    assert plain == Plain(files=("a.yml",))._replace(**{FLAGS[flag]: True})


def test_choices_are_those_of_the_command() -> None:
    choices = {param.opts[-1]: tuple(param.type.choices) for param in check.params
               if isinstance(param.type, click.Choice)}  # fmt: skip
    assert choices == CHOICES


@pytest.mark.parametrize("words", [[], ["rules"], ["check", "--help"], ["check", "-n"], ["check", "--format", "xml"],
                                   ["check", "--live"], ["check", "--fail-on="]], ids=" ".join)  # fmt: skip
def test_the_rest_is_left_to_click(words: list[str]) -> None:
    assert parse(words) is None


def test_defaults_are_those_of_the_command() -> None:
    params = with_click(["a.yml"])
    plain = parse(["check", "a.yml"])
    assert params is not None
    assert plain is not None
    assert {name: params[name] for name in Plain._fields} == plain._asdict()
