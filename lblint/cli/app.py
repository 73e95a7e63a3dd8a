"""The commands."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

import click

from lblint import __version__
from lblint.cli import files as arguments
from lblint.finding import Severity
from lblint.lint import Options, Result, UnknownRuleError, check_stacks
from lblint.source import Source

EXIT_FINDINGS = 1
EXIT_UNCHECKED = 2


class UncheckedError(click.ClickException):
    """Something could not be checked: a sentence on stderr and exit code 2."""

    exit_code = EXIT_UNCHECKED

    def show(self, file: Any = None) -> None:
        """Say it in lblint's own name."""
        click.echo(f"lblint: {self.format_message()}", err=True)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="lblint")
def app() -> None:
    """The gate in front of a shared Docker Swarm ingress: checks stack files before they are deployed."""


def stack_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The arguments that say which stacks are read, and how; the same for every command that reads stacks."""
    for option in reversed((
        click.argument("files", nargs=-1, metavar="[FILE]..."),
        click.option("-c", "--compose-file", "compose_files", multiple=True, metavar="FILE",
                     help="Merge these files into one stack, as docker stack deploy does (repeatable)."),
        click.option("-n", "--stack-name", metavar="NAME",
                     help="The stack's name; inferred where the labels allow only one."),
        click.option("--client", default="", metavar="VERSION",
                     help="The docker client that will deploy (20.10, 27, 28.2.2 …); default: the newest known."),
    )):  # fmt: skip
        command = option(command)
    return command


@app.command()
@stack_options
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True,
              help="How to print the findings.")  # fmt: skip
@click.option("--fail-on", type=click.Choice(["error", "warning", "info"]), default="error", show_default=True,
              help="Exit 1 from this severity on.")  # fmt: skip
@click.option("--select", multiple=True, metavar="RULE", help="Only these rules (repeatable, or with commas).")
@click.option("--ignore", multiple=True, metavar="RULE", help="Not these rules (repeatable, or with commas).")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True,
              help="Colour: auto means on a terminal, without NO_COLOR.")  # fmt: skip
def check(
    files: tuple[str, ...],
    compose_files: tuple[str, ...],
    stack_name: str | None,
    client: str,
    format_: str,
    fail_on: str,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    color: str,
) -> None:
    """Check stack files and say what would break, for whom, and what to write instead.

    Every FILE is a stack of its own, and all of them share one ingress; a folder is searched for stack files; `-` is
    stdin. Exit code: 0 clean, 1 findings at or above --fail-on, 2 could not check.
    """
    from lblint.report import FORMATS

    result = run(files, compose_files, stack_name, client, select=_split(select), ignore=_split(ignore))
    click.echo(FORMATS[format_](result, _color(color)), nl=False, color=True)
    if result.unchecked:
        sys.exit(EXIT_UNCHECKED)
    if any(finding.severity >= Severity[fail_on.upper()] for finding in result.findings):
        sys.exit(EXIT_FINDINGS)


def run(
    files: Sequence[str],
    compose_files: Sequence[str],
    stack_name: str | None,
    client: str,
    select: frozenset[str] = frozenset(),
    ignore: frozenset[str] = frozenset(),
) -> Result:
    """Read what the arguments name and check it; raises `UncheckedError` where that cannot be done."""
    options = Options(stack_name=stack_name, client=client, select=select, ignore=ignore)
    try:
        return check_stacks(sources(files, compose_files, stack_name, client), options)
    except UnknownRuleError as error:
        raise UncheckedError(f"there is no rule {str(error)!r}{_nearest(str(error))}; see lblint rules") from None


def sources(
    files: Sequence[str], compose_files: Sequence[str], stack_name: str | None, client: str
) -> list[list[Source]]:
    """The stacks that the arguments name, each as its files in merge order."""
    from lblint.stack.client import dialect

    if not files and not compose_files:
        raise UncheckedError("no stack file given; name one, a folder, or - for stdin")
    names = arguments.expand(files)
    stacks = [[name] for name in names]
    if compose_files:
        stacks.insert(0, list(compose_files))
    if not stacks:
        raise UncheckedError(f"no stack file found below {', '.join(files)}")
    if stack_name is not None and len(stacks) > 1:
        raise UncheckedError(f"--stack-name names one stack, but {len(stacks)} were given")
    if sum(name == arguments.STDIN for stack in stacks for name in stack) > 1:
        raise UncheckedError("- (stdin) was given twice")
    yaml = dialect(client)
    try:
        return [[arguments.load(name, yaml) for name in stack] for stack in stacks]
    except arguments.UnreadableError as error:
        raise UncheckedError(str(error)) from None


def _split(values: Sequence[str]) -> frozenset[str]:
    return frozenset(name.strip() for value in values for name in value.split(",") if name.strip())


def _nearest(name: str) -> str:
    import difflib

    from lblint import rules

    near = difflib.get_close_matches(name, rules.load(), n=1)
    return f" (did you mean {near[0]}?)" if near else ""


def _color(choice: str) -> bool:
    if choice == "auto":
        return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return choice == "always"
