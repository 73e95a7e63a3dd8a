"""Result -> report and exit code: the end of every check, however its arguments were read."""

from __future__ import annotations

from collections.abc import Sequence

from lblint.cli import EXIT_FINDINGS, EXIT_UNCHECKED, output, stacks
from lblint.cli.plain import Plain
from lblint.finding import Severity
from lblint.lint import Options, Result
from lblint.report import FORMATS


def check(plain: Plain) -> int:
    """A check with nothing but the everyday options; its exit code."""
    options = Options(
        stack_name=plain.stack_name, client=plain.client, select=split(plain.select), ignore=split(plain.ignore)
    )
    given = stacks.read_stacks(plain.files, plain.compose_files, plain.stack_name, plain.client, configs=True)
    return report(stacks.check_all(given, options), plain.format_, plain.fail_on, plain.color)


def report(result: Result, format_: str, fail_on: str, color: str) -> int:
    """Print a result; 0, or 1 for findings at or above `fail_on`, or 2 where something could not be checked."""
    output.write(FORMATS[format_](result, output.colored(color)))
    if result.unchecked:
        return EXIT_UNCHECKED
    return EXIT_FINDINGS if any(f.severity >= Severity[fail_on.upper()] for f in result.findings) else 0


def split(values: Sequence[str]) -> frozenset[str]:
    """The names in repeated options, each of which may hold several with commas."""
    return frozenset(name.strip() for value in values for name in value.split(",") if name.strip())
