"""`lblint check`."""

from __future__ import annotations

from collections.abc import Sequence

import click

from lblint.cli import EXIT_FINDINGS, EXIT_UNCHECKED, output, stacks
from lblint.cli.app import stack_options
from lblint.finding import Severity
from lblint.lint import Options
from lblint.report import FORMATS


@click.command()
@stack_options
@click.option("--format", "format_", type=click.Choice(list(FORMATS)), default="text", show_default=True,
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
) -> int:
    """Check stack files: what breaks, for whom, and what to write.

    Every FILE is a stack of its own, and all of them share one ingress; a folder is searched for stack files; `-` is
    stdin. Names that start with a dash come after `--`.

    Exit code: 0 clean, 1 findings at or above --fail-on, 2 could not check.
    """
    options = Options(stack_name=stack_name, client=client, select=split(select), ignore=split(ignore))
    result = stacks.check_all(stacks.read_stacks(files, compose_files, stack_name, client), options)
    output.write(FORMATS[format_](result, output.colored(color)))
    if result.unchecked:
        return EXIT_UNCHECKED
    return EXIT_FINDINGS if any(f.severity >= Severity[fail_on.upper()] for f in result.findings) else 0


def split(values: Sequence[str]) -> frozenset[str]:
    """The names in repeated options, each of which may hold several with commas."""
    return frozenset(name.strip() for value in values for name in value.split(",") if name.strip())
