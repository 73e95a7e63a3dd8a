"""The manual page lblint(1), from click's commands."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click

from lblint.cli.commands import COMMAND_GROUPS, app
from lblint.cli.options import ENVIRONMENT

EXIT_CODES = (
    ("0", "Clean, or only findings below --fail-on."),
    ("1", "Findings at or above --fail-on."),
    ("2", "Something could not be checked."),
    ("130", "Interrupted."),
)


def render() -> str:
    """Return the page in the man macros of roff, one section for each command."""
    group = click.Context(app, info_name="lblint", help_option_names=["-h", "--help"])
    lines = [
        '.\\" Generated from the commands by the tests (pytest --update tests/test_docs.py).',
        '.TH LBLINT 1 "" "lblint" "User Commands"',
        ".SH NAME",
        r"lblint \- check Docker Swarm stack files and their com.docker.lb.* labels before they are deployed",
        ".SH SYNOPSIS",
        r".B lblint",
        r".I COMMAND",
        r"[\fIOPTION\fR]... [\fIARGUMENT\fR]...",
        ".SH DESCRIPTION",
        *_paragraphs(app.help or ""),
    ]
    for heading, names in COMMAND_GROUPS:
        lines += [f".SH {heading.upper()}"]
        for name in names:
            command = app.get_command(group, name)
            assert command is not None
            context = click.Context(command, parent=group, info_name=name)
            lines += _command(command, context)
            for below, one in sorted(command.commands.items()) if isinstance(command, click.Group) else ():
                lines += _command(one, click.Context(one, parent=context, info_name=below))
    lines += [".SH EXIT STATUS", *_table(EXIT_CODES), ".SH ENVIRONMENT", *_table(ENVIRONMENT)]
    return "\n".join(lines) + "\n"


def _command(command: click.Command, context: click.Context) -> Iterator[str]:
    usage = " ".join(command.collect_usage_pieces(context))
    yield f".SS {_escaped(context.command_path)} {_escaped(usage)}"
    yield from _paragraphs(command.help or "")
    if isinstance(command, click.Group):
        yield from _table([(name, one.get_short_help_str(500)) for name, one in sorted(command.commands.items())])
    options = (param for param in command.get_params(context) if isinstance(param, click.Option))
    records = (option.get_help_record(context) for option in options)
    yield from _table([record for record in records if record is not None])


def _table(rows: Iterator[tuple[str, str]] | list[tuple[str, str]] | tuple[tuple[str, str], ...]) -> Iterator[str]:
    for term, text in rows:
        yield from (".TP", rf"\fB{_escaped(term)}\fR", _escaped(text))


def _paragraphs(text: str) -> Iterator[str]:
    """Yield a help text: paragraphs are filled, and those behind click's \\b are left as they are."""
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        lines = [line.strip() for line in paragraph.splitlines()]
        yield ".PP"
        if lines[0] == "\b":
            yield from (".nf", *map(_escaped, lines[1:]), ".fi")
        else:
            yield _escaped(" ".join(lines))


def _escaped(text: str) -> str:
    """Return text in which nothing is a request or an escape."""
    text = text.replace("\\", r"\e").replace("-", r"\-").replace("`", "").replace("…", "...")
    return rf"\&{text}" if text[:1] in (".", "'") else text
